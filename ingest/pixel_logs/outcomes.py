"""What becomes of each line: the rows of a round, added to the tables that will be landed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.pixel_logs.calls import Calls
from ingest.pixel_logs.erased import ErasedCalls
from ingest.pixel_logs.hits import hits
from ingest.pixel_logs.lines import FLAW_REASONS, LANDED
from ingest.pixel_logs.lookups import consent_day
from ingest.pixel_logs.masking import excerpt, masked
from ingest.pixel_logs.views import Flags, Places
from matchbook.sql import text

SOURCE = "pixel_log"
TABLES = ("quarantine", "line_outcomes")


def start(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the empty tables of one load."""
    for table in TABLES:
        connection.execute(
            f"create or replace temp table new_{table} as "
            f"select * exclude (load_seq) from raw.{table} limit 0"
        )
    connection.execute("create or replace temp table seen_hits (hit_id varchar)")


def add_rest(
    connection: duckdb.DuckDBPyConnection, *, candidate: str, shape: str, day: str, at: str,
    moments: dict[str, Any],
) -> None:  # fmt: skip
    """Account for the flawed lines, and those that cannot be ours, without taking them apart."""
    flaws = " ".join(f"when {code} then {text(reason)}" for code, reason in FLAW_REASONS.items())
    connection.execute(f"""
create or replace temp table round_rest as
select kind, day_text, case when kind not in ('not_ours', 'landed') then line_number end
    as line_number, count(*) as lines
from (
    select line_number, kind, case when kind = 'not_ours' then {day} end as day_text
    from (
        select line_number, line, case flaw {flaws} when {LANDED} then 'landed'
            else case when {shape} then 'not_ours' else 'unparseable' end end as kind
        from odd_lines where byte_length > 0 and (flaw <> 0 or not coalesce({candidate}, false))
    )
)
group by all
union all
select 'not_ours', day_text, null, lines from foreign_minutes
""")
    connection.execute(
        f"""
insert into new_line_outcomes by name
select '{SOURCE}' as source, null as client_id, {_day("hit_at")} as hit_date,
    case kind when 'landed' then 'duplicate' when 'not_ours' then kind else 'quarantined' end
        as outcome,
    case kind when 'landed' then 'grown_file' when 'not_ours' then null else kind end as reason,
    sum(lines) as lines
from (select kind, lines, {at} as hit_at from round_rest)
group by all
""",
        moments,
    )
    _quarantine(
        connection,
        "select line_number, kind as reason, null::varchar as client_id, null::varchar as site_id, "
        "null::varchar as partner_id, $today::date as hit_date, false as is_gone "
        "from round_rest where line_number is not null",
        {"today": moments["today"]},
    )


def add_calls(
    connection: duckdb.DuckDBPyConnection,
    calls: Calls,
    moments: dict[str, Any],
    erased: ErasedCalls,
) -> pa.Table:
    """Settle the calls of a round, whose kinds are in `round_calls`; returns their hits."""
    _find_repeated(connection)
    connection.execute(_SETTLED, moments)
    verdicts = connection.sql("from settled order by kind").to_arrow_table()
    gone = erased.among(calls, verdicts)
    _account(connection, calls.kinds, gone, len(verdicts))
    _quarantine_calls(connection, calls, verdicts, gone)
    connection.execute(
        "insert into seen_hits select hit_id from settled "
        "where hit_id is not null and outcome in ('accepted', 'untracked')"
    )
    return hits(calls, verdicts, gone)


def _account(connection: duckdb.DuckDBPyConnection, kinds: Places, gone: Flags, many: int) -> None:
    """Count the lines of each kind; accepted ones of erased persons are not tracked."""
    lines, erased = (np.bincount(kinds[of], minlength=many) for of in (~gone, gone))
    table = pa.table({"kind": np.arange(len(lines)), "lines": lines, "erased": erased})
    connection.register("kind_lines", table)
    connection.execute(
        f"""
insert into new_line_outcomes by name
select '{SOURCE}' as source, client_id, site_id, partner_id, hit_date, outcome,
    outcome_reason as reason, sum(lines)::bigint as lines
from (
    select client_id, site_id, partner_id, hit_date, outcome, outcome_reason, lines
    from settled join kind_lines using (kind)
    union all
    select client_id, site_id, partner_id, hit_date,
        if(outcome = 'accepted', 'untracked', outcome),
        if(outcome = 'accepted', 'opted_out', outcome_reason), erased
    from settled join kind_lines using (kind)
)
where lines > 0
group by all
"""
    )
    connection.unregister("kind_lines")


def _find_repeated(connection: duckdb.DuckDBPyConnection) -> None:
    """The lines of this round whose hit id came before: landed, in this file, in this round."""
    ((first, last),) = connection.execute(
        "select min(hit_at)::date, max(hit_at)::date from round_calls where hit_id is not null"
    ).fetchall()
    # Hits of one id share their day, unless their clock was ahead: few days need be read.
    connection.execute(
        "create or replace temp table repeated_calls as "
        "with numbered as (select kind, hit_id, row_number() over "
        "(partition by hit_id order by kind) as n from round_calls "
        "where hit_id is not null and reason is null) "
        "select kind from numbered where n > 1 or hit_id in (from seen_hits) "
        "or hit_id in (select hit_id from raw.hits where hit_id is not null "
        "and (hit_date between $first and $last or has_clock_skew))",
        {"first": first, "last": last},
    )


def _quarantine_calls(
    connection: duckdb.DuckDBPyConnection, calls: Calls, verdicts: pa.Table, gone: Flags
) -> None:
    is_refused = pc.equal(verdicts["outcome"], "quarantined").to_numpy()
    rows = np.flatnonzero(is_refused[calls.kinds])
    reasons = verdicts.select(["outcome_reason", "client_id", "site_id", "partner_id", "hit_date"])
    refused = reasons.take(pa.array(calls.kinds[rows]))
    refused = refused.append_column("line_number", calls.own["line_number"].take(pa.array(rows)))
    refused = refused.append_column("is_gone", pa.array(gone[rows]))
    connection.register("refused_calls", refused)
    _quarantine(
        connection,
        "select line_number, outcome_reason as reason, client_id, site_id, partner_id, hit_date, "
        "is_gone from refused_calls",
        {},
    )
    connection.unregister("refused_calls")


def finish(connection: duckdb.DuckDBPyConnection) -> None:
    """Sum the rounds' accounts into one."""
    connection.execute("""
create or replace temp table new_line_outcomes as
select source, client_id, hit_date, outcome, reason, sum(lines)::bigint as lines,
    site_id, partner_id
from new_line_outcomes group by all order by all
""")


def moments_of(landed_at: datetime, oldest: datetime, latest: datetime) -> dict[str, Any]:
    """The parameters by which a line's day is settled."""
    return {"oldest": oldest, "latest": latest, "today": landed_at.date()}


def _quarantine(
    connection: duckdb.DuckDBPyConnection, rows: str, parameters: dict[str, Any]
) -> None:
    connection.execute(
        f"""
insert into new_quarantine by name
select line_number, '{SOURCE}' as source, client_id, site_id, partner_id, byte_offset,
    byte_length, reason,
    case when reason <> 'personal_data' and not is_gone then {excerpt("masked")} end as excerpt,
    hit_date
from (
    select refused.*, i.byte_offset, i.byte_length, {masked("i.line")} as masked
    from ({rows}) as refused
    join round_input as i on i.line_number = refused.line_number
)
order by line_number
""",
        parameters,
    )


def _day(hit_at: str) -> str:
    return (
        f"case when {hit_at} between $oldest and $latest then {hit_at}::date else $today::date end"
    )


_SETTLED = f"""
create or replace temp table settled as
select * exclude (publisher)
        replace (case when withdraws then 'withdraw' else hit_type end as hit_type),
    case when hit_type = 'bake' then publisher end as publisher_id,
    case when reason is not null then 'quarantined'
        when hit_type is null then 'not_ours'
        when is_repeated then 'duplicate'
        when withdraws or is_switched_off or not is_tracked or not has_visitor then 'untracked'
        else 'accepted' end as outcome,
    case when reason is not null then reason
        when hit_type is null then null
        when is_repeated then 'hit_id'
        when withdraws then coalesce(untracked_reason, 'opted_out')
        when is_switched_off then 'switch_off'
        when not is_tracked then coalesce(untracked_reason, 'no_consent')
        when not has_visitor then 'no_cookie' end as outcome_reason
from (
    select c.kind, c.hit_id, c.hit_type, c.client_id, c.publisher, c.site_id, c.partner_id,
        c.is_prefetch, c.has_format_warning, c.has_visitor, c.reason,
        coalesce(c.basis, d.basis) as consent_basis,
        coalesce(c.decision = 'tracked', d.is_tracked, false) as is_tracked,
        coalesce(c.decision = 'withdraw', d.withdraws, false) as withdraws,
        coalesce(c.untracked_reason, d.untracked_reason) as untracked_reason,
        coalesce(c.hit_at > $latest, false) as has_clock_skew,
        c.hit_type in ('click', 'read') and not c.is_switched_on as is_switched_off,
        r.kind is not null as is_repeated,
        {_day("c.hit_at")} as hit_date
    from round_calls as c
    left join repeated_calls as r on r.kind = c.kind
    left join consent_decisions as d on c.decision is null and c.reason is null
        and d.gdpr is not distinct from c.gdpr
        and d.gdpr_consent is not distinct from c.gdpr_consent
        and d.gpc = c.gpc and d.opted_out = c.opted_out
        and d.link_consent is not distinct from c.link_consent
        and d.is_declared = c.is_declared
        and d.consent_day is not distinct from {consent_day("c")}
)
"""
