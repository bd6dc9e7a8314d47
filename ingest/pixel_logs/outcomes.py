"""What becomes of each line: the rows of a round, added to the tables that will be landed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb

from ingest.pixel_logs.lines import FLAW_REASONS, LANDED
from ingest.pixel_logs.lookups import consent_day, ip_prefix
from ingest.pixel_logs.masking import excerpt, masked
from matchbook.sql import text

SOURCE = "pixel_log"
TABLES = ("hits", "quarantine", "line_outcomes")


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
        "select line_number, kind as reason, null::varchar as client_id, $today::date as hit_date "
        "from round_rest where line_number is not null",
        {"today": moments["today"]},
    )


def add_calls(connection: duckdb.DuckDBPyConnection, moments: dict[str, Any]) -> None:
    """Settle the calls of a round, whose lookups are filled."""
    connection.execute(_SETTLED, moments)
    connection.execute(
        "insert into new_line_outcomes by name "
        f"select '{SOURCE}' as source, client_id, hit_date, outcome, outcome_reason as reason, "
        "count(*) as lines from settled group by all"
    )
    _quarantine(
        connection,
        "select line_number, outcome_reason as reason, client_id, hit_date from settled "
        "where outcome = 'quarantined'",
        {},
    )
    connection.execute(_HITS)
    connection.execute(
        "insert into seen_hits select hit_id from settled "
        "where hit_id is not null and outcome in ('accepted', 'untracked')"
    )
    # Replacing a table keeps the old one until the new one stands: twice the memory.
    for table in ("settled", "round_calls"):
        connection.execute(f"drop table {table}")


def finish(connection: duckdb.DuckDBPyConnection) -> None:
    """Sum the rounds' accounts into one."""
    connection.execute("""
create or replace temp table new_line_outcomes as
select source, client_id, hit_date, outcome, reason, sum(lines)::bigint as lines
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
select line_number, '{SOURCE}' as source, client_id, byte_offset, byte_length, reason,
    case when reason <> 'personal_data' then {excerpt("masked")} end as excerpt, hit_date
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


_HOST = text(r"^(?i:https?)://(?:[^/?#@]*@)?([^/?#:]+)")
_PATH = text(r"^(?i:https?)://[^/?#]*([^?#]*)")


def _host(url: str) -> str:
    """SQL for a URL's host; the regular expression only where a plain cut will not do."""
    authority = f"split_part({url}, '/', 3)"
    return (
        f"nullif(lower(case when left({url}, 8) = 'https://' "
        f"and not regexp_matches({authority}, '[:?#@]') then {authority} "
        f"else regexp_extract({url}, {_HOST}, 1) end), '')"
    )


_SETTLED = f"""
create or replace temp table settled as
select *,
    case when reason is not null then 'quarantined'
        when hit_type is null then 'not_ours'
        when is_repeated then 'duplicate'
        when withdraws or is_switched_off or not is_tracked or visitor_id is null then 'untracked'
        else 'accepted' end as outcome,
    case when reason is not null then reason
        when hit_type is null then null
        when is_repeated then 'hit_id'
        when withdraws then coalesce(untracked_reason, 'opted_out')
        when is_switched_off then 'switch_off'
        when not is_tracked then coalesce(untracked_reason, 'no_consent')
        when visitor_id is null then 'no_cookie' end as outcome_reason
from (
    select c.line_number, c.hit_id, c.hit_type, c.client_id, c.publisher, c.site_id, c.partner_id,
        c.cookie_form, c.contact, c.message, c.event, c.is_prefetch, c.has_format_warning,
        c.hit_at,
        c.visitor as visitor_id,
        coalesce(c.reason, i.reason, case when c.hit_type in ('click', 'read')
            and c.decision is null and l.line_number is null then 'bad_signature' end) as reason,
        coalesce(c.basis, d.basis) as consent_basis,
        coalesce(c.decision = 'tracked', d.is_tracked, false) as is_tracked,
        coalesce(c.decision = 'withdraw', d.withdraws, false) as withdraws,
        coalesce(c.untracked_reason, d.untracked_reason) as untracked_reason,
        c.device as device_type, c.browser, c.os as operating_system,
        coalesce(c.ip_prefix, {ip_prefix("c.ip", "p.ip_prefix")}) as ip_prefix,
        c.is_bot,
        coalesce(c.hit_at > $latest, false) as has_clock_skew,
        c.hit_type in ('click', 'read') and not c.is_switched_on as is_switched_off,
        r.line_number is not null as is_repeated,
        {_day("c.hit_at")} as hit_date,
        {_host("c.page_url")} as page_host,
        nullif(left(regexp_extract(c.page_url, {_PATH}, 1), 2000), '') as page_path,
        case when c.decision is not null then lower(c.referrer_url)
            else {_host("c.referrer_url")} end as referrer_host
    from round_calls as c
    left join found_prefixes as p on p.ip = c.ip
    left join repeated_calls as r on r.line_number = c.line_number
    left join signed_links as l on l.line_number = c.line_number
    left join (select line_number, max(reason) as reason from call_identifiers
        group by line_number) as i on i.line_number = c.line_number
    left join consent_decisions as d on c.decision is null and c.reason is null
        and d.gdpr is not distinct from c.gdpr
        and d.gdpr_consent is not distinct from c.gdpr_consent
        and d.gpc = c.gpc and d.opted_out = c.opted_out
        and d.link_consent is not distinct from c.link_consent
        and d.is_declared = c.is_declared
        and d.consent_day is not distinct from {consent_day("c")}
)
"""

_HITS = """
insert into new_hits by name
select s.line_number, s.hit_id,
    case when withdraws then 'withdraw' else hit_type end as hit_type,
    s.client_id,
    case when hit_type = 'bake' then publisher end as publisher_id,
    site_id, visitor_id,
    case when not withdraws then partner_id end as partner_id,
    case when not withdraws then cookie_form end as partner_cookie_id,
    i.identifier_type, i.identifier_key, i.key_version,
    case when not withdraws and hit_type in ('click', 'read') then contact::bigint end
        as cep_contact_id,
    case when not withdraws and hit_type in ('click', 'read') then message end as message_id,
    case when not withdraws then event end as event_name,
    case when not withdraws then page_host end as page_host,
    case when not withdraws then page_path end as page_path,
    case when not withdraws then nullif(split_part(page_path, '/', 2), '') end as section,
    case when not withdraws then referrer_host end as referrer_host,
    device_type, browser, operating_system, ip_prefix,
    case when not withdraws then consent_basis end as consent_basis,
    is_bot, is_prefetch, has_clock_skew, has_format_warning, hit_at, hit_date
from settled as s
left join call_identifiers as i on i.line_number = s.line_number and s.outcome = 'accepted'
where s.outcome = 'accepted'
    or (s.outcome = 'untracked' and withdraws and visitor_id is not null)
"""
