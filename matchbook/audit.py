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


def record(
    settings: Settings, *, actor: str, client_id: str | None, action: str, subjects: int
) -> None:
    """Add an event of this moment."""
    with state.begin(settings) as connection:
        connection.execute(
            _TABLE.insert().values(
                happened_at=utc_naive(settings.clock.now()),
                actor=actor,
                client_id=client_id,
                action=action,
                subjects=subjects,
            )
        )


def events(settings: Settings, *, client_id: str | None = None) -> list[Event]:
    """The newest first; of one client, or all."""
    query = sa.select(_TABLE).order_by(_TABLE.c.event_id.desc())
    if client_id is not None:
        query = query.where(_TABLE.c.client_id == client_id)
    with state.begin(settings) as connection:
        found = connection.execute(query).all()
    return [
        Event(row.happened_at, row.actor, row.client_id, row.action, row.subjects) for row in found
    ]
