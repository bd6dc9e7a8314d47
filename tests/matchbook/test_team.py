"""The team: inviting, changing, removing, operators."""

from __future__ import annotations

import pytest

from matchbook import audit, registry, sign_ins, team
from matchbook.access import Role
from matchbook.errors import ConfigError, NotSignedIn
from matchbook.registry import Client, Registry
from matchbook.settings import Settings
from tests.signing_in import SIGN_IN, claims

ANNA, BEN = "anna@oak.example", "ben@oak.example"


@pytest.fixture(autouse=True)
def _clients(settings: Settings) -> None:
    clients = tuple(Client(client_id=c, name=c.title(), time_zone="UTC") for c in ("oak", "elm"))
    registry.replace(settings, Registry(clients=clients), by="test")


def roles(settings: Settings, client_id: str = "oak") -> dict[str, str]:
    return {member.email: member.role for member in team.members(settings, client_id)}


def test_invited_changed_and_removed(settings: Settings) -> None:
    team.put(settings, f" {ANNA.upper()} ", "oak", Role.MANAGER, by="cli")
    team.put(settings, BEN, "oak", Role.ANALYST, by=ANNA)
    team.put(settings, BEN, "elm", Role.MARKETER, by="cli")
    team.put(settings, BEN, "oak", Role.MARKETER, by=ANNA)
    assert roles(settings) == {ANNA: "manager", BEN: "marketer"}
    team.remove(settings, BEN, "oak", by=ANNA)
    assert roles(settings) == {ANNA: "manager"}
    assert roles(settings, "elm") == {BEN: "marketer"}
    done = [(one.actor, one.action, one.about) for one in audit.events(settings, client_id="oak")]
    assert done == [
        (ANNA, "team_remove", BEN),
        (ANNA, "team_put", f"{BEN} as marketer"),
        (ANNA, "team_put", f"{BEN} as analyst"),
        ("cli", "team_put", f"{ANNA} as manager"),
    ]


@pytest.mark.parametrize("role", [Role.ANALYST, Role.MARKETER, None])
def test_a_client_keeps_a_manager(settings: Settings, role: Role | None) -> None:
    team.put(settings, ANNA, "oak", Role.MANAGER, by="cli")
    with pytest.raises(ConfigError, match="only manager"):
        (
            team.put(settings, ANNA, "oak", role, by=ANNA)
            if role
            else team.remove(settings, ANNA, "oak", by=ANNA)
        )
    team.put(settings, BEN, "oak", Role.MANAGER, by=ANNA)
    team.remove(settings, ANNA, "oak", by=BEN)
    assert roles(settings) == {BEN: "manager"}


def test_operators_are_at_no_client(settings: Settings) -> None:
    team.set_operator(settings, BEN, is_operator=True, by="cli")
    assert team.operators(settings) == [BEN]
    assert roles(settings) == {}
    team.set_operator(settings, BEN, is_operator=False, by="cli")
    assert team.operators(settings) == []


@pytest.mark.parametrize("email", ["", "anna", "a b@c", "a@b@c", "x" * 70 + "@b", "a\n@b", "a,b@c"])
def test_what_is_no_address_is_refused(settings: Settings, email: str) -> None:
    with pytest.raises(ConfigError, match="not an e-mail address"):
        team.put(settings, email, "oak", Role.ANALYST, by="cli")
    assert audit.events(settings) == []


def test_a_client_has_to_be_there(settings: Settings) -> None:
    with pytest.raises(ConfigError, match="no such client"):
        team.put(settings, ANNA, "ash", Role.ANALYST, by="cli")
    with pytest.raises(ConfigError, match="Nobody of this address"):
        team.remove(settings, ANNA, "oak", by="cli")


def test_nothing_of_a_sign_in_is_kept_of_whoever_left(settings: Settings) -> None:
    team.put(settings, ANNA, "oak", Role.MANAGER, by="cli")
    team.put(settings, BEN, "oak", Role.ANALYST, by=ANNA)
    first = claims(BEN, sub="1")
    sign_ins.person(settings, first, SIGN_IN, is_active=True)
    team.remove(settings, BEN, "oak", by=ANNA)
    with pytest.raises(NotSignedIn, match="nobody has invited"):
        sign_ins.person(settings, first, SIGN_IN, is_active=True)
    # Invited again they are whoever the provider says then.
    team.put(settings, BEN, "oak", Role.ANALYST, by=ANNA)
    sign_ins.person(settings, claims(BEN, sub="2"), SIGN_IN, is_active=True)
