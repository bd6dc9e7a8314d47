"""What people did that others may want to see later: who, when, what and to how many.

Append-only, and never who was in it: the log of look-ups must not be a list of people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from matchbook import state
from matchbook.clock import utc_naive
from matchbook.settings import Settings

_TABLE = state.audit_events

LONGEST = 200

HEADER = ("happened_at_utc", "actor", "client", "action", "about", "subjects")
"""The columns of an export."""


@dataclass(frozen=True)
class Event:
    """One thing somebody did."""

    happened_at: datetime
    """UTC, without a zone."""
    actor: str
    client_id: str | None
    action: str
    """A short code, as `match_lookup`."""
    subjects: int
    """How many people or records it was about."""
    about: str = ""
    """Which file, page or colleague; never who was in it."""


def record(
    settings: Settings,
    *,
    actor: str,
    client_id: str | None,
    action: str,
    subjects: int,
    about: str = "",
) -> None:
    """Add an event of this moment; `about` names a thing or a colleague, never a subject."""
    with state.begin(settings) as connection:
        connection.execute(
            _TABLE.insert().values(
                happened_at=utc_naive(settings.clock.now()),
                actor=actor,
                client_id=client_id,
                action=action,
                subjects=subjects,
                about=about[:LONGEST] or None,
            )
        )


def expire(connection: sa.Connection, settings: Settings, before: datetime) -> int:
    """Remove events from before a moment, having noted so: without that, none can be removed."""
    is_old = _TABLE.c.happened_at < before
    old = connection.execute(sa.select(sa.func.count()).where(is_old).select_from(_TABLE)).scalar()
    if not old:
        return 0
    note = {"actor": "retention", "action": "audit_expired", "subjects": old}
    now = utc_naive(settings.clock.now())
    connection.execute(_TABLE.insert().values(happened_at=now, **note))
    return connection.execute(_TABLE.delete().where(is_old)).rowcount


def events(settings: Settings, *, client_id: str | None = None) -> list[Event]:
    """The newest first; of one client, or all."""
    is_asked = [] if client_id is None else [_TABLE.c.client_id == client_id]
    return _read(settings, *is_asked)


def of_installation(settings: Settings) -> list[Event]:
    """What belongs to no client: sign-ins, operators, and asking for what is another client's."""
    return _read(settings, _TABLE.c.client_id.is_(None))


def as_row(event: Event) -> tuple[str, ...]:
    """An event as the cells of HEADER."""
    at = event.happened_at.isoformat(timespec="seconds")
    client = event.client_id or ""
    return at, event.actor, client, event.action, event.about, str(event.subjects)


def _read(settings: Settings, *is_asked: sa.ColumnElement[bool]) -> list[Event]:
    query = sa.select(_TABLE).where(*is_asked).order_by(_TABLE.c.event_id.desc())
    with state.begin(settings) as connection:
        found = connection.execute(query).all()
    return [
        Event(r.happened_at, r.actor, r.client_id, r.action, r.subjects, r.about or "")
        for r in found
    ]
