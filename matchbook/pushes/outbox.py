"""The outbox: pushes, the intents of each, and what became of them one by one.

A push waits (of many people also for a second person), runs, perhaps waits again after a failure,
and ends as done, failed, stuck (a person has to look), refused (too few people), cancelled or
replaced by the next one. An intent is planned, then sent (the call may have left), then confirmed,
rejected or unknown; unknown is settled by reading. Times are naive UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchbook import state
from matchbook.clock import utc_naive
from matchbook.pushes.tables import push_members as _MEMBERS
from matchbook.pushes.tables import pushes as _TABLE
from matchbook.settings import Settings

OPEN = ("waiting", "running", "cancelling")
"""A worker goes on with these by itself."""
UNCONFIRMED = "unconfirmed"
"""It waits for a second person, and nothing of it has left."""
UNSETTLED = ("failed", "stuck")
"""These can be tried again; else the next push settles what they left."""


@dataclass(frozen=True)
class Push:
    """One push."""

    push_id: int
    idempotency_key: str
    client_id: str
    audience_id: str
    destination: str
    kind: str
    """fill: as the audience is; empty: nobody is to stay; leave: only who opted out goes."""
    state: str
    asked_at: datetime
    asked_by: str
    planned_at: datetime | None
    ended_at: datetime | None
    refresh_id: int | None
    as_of: datetime | None
    funnel: dict[str, Any] | None
    failures: int
    next_attempt_at: datetime | None
    reason_code: str | None
    reason: str | None
    read_back: dict[str, int] | None
    confirmed_by: str | None = None
    """The second person, where one was wanted."""
    confirmed_at: datetime | None = None

    @property
    def target(self) -> tuple[str, str, str]:
        """Client, audience and destination."""
        return self.client_id, self.audience_id, self.destination


@dataclass(frozen=True)
class Intent:
    """One person of a push."""

    contact_id: int
    action: str
    """add or remove; check: found gone by reading back."""
    state: str
    reason: str | None
    attempts: int


def ask(
    settings: Settings,
    client_id: str,
    audience_id: str,
    destination: str,
    *,
    key: str,
    by: str,
    kind: str = "fill",
) -> Push:
    """Ask for a push; the one already asked for when the key has been used."""
    row = {
        "idempotency_key": key, "client_id": client_id, "audience_id": audience_id,
        "destination": destination, "kind": kind, "state": "waiting", "failures": 0,
        "asked_at": utc_naive(settings.clock.now()), "asked_by": by,
    }  # fmt: skip
    is_it = _TABLE.c.idempotency_key == key
    with state.begin(settings) as connection:
        if connection.execute(sa.select(_TABLE.c.push_id).where(is_it)).first() is None:
            # The other click may be quicker: it is the same push.
            with suppress(sa.exc.IntegrityError), connection.begin_nested():
                connection.execute(_TABLE.insert().values(row))
    return _select(settings, is_it)[0]


def get(settings: Settings, push_id: int) -> Push:
    """One push as it stands."""
    return _select(settings, _TABLE.c.push_id == push_id)[0]


def of_client(settings: Settings, client_id: str) -> list[Push]:
    """All of a client, newest first."""
    return _select(settings, _TABLE.c.client_id == client_id)[::-1]


def of_target(settings: Settings, target: tuple[str, str, str]) -> list[Push]:
    """All of one audience at one destination, oldest first."""
    return _select(settings, _is_target(target))


def open_ones(settings: Settings) -> list[Push]:
    """What a worker goes on with, oldest first, also while it waits for its time."""
    return _select(settings, _TABLE.c.state.in_(OPEN))


def unconfirmed(settings: Settings) -> list[Push]:
    """Those that wait for a second person, oldest first."""
    return _select(settings, _TABLE.c.state == UNCONFIRMED)


def plan(
    settings: Settings,
    push: Push,
    intents: Sequence[tuple[int, str]],
    **known: Any,
) -> None:
    """Write all intents and the account they come from, in one step, before the first byte."""
    rows = [
        {"push_id": push.push_id, "contact_id": contact, "action": action, "state": "planned",
         "attempts": 0}
        for contact, action in intents
    ]  # fmt: skip
    values = {"planned_at": utc_naive(settings.clock.now()), "state": "running", **known}
    with state.begin(settings) as connection:
        connection.execute(_MEMBERS.delete().where(_MEMBERS.c.push_id == push.push_id))
        if rows:
            connection.execute(_MEMBERS.insert(), rows)
        connection.execute(_TABLE.update().where(_is(push)).values(values))


def intents(settings: Settings, push: Push, *states: str, limit: int | None = None) -> list[Intent]:
    """Those in one of these states, or all: removals first, those that failed before last."""
    query = (
        sa.select(_MEMBERS)
        .where(_MEMBERS.c.push_id == push.push_id)
        .order_by(_MEMBERS.c.attempts, _MEMBERS.c.action.desc(), _MEMBERS.c.contact_id)
        .limit(limit)
    )
    if states:
        query = query.where(_MEMBERS.c.state.in_(states))
    names = tuple(Intent.__dataclass_fields__)
    with state.begin(settings) as connection:
        rows = connection.execute(query).all()
    return [Intent(**{name: row._mapping[name] for name in names}) for row in rows]


def begin(settings: Settings, push: Push, some: Sequence[Intent]) -> None:
    """From here on the calls for these may have left."""
    _set(settings, push, [one.contact_id for one in some], state="sent")


def take_back(settings: Settings, push: Push, some: Sequence[Intent]) -> None:
    """The calls for these have certainly not left."""
    _set(settings, push, [one.contact_id for one in some], state="planned")


def settle(settings: Settings, push: Push, intent: Intent, word: str, reason: str | None) -> None:
    """What became of one; an outcome ends the row of failures.

    Lost in a power cut it is `sent` again, and looked up.
    """
    is_it = (_MEMBERS.c.push_id == push.push_id) & (_MEMBERS.c.contact_id == intent.contact_id)
    more = {"attempts": _MEMBERS.c.attempts + 1} if word == "unknown" else {}
    with state.begin(settings, durable=False) as connection:
        connection.execute(_MEMBERS.update().where(is_it).values(state=word, reason=reason, **more))
        if word in ("confirmed", "rejected") and push.failures:
            connection.execute(_TABLE.update().where(_is(push)).values(failures=0))


def found_gone(settings: Settings, push: Push, contact_id: int) -> None:
    """Somebody whom the group held is no member any more, and not by us."""
    row = {"push_id": push.push_id, "contact_id": contact_id, "action": "check",
           "state": "confirmed", "reason": "left", "attempts": 0}  # fmt: skip
    # Known already when a worker died right after it was noted.
    with suppress(sa.exc.IntegrityError), state.begin(settings) as connection:
        connection.execute(_MEMBERS.insert().values(row))


def drop_planned(settings: Settings, push: Push) -> None:
    """Those that never left are not sent any more."""
    with state.begin(settings) as connection:
        is_it = (_MEMBERS.c.push_id == push.push_id) & (_MEMBERS.c.state == "planned")
        connection.execute(_MEMBERS.update().where(is_it).values(state="dropped"))


def note(settings: Settings, push: Push, **values: Any) -> Push:
    """Write some fields of a push; the push as it is now."""
    with state.begin(settings) as connection:
        update(connection, push, **values)
    return get(settings, push.push_id)


def update(connection: sa.Connection, push: Push, **values: Any) -> None:
    """The same inside a transaction."""
    connection.execute(_TABLE.update().where(_is(push)).values(values))


def counts(settings: Settings, push: Push) -> dict[tuple[str, str, str], int]:
    """How many intents by action, state and reason."""
    columns = (_MEMBERS.c.action, _MEMBERS.c.state, sa.func.coalesce(_MEMBERS.c.reason, ""))
    query = (
        sa.select(*columns, sa.func.count())
        .where(_MEMBERS.c.push_id == push.push_id)
        .group_by(*columns)
    )
    with state.begin(settings) as connection:
        return {(row[0], row[1], row[2]): row[3] for row in connection.execute(query)}


def _set(settings: Settings, push: Push, contacts: list[int], **values: Any) -> None:
    with state.begin(settings) as connection:
        is_it = (_MEMBERS.c.push_id == push.push_id) & _MEMBERS.c.contact_id.in_(contacts)
        connection.execute(_MEMBERS.update().where(is_it).values(values))


def _select(settings: Settings, *conditions: sa.ColumnElement[bool]) -> list[Push]:
    query = sa.select(_TABLE).where(*conditions).order_by(_TABLE.c.push_id)
    with state.begin(settings) as connection:
        return [Push(**row._mapping) for row in connection.execute(query)]


def _is(push: Push) -> sa.ColumnElement[bool]:
    return _TABLE.c.push_id == push.push_id


def _is_target(target: tuple[str, str, str]) -> sa.ColumnElement[bool]:
    columns = (_TABLE.c.client_id, _TABLE.c.audience_id, _TABLE.c.destination)
    return sa.and_(*(column == value for column, value in zip(columns, target, strict=True)))
