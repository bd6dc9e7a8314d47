"""Decisions: what a person said of a browser and a CRM record, in state, never overwritten.

A browser is named by its visitor_key, the number that published files carry. The newest word on
a browser and record stands; the next build honours it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from matchbook import registry, state
from matchbook.clock import utc_naive
from matchbook.errors import ConfigError
from matchbook.reading import select
from matchbook.settings import Settings
from matchbook.snapshots import open_snapshot

DECISIONS = ("this_record", "not_this_record", "open")
"""It is this record's and nobody else's; it is not; look at the evidence again."""


@dataclass(frozen=True)
class Decision:
    """One word on one browser and record."""

    client_id: str
    visitor_key: int
    crm_record_id: str
    decision: str
    decided_by: str
    decided_at: datetime
    """Naive UTC."""


def decide(
    settings: Settings,
    client_id: str,
    *,
    visitor_key: int,
    crm_record_id: str,
    decision: str,
    by: str,
) -> Decision:
    """Record a decision as of now.

    Raises ConfigError for a client that does not exist, and for a browser in which the record is
    neither recognised as of the published build nor was decided about before; SnapshotUnavailable
    before the first build.
    """
    if decision not in DECISIONS:
        raise ValueError("unknown decision")
    if client_id not in {client.client_id for client in registry.current(settings).clients}:
        raise ConfigError(
            "There is no client of that name.",
            kept="Nothing was decided.",
            todo="See their names with: matchbook registry show",
        )
    _check_pair(settings, client_id, visitor_key, crm_record_id)
    now = utc_naive(settings.clock.now())
    made = Decision(client_id, visitor_key, crm_record_id, decision, by, now)
    with state.begin(settings) as connection:
        connection.execute(state.match_decisions.insert().values(**vars(made)))
    return made


def _check_pair(settings: Settings, client_id: str, visitor_key: int, crm_record_id: str) -> None:
    if (visitor_key, crm_record_id) in standing(settings, client_id):
        return
    with open_snapshot(settings, client_id) as connection:
        records = "select crm_record_id from recognised_browsers where visitor_key = ?"
        found = select(connection, records, [visitor_key]).fetchall()
    if (crm_record_id,) not in found:
        what = "That record is not recognised in that browser." if found else "No such browser."
        raise ConfigError(
            what,
            kept="Nothing was decided.",
            todo="See browsers and their records with: matchbook conflicts list",
        )


def all_rows(settings: Settings) -> list[Decision]:
    """Every decision ever made, in the order they were made."""
    table = state.match_decisions
    columns = [table.c[name] for name in Decision.__dataclass_fields__]
    with state.begin(settings) as connection:
        query = sa.select(*columns).order_by(table.c.decision_id)
        return [Decision(**row._mapping) for row in connection.execute(query)]


def standing(settings: Settings, client_id: str) -> dict[tuple[int, str], str]:
    """The newest decision on each browser and record of a client."""
    return {
        (row.visitor_key, row.crm_record_id): row.decision
        for row in all_rows(settings)
        if row.client_id == client_id
    }


def forget(settings: Settings, client_id: str, *, records: set[str], visitor_keys: set[int]) -> int:
    """Remove what was said of erased records and browsers; how many decisions."""
    gone = 0
    table = state.match_decisions
    with state.begin(settings) as connection:
        for column, values in (
            (table.c.crm_record_id, records),
            (table.c.visitor_key, visitor_keys),
        ):
            for value in sorted(values):
                is_it = (table.c.client_id == client_id) & (column == value)
                gone += connection.execute(table.delete().where(is_it)).rowcount
    return gone
