"""How long each kind of data is kept, in one table, and the removal of what state keeps longer.

Files go where their owner is: `ingest.retention` for the lake and what was delivered,
`exporters.stored` for nightly files. What a client may shorten stands in the registry.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from matchbook import audit, state
from matchbook.clock import Clock, utc_naive
from matchbook.settings import Settings

MONTH = timedelta(days=30.4375)

ROWS = 13 * MONTH
"""Of the lake, from landing; so of all that is built of it."""
REMOVED_TOGETHER = MONTH
"""Removing rows makes the warehouse anew: so much is removed at once, before it is too old."""
REFUSED = timedelta(days=7)
JOBS = timedelta(days=30)
RUNS = 13 * MONTH
LEDGER = 24 * MONTH


@dataclass(frozen=True)
class Rule:
    """One kind of data, and how long it is kept."""

    what: str
    kept: str
    why: str


RULES = (
    Rule("calls, rows of CRM files, identifiers, attributes, matches", "13 months from landing",
         "an audience asks for at most a year; what is not refreshed is gone"),
    Rule("snapshots and hit history", "the newest three builds", "who reads one loses nothing"),
    Rule("originals of logs", "7 days", "to look into a landing"),
    Rule("originals of CRM files", "not at all once landed", "they hold hashes"),
    Rule("refused files", "7 days; the reason 13 months", "to correct and send them again"),
    Rule("stored nightly files", "30 days", "to send a night again"),
    Rule("what partners and CEP hold", "as long as they hold it", "to take it back"),
    Rule("deliveries, audit log", "24 months", "to tell whom a person was given to"),
    Rule("pushes", "as long as the service", "who left a group is not put into it again"),
    Rule("runs and the times of their stages", "13 months", "to see what happened"),
    Rule("finished jobs", "30 days", "to see what happened"),
    Rule("opt-outs", "as long as the service", "to keep honouring them"),
    Rule("erased persons", "HMACs, as long as the service", "not to take them in again"),
)  # fmt: skip
"""What is said about it; docs/privacy.md has the same table."""

_ROWS = (
    (state.runs, state.runs.c.ended_at, RUNS),
    (state.stage_times, state.stage_times.c.began_at, RUNS),
    (state.deliveries, state.deliveries.c.confirmed_at, LEDGER),
)


def forget_old_rows(settings: Settings) -> int:
    """Remove rows of state that have been kept long enough; how many."""
    gone = 0
    with state.begin(settings) as connection:
        for table, at, kept in _ROWS:
            is_old = at < expires(settings, kept)
            gone += connection.execute(table.delete().where(is_old, *_not_newest(table))).rowcount
        gone += audit.expire(connection, settings, expires(settings, LEDGER))
        # The times of jobs are the wall clock's.
        is_old = state.jobs.c.ended_at < utc_naive(Clock().now()) - JOBS
        gone += connection.execute(state.jobs.delete().where(is_old)).rowcount
    return gone


def expires(settings: Settings, kept: timedelta) -> datetime:
    """What is older than this has been kept long enough; naive UTC."""
    return utc_naive(settings.clock.now()) - kept


def _not_newest(table: sa.Table) -> list[sa.ColumnElement[bool]]:
    """The newest delivery of a target stays: the next one goes on after it."""
    if table is not state.deliveries:
        return []
    newest = sa.alias(table)
    is_later = sa.exists().where(
        newest.c.client_id == table.c.client_id,
        newest.c.partner_id == table.c.partner_id,
        newest.c.load_seq > table.c.load_seq,
    )
    return [is_later]
