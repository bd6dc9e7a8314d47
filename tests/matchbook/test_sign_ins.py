"""Sessions: their age, their idle limit, and their end."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from matchbook import audit, registry, sign_ins, state, team
from matchbook.access import Role
from matchbook.clock import Clock, utc_naive
from matchbook.errors import NotSignedIn
from matchbook.registry import Client, Registry
from matchbook.settings import Settings
from matchbook.team_tables import sign_ins as table
from tests.signing_in import SIGN_IN, claims

ANNA = "anna@oak.example"


@pytest.fixture(autouse=True)
def _anna(settings: Settings) -> None:
    oak = Client(client_id="oak", name="Oak", time_zone="UTC")
    registry.replace(settings, Registry(clients=(oak,)), by="test")
    team.put(settings, ANNA, "oak", Role.MARKETER, by="test")


def enter(settings: Settings, said: dict[str, Any], *, is_active: bool = True) -> str:
    """Who it is, or why they are not let in."""
    try:
        return sign_ins.person(settings, said, SIGN_IN, is_active=is_active).name
    except NotSignedIn as error:
        return error.reason


def seen(settings: Settings, minutes_ago: int) -> None:
    at = utc_naive(Clock().now()) - timedelta(minutes=minutes_ago)
    with state.begin(settings) as connection:
        connection.execute(table.update().values(seen_at=at))


def seen_lately(settings: Settings) -> bool:
    with state.begin(settings) as connection:
        at = connection.execute(sa.select(table.c.seen_at)).scalar_one()
    return bool(utc_naive(Clock().now()) - at < timedelta(minutes=1))


def test_the_roles_are_those_of_now(settings: Settings) -> None:
    said = claims(ANNA)
    assert sign_ins.person(settings, said, SIGN_IN, is_active=True).roles == {"oak": Role.MARKETER}
    team.put(settings, ANNA, "oak", Role.MANAGER, by="test")
    assert sign_ins.person(settings, said, SIGN_IN, is_active=True).roles == {"oak": Role.MANAGER}
    assert [e.action for e in audit.of_installation(settings)] == ["signed_in"]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"is_logged_in": False}, "none"),
        ({}, "none"),
        (claims(ANNA, iat="soon"), "none"),
        (claims(""), "unverified"),
        (claims(ANNA, email_verified=False), "unverified"),
        (claims("eve@oak.example"), "unknown"),
        (claims(ANNA, iat=int(time.time()) - 8 * 3600 - 5), "age"),
        (claims(ANNA, iat=int(time.time()) + 3600), "age"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_who_is_not_let_in(settings: Settings, said: dict[str, Any], reason: str) -> None:
    assert enter(settings, said) == reason


def test_a_session_ends_after_its_hours_however_active(settings: Settings) -> None:
    said = claims(ANNA, iat=int(time.time()) - 8 * 3600 + 30)
    assert enter(settings, said) == ANNA
    shorter = replace(SIGN_IN, longest=timedelta(hours=7))
    with pytest.raises(NotSignedIn, match="lasted long enough"):
        sign_ins.person(settings, said, shorter, is_active=True)


@pytest.mark.parametrize(("minutes", "found"), [(29, ANNA), (31, "idle")])
def test_whoever_does_nothing_is_out(settings: Settings, minutes: int, found: str) -> None:
    said = claims(ANNA)
    enter(settings, said)
    seen(settings, minutes)
    assert enter(settings, said) == found


def test_a_page_that_draws_itself_anew_is_nobody(settings: Settings) -> None:
    said = claims(ANNA)
    enter(settings, said)
    seen(settings, 20)
    assert enter(settings, said, is_active=False) == ANNA
    assert not seen_lately(settings)
    assert enter(settings, said) == ANNA
    assert seen_lately(settings)


def test_signing_out_ends_this_session_and_no_other(settings: Settings) -> None:
    here, there = claims(ANNA, nonce="1"), claims(ANNA, nonce="2")
    enter(settings, here)
    enter(settings, there)
    sign_ins.end(settings, here)
    assert (enter(settings, here), enter(settings, there)) == ("ended", ANNA)


def test_signing_out_everywhere_ends_those_never_seen_too(settings: Settings) -> None:
    here = claims(ANNA, nonce="1")
    never_seen = claims(ANNA, nonce="2", iat=int(time.time()) - 60)
    enter(settings, here)
    team.sign_out(settings, ANNA, by=ANNA)
    assert (enter(settings, here), enter(settings, never_seen)) == ("ended", "ended")
    assert enter(settings, claims(ANNA, nonce="3", iat=int(time.time()) + 2)) == ANNA


def test_an_address_that_became_somebody_elses_lets_nobody_in(settings: Settings) -> None:
    assert enter(settings, claims(ANNA, sub="1")) == ANNA
    assert enter(settings, claims(ANNA, sub="2")) == "other"
    assert enter(settings, claims(ANNA, sub="1", iss="https://elsewhere.example")) == "other"


def test_two_tabs_at_once_are_one_session(settings: Settings) -> None:
    said, found = claims(ANNA), []
    tabs = [threading.Thread(target=lambda: found.append(enter(settings, said))) for _ in range(8)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert found == [ANNA] * 8
    with state.begin(settings) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 1
