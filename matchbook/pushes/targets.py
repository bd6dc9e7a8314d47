"""Where an audience goes: its group at one destination, whether it follows, what is held there."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchbook import state
from matchbook.clock import utc_naive
from matchbook.errors import ConfigError
from matchbook.pushes.tables import push_targets as _TABLE
from matchbook.settings import Settings

CEP = "mapp_cep"
WEBHOOK = "webhook"
"""The client's own system."""
LONGEST_NAME = 150


@dataclass(frozen=True)
class Target:
    """One audience at one destination. Times are naive UTC."""

    client_id: str
    audience_id: str
    destination: str
    """`mapp_cep`, `webhook` or a partner's id."""
    name: str
    """Of the group there."""
    made_at: datetime
    made_by: str
    group_email: str | None = None
    group_id: int | None = None
    group_step: str = "none"
    """none, asked (a clone may be there), cloned, tagged (it is ours and says so)."""
    follows: bool = False
    """Kept up to date after each night."""
    stopped_at: datetime | None = None
    stopped_by: str | None = None
    file_name: str | None = None
    held: int = 0

    @property
    def key(self) -> tuple[str, str, str]:
        """Client, audience and destination."""
        return self.client_id, self.audience_id, self.destination

    @property
    def tag(self) -> str:
        """What the group says of itself, so that it can be found again."""
        return f"{self.client_id}/{self.audience_id}"

    def email_at(self, domain: str) -> str:
        """The group's own address: the same each time, so that it can be cloned only once."""
        digest = hashlib.sha256(self.tag.encode()).hexdigest()[:10]
        plain = re.sub(r"[^a-z0-9-]", "", self.audience_id)[:40].strip("-") or "audience"
        return f"matchbook-{plain}-{digest}@{domain}"


def group_name(text: str) -> str:
    """A name that a group can have: one line, no markup, at most 150 characters."""
    plain = "".join(" " if c.isspace() else c for c in unicodedata.normalize("NFC", text))
    plain = "".join(c for c in plain if c.isprintable() and c not in "<>&\"'\\")
    return re.sub(r" +", " ", plain).strip()[:LONGEST_NAME].strip()


def find(
    settings: Settings, client_id: str, audience_id: str, destination: str = CEP
) -> Target | None:
    """The target, stopped or not; None when the audience never went there."""
    found = _read(settings, _is(client_id, audience_id, destination))
    return found[0] if found else None


def of_client(settings: Settings, client_id: str) -> list[Target]:
    """Where a client's audiences go or went, oldest first."""
    return _read(settings, _TABLE.c.client_id == client_id)


def following(settings: Settings) -> list[Target]:
    """All that are kept up to date."""
    return _read(settings, _TABLE.c.follows, _TABLE.c.stopped_at.is_(None))


def resting(settings: Settings) -> list[Target]:
    """All that hold somebody and are not kept up to date, or not any more."""
    is_resting = sa.or_(sa.not_(_TABLE.c.follows), _TABLE.c.stopped_at.is_not(None))
    return _read(settings, is_resting, _TABLE.c.held > 0)


def begin(
    settings: Settings,
    client_id: str,
    audience_id: str,
    destination: str,
    *,
    name: str,
    follows: bool,
    by: str,
) -> Target:
    """Send the audience there from now on; a stopped one goes on with its own group.

    Raises ConfigError for a name that cannot be a group's or that another audience uses there.
    """
    wanted = group_name(name)
    _check_name(settings, client_id, audience_id, destination, wanted)
    before = find(settings, client_id, audience_id, destination)
    if before is None:
        made = Target(client_id, audience_id, destination, wanted,
                      utc_naive(settings.clock.now()), by, follows=follows)  # fmt: skip
        if _is_first(settings, made):
            return made
        before = find(settings, client_id, audience_id, destination)
        assert before is not None, "somebody began it at the same moment"
    known = {"name": wanted} if before.group_id is None else {}
    return change(settings, before, follows=follows, stopped_at=None, stopped_by=None, **known)


def _is_first(settings: Settings, made: Target) -> bool:
    try:
        with state.begin(settings) as connection:
            connection.execute(_TABLE.insert().values(vars(made)))
    except sa.exc.IntegrityError:  # a second click
        return False
    return True


def change(settings: Settings, target: Target, **values: Any) -> Target:
    """Write some fields; the target as it is now."""
    with state.begin(settings) as connection:
        update(connection, target, **values)
    found = find(settings, target.client_id, target.audience_id, target.destination)
    assert found is not None, "a target that was never begun"
    return found


def update(connection: sa.Connection, target: Target, **values: Any) -> None:
    """The same inside a transaction."""
    is_it = _is(target.client_id, target.audience_id, target.destination)
    connection.execute(_TABLE.update().where(is_it).values(values))


def _check_name(
    settings: Settings, client_id: str, audience_id: str, destination: str, name: str
) -> None:
    if not name:
        raise ConfigError(
            "The group has no name.", kept="Nothing was pushed.", todo="Give it one in letters."
        )
    for other in of_client(settings, client_id):
        same_place = other.destination == destination and other.audience_id != audience_id
        if same_place and other.name.casefold() == name.casefold():
            raise ConfigError(
                "Another audience's group has this name already.",
                kept="Nothing was pushed.",
                todo="Choose another name.",
            )


def _read(settings: Settings, *conditions: sa.ColumnElement[bool]) -> list[Target]:
    query = sa.select(_TABLE).where(*conditions).order_by(_TABLE.c.made_at, _TABLE.c.audience_id)
    with state.begin(settings) as connection:
        return [Target(**row._mapping) for row in connection.execute(query)]


def _is(client_id: str, audience_id: str, destination: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        _TABLE.c.client_id == client_id,
        _TABLE.c.audience_id == audience_id,
        _TABLE.c.destination == destination,
    )
