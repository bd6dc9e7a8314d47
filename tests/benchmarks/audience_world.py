"""A client's published snapshot of any size, for benchmarks of audiences: made, not built."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from matchbook.audiences.sampling import SAMPLE_BELOW

AS_OF = datetime(2026, 11, 18, 3, 10)
DAYS = 120
HITS_PER_VISIT = 8

PEOPLE = """
create table snapshot.drawn as
select
    n as visitor,
    ('0x' || substr(sha256('browser' || n), 1, 15))::bigint as visitor_key,
    n % 10 < 3 as is_matched,
    case when n % 10 < 3
        then ('0x' || substr(sha256('record' || n // 20), 1, 15))::bigint
        else ('0x' || substr(sha256('browser' || n), 1, 15))::bigint end as member_key
from range($visitors) t(n);
create table snapshot.members as
select visitor_key, member_key, is_matched,
    case when is_matched then 'r' || visitor // 20 end as crm_record_id
from snapshot.drawn order by visitor_key;
"""

VISITS = """
create or replace temp table day_hits as
with visits as (
    select n, (pow(hash(n, $day) % 1000000007 / 1000000007.0, 1.6) * $visitors)::bigint as visitor,
        $day::timestamp + to_seconds((hash(n, $day, 1) % 86000)::bigint) as begun_at
    from range($visits) t(n)
),
drawn as (
    select visits.*, step, (hash(concat(n, step, $day, 'kind')) % 20)::int as kind,
        (pow(hash(n, step // 3, $day, 3) % 1009 / 1009.0, 2) * 40)::int as place,
        (pow(hash(n, step, $day, 4) % 1009 / 1009.0, 2) * 500)::int as page,
        (hash(concat(n, step, $day, 'pick')) % 60)::int as pick
    from visits, range($steps) s(step)
)
select
    members.visitor_key,
    begun_at + to_seconds(step * 20 + pick % 20) as hit_at,
    $day as hit_date,
    case when kind = 0 then 'click' when kind = 1 then 'read' when kind < 4 then 'event'
        when kind < 7 then 'sync' else 'page_view' end as hit_type,
    'shop-' || ['nl', 'de', 'be'][1 + (hash(n, $day, 6) % 3)::int] as site_id,
    case when kind >= 7 then 's' || place end as section,
    case when kind >= 7 then '/s' || place || '/p' || page end as page_path,
    case when kind in (2, 3)
        then ['add_to_cart', 'purchase', 'search', 'newsletter'][1 + pick % 4] end as event_name,
    case when kind < 2 then 'm' || pick end as message_id
from drawn join snapshot.drawn as members using (visitor)
"""

ACTIONS = """
select visitor_key, hit_date, site_id, coalesce(section, '') as section, hit_type,
    coalesce(event_name, '') as event_name, coalesce(message_id, '') as message_id,
    count(*) as hits, min(hit_at) as first_hit_at, max(hit_at) as last_hit_at
from day_hits group by all
order by hit_date, hit_type, section, event_name, message_id, visitor_key
"""

WIDE = """
create table snapshot.visitors as
with sums as (
    select visitor_key, min(first_hit_at) as first_seen_at, max(last_hit_at) as last_seen_at,
        count(distinct hit_date) as days_active, sum(hits)::bigint as hits,
        coalesce(sum(hits) filter (hit_type = 'page_view'), 0)::bigint as page_views,
        coalesce(sum(hits) filter (hit_type = 'event'), 0)::bigint as events,
        coalesce(sum(hits) filter (hit_type = 'click'), 0)::bigint as clicks,
        coalesce(sum(hits) filter (hit_type = 'read'), 0)::bigint as reads,
        0::bigint as identifies
    from snapshot.visitor_actions group by visitor_key
)
select members.visitor_key, members.member_key,
    ['desktop', 'mobile', 'tablet'][1 + (hash(visitor_key) % 3)::int] as last_device_type,
    ['Chrome', 'Firefox', 'Safari'][1 + (hash(visitor_key, 1) % 3)::int] as last_browser,
    'Windows' as last_operating_system, 'www.google.com' as last_referrer_host,
    sums.* exclude (visitor_key)
from snapshot.members join sums using (visitor_key) order by visitor_key;

create table snapshot.cep_contacts as
select visitor_key, (visitor_key % 1000000007) as cep_contact_id,
    hash(visitor_key, 3) % 2 = 0 as is_reachable
from snapshot.visitors
where clicks + reads > 0 and hash(visitor_key, 5) % 5 = 0 order by visitor_key;

create table snapshot.people as
select member_key, any_value(crm_record_id) as crm_record_id, bool_or(is_matched) as is_matched,
    count(*) as browsers, min(first_seen_at) as first_seen_at, max(last_seen_at) as last_seen_at,
    max(days_active) as days_active, sum(hits)::bigint as hits,
    sum(page_views)::bigint as page_views, sum(events)::bigint as events,
    sum(clicks)::bigint as clicks, sum(reads)::bigint as reads,
    sum(identifies)::bigint as identifies, sum(clicks) > 0 as has_cep_contact,
    bool_or(clicks + reads > 0 and hash(visitor_key, 5) % 5 = 0 and hash(visitor_key, 3) % 2 = 0)
        as is_cep_reachable,
    hash(member_key, 4) % 50 = 0 as is_suppressed,
    case when bool_or(is_matched)
        then $as_of - to_days((hash(member_key, 5) % 400)::int) end as uploaded_at
from snapshot.members join snapshot.visitors using (visitor_key, member_key)
group by member_key order by member_key;

create table snapshot.people_attributes as
with cells as (
    select member_key, attribute, (hash(concat(member_key, attribute)) % 1000)::int as drawn
    from snapshot.people, unnest(['born', 'city', 'country', 'newsletter', 'orders', 'vip'])
        a(attribute)
    where is_matched
)
select member_key, attribute,
    case attribute when 'city' then 'city ' || drawn % 200
        when 'country' then ['nl', 'be', 'de'][1 + drawn % 3] else drawn::varchar end as value,
    case when attribute = 'orders' then (drawn % 20)::double end as value_number,
    case when attribute = 'born' then date '1950-01-01' + drawn * 20 end as value_date,
    case when attribute in ('newsletter', 'vip') then drawn % 4 = 0 end as value_boolean
from cells order by attribute, member_key;

create table snapshot.people_partners as
select member_key, partner_id, last_seen_at
from snapshot.people, unnest(['piano', 'snowplow', 'tealium', 'weborama']) p(partner_id)
where hash(member_key, partner_id) % 10 < 6 order by partner_id, member_key;
drop table snapshot.drawn;

create table snapshot.sampled_hits as
select visitor_key, hit_type, site_id, section, page_path, event_name, message_id, hit_at, hit_date
from read_parquet($history)
where visitor_key in (select visitor_key from snapshot.members where member_key < $sample_below)
order by hit_date, visitor_key, hit_at;
"""


def make(folder: Path, *, visitors: int, hits: int, per_visit: int = HITS_PER_VISIT) -> None:
    """`snapshot.duckdb` and one Parquet file per day, sorted as a publication sorts them."""
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(config={"memory_limit": "4GB"})
    connection.execute(f"set temp_directory = '{folder}/temp'")
    connection.execute(f"attach '{folder}/snapshot.duckdb' as snapshot")
    connection.execute("set timezone = 'UTC'; set preserve_insertion_order = true")
    _run(connection, PEOPLE, visitors=visitors)
    for back in reversed(range(DAYS)):
        day = AS_OF.date() - timedelta(days=back)
        visits = {"visits": hits // DAYS // per_visit, "steps": per_visit}
        _add_day(connection, folder, {"day": day, "visitors": visitors, **visits})
    files = f"{folder}/*.parquet"
    _run(connection, WIDE, as_of=AS_OF, history=files, sample_below=SAMPLE_BELOW)
    connection.close()


def _run(connection: duckdb.DuckDBPyConnection, script: str, **parameters: object) -> None:
    for statement in duckdb.extract_statements(script):
        named = {name: parameters[name] for name in statement.named_parameters}
        connection.execute(statement, named)


def _add_day(
    connection: duckdb.DuckDBPyConnection, folder: Path, parameters: dict[str, int | date]
) -> None:
    connection.execute(VISITS, parameters)
    connection.execute(
        "copy (from day_hits order by visitor_key, hit_at) "
        f"to '{folder}/{parameters['day']}.parquet'"
    )
    exists = connection.execute(
        "select count(*) from duckdb_tables() where table_name = 'visitor_actions'"
    ).fetchone()
    verb = "insert into" if exists and exists[0] else "create table"
    words = " " if verb == "insert into" else " as "
    connection.execute(f"{verb} snapshot.visitor_actions{words}{ACTIONS}")


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """A reader's connection, held to 4 GiB: native tables, and the history as a view."""
    connection = duckdb.connect(config={"memory_limit": "4GiB"})
    connection.execute("set timezone = 'UTC'; set temp_directory = ''")
    connection.execute(f"attach '{folder}/snapshot.duckdb' as snapshot (read_only)")
    connection.execute("use snapshot")
    connection.execute(f"create temp view visitor_hits as from read_parquet('{folder}/*.parquet')")
    return connection
