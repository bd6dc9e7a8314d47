"""Everybody's calls of the last months without those that would give the seed away.

A whole day goes: who looked at a page has looked at others in the same visit, and who clicked has
landed somewhere. What is left of a day-to-day habit, once the days that made somebody a member are
taken away, is as it is with everybody else.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb
from sqlglot import exp

from matchbook.audiences import World, of
from matchbook.audiences.actions_sql import is_action
from matchbook.audiences.conditions import Action
from matchbook.audiences.context import new_context
from matchbook.audiences.local_time import offsets
from matchbook.lookalikes.leaks import Leaks

LOOK_BACK_DAYS = 90
"""How far back people's calls are looked at; longer than most habits, shorter than a season."""

_HISTORY = """
create or replace temp view lookalike_history as
select actions.visitor_key, site_id, section, hit_type, event_name, hits, hit_date,
    hour(first_hit_at + to_seconds(offsets.seconds)) as hour
from visitor_actions as actions
cross join lookalike_days as days
asof join lookalike_offsets as offsets on actions.first_hit_at >= offsets.since
where hit_date between days.first and days.last
    and hit_type in ('page_view', 'event', 'click', 'read', 'identify')
    and (actions.visitor_key, hit_date) not in (select (visitor_key, hit_date) from gone_days)
"""
"""Calls that people make themselves; syncs are the pages' doing."""

_ANY = of(name="history", enter={"kind": "is", "what": "matched"})


def create_history(connection: duckdb.DuckDBPyConnection, world: World, leaks: Leaks) -> None:
    """A temporary view `lookalike_history`: rows of `visitor_actions`, with the local hour.

    Days on which a browser did what the seed asks for are not in it. One row per browser, day and
    action.
    """
    ask = connection.execute
    ask("create or replace temp table gone_days (visitor_key bigint, hit_date date)")
    for action in leaks.actions:
        _leave_out(connection, world, action)
    _note_offsets(connection, world)
    last = world.as_of.date()
    days = "create or replace temp table lookalike_days as select ?::date as first, ?::date as last"
    ask(days, [last - timedelta(days=LOOK_BACK_DAYS), last])
    ask(_HISTORY if leaks.actions else _HISTORY[: _HISTORY.rindex("and (")])


def _leave_out(connection: duckdb.DuckDBPyConnection, world: World, action: Action) -> None:
    """Day sums know no single page; hits do."""
    context = new_context(_ANY, world)
    table = "visitor_actions" if action.page is None else "visitor_hits"
    rows = exp.select("visitor_key", "hit_date").distinct().from_(table)
    found = rows.where(is_action(action, context), *context.in_look_back(LOOK_BACK_DAYS))
    sql = f"insert into gone_days {found.sql(dialect='duckdb')}"
    connection.execute(sql, context.parameters.values)


def _note_offsets(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """Seconds ahead of UTC by the moment they begin, for hours as the client's clock shows them."""
    begin = datetime(1970, 1, 1)  # noqa: DTZ001 - naive UTC, like all times of a snapshot
    since = world.as_of - timedelta(days=LOOK_BACK_DAYS + 2)
    known = offsets(world.time_zone, since, world.as_of + timedelta(days=2))
    connection.execute(
        "create or replace temp table lookalike_offsets (since timestamp, seconds integer)"
    )
    rows = [(begin, known[0][1]), *known]
    connection.executemany("insert into lookalike_offsets values (?, ?)", rows)
