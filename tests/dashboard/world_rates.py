"""The rates beside the match rate in the published home made by hand, and their rows."""

from __future__ import annotations

from datetime import date

import duckdb

BASELINES = ("tealium", "piano")
"""Partners that gave their matched ids."""


def write_more_rates(connection: duckdb.DuckDBPyConnection, last_day: date) -> None:
    """What the day's match rates imply, and a week in which the rate fell by 0.9 points."""
    _rates(connection, last_day)
    _changes(connection, last_day)
    _cohorts(connection, last_day)
    _rows(connection, last_day)


def _rates(connection: duckdb.DuckDBPyConnection, last_day: date) -> None:
    connection.execute(
        """
        insert into match_rates
        select match_rates.* replace ('how' as breakdown, way as breakdown_value,
            numerator // part as numerator, match_rate / part as match_rate)
        from match_rates, (values ('click', 1), ('read', 4), ('identify', 2)) as w(way, part)
        where partner_id = 'mapp_cep' and breakdown = 'all'
        """
    )
    connection.execute(
        """
        create table more_rates as
        select client_id, partner_id, breakdown, breakdown_value, look_back_days,
            numerator as matched_records, denominator as eligible_records,
            numerator + 10 as matched_pairs, numerator as matched_cookies,
            2 * numerator as seen_cookies,
            if(breakdown = 'identifier_type', null, 3000) as synced_browsers,
            if(breakdown = 'identifier_type', null, 4000) as seen_browsers,
            if(baseline_date is null, null, denominator // 5) as known_records,
            if(baseline_date is null, null, numerator // 4) as added_records,
            match_rate, null::double as match_rate_low, null::double as match_rate_high,
            0.5 as cookie_match_rate, 0.461::double as cookie_match_rate_low,
            0.539::double as cookie_match_rate_high, synced_browsers / seen_browsers as sync_rate,
            known_records / denominator as partner_own_rate,
            added_records / denominator as incremental_match_rate,
            added_records / known_records as uplift, matched_pairs / numerator as ids_per_record,
            baseline_date, as_of_date
        from (
            select *, if(list_contains($baselines, partner_id), date '2026-11-02', null)
                as baseline_date
            from match_rates where as_of_date = $last and partner_id <> 'mapp_cep'
        )
        """,
        {"last": last_day, "baselines": list(BASELINES)},
    )


def _changes(connection: duckdb.DuckDBPyConnection, last_day: date) -> None:
    """−0.9 points, of which the exact parts are −1.62, +0.87, −0.15 and nothing."""
    connection.execute(
        """
        create table match_rate_changes as
        select client_id, partner_id, reason, position, 5 as matched_change,
            if(position = 1, 300, 0) as eligible_change, 1000 as numerator_before,
            9000 as denominator_before, points, 0.5 as match_rate_before, 0.491 as match_rate,
            $last::date - 7 as since_date, $last::date as as_of_date
        from (select distinct client_id, partner_id from match_rates
              where partner_id <> 'mapp_cep'),
            (values (1, 'new_records', -0.0162), (2, 'records_gone', 0.0),
                (3, 'newly_recognised', 0.0087), (5, 'not_seen', -0.0015)
            ) as r(position, reason, points)
        """,
        {"last": last_day},
    )


def _cohorts(connection: duckdb.DuckDBPyConnection, last_day: date) -> None:
    connection.execute(
        """
        create table upload_cohorts as
        select client_id, partner_id, list_id, n as upload_seq, d as days_since_upload,
            if(n = 9, 20, 6200) as new_records, new_records as eligible_records,
            d * 60 as matched_records, d / 100 as matched_share,
            $last::date - 30 + n::int as uploaded_date, uploaded_date + d::int as as_of_date
        from (select distinct client_id, partner_id from match_rates
              where partner_id <> 'mapp_cep'),
            (select min(list_id) as list_id from lists), range(6, 10) as r(n), range(0, 16) as t(d)
        """,
        {"last": last_day},
    )


_ROWS = """
create or replace table build as
select getvariable('last_day')::timestamp + interval 27 hour as as_of,
    getvariable('last_day') as as_of_date, '1a2b3c4d' as rules_version;
create or replace table clients as
select distinct client_id, 0.8 as confidence_threshold, 90 as evidence_days
from client_partners;
create table record_progress as
select client_id, partner_id, 'r' || n as crm_record_id,
    if(n % 2 = 0, null, 'never_recognised') as reason,
    if(n % 3 = 0, 'email, phone', 'email') as identifier_types, n < 110 as is_eligible,
    if(partner_id = 'tealium', n % 5 = 0, null) as is_known_to_partner
from client_partners, range(120) as r(n);
create table record_sightings as
select client_id, partner_id, crm_record_id, client_id || '-shop' as site_id,
    getvariable('last_day')::timestamp as last_seen_at
from record_progress where reason is null and is_eligible;
create table rate_movements as
select client_id, 'any' as partner_id, 'r7' as crm_record_id, 'records_gone' as reason,
    0 as matched_change, -1 as eligible_change
from client_partners limit 1;
create table matches as
select client_id, partner_id, crm_record_id, 'click, identify' as evidence_types,
    0.91 as confidence, true as is_deliverable, last_seen_at
from record_sightings;
create table cep_links as
select 1000 + n as cep_contact_id, getvariable('last_day')::timestamp as last_linked_at,
    last_linked_at as last_click_at, null::timestamp as last_read_at,
    null::timestamp as last_identify_at
from range(60) as r(n);
create table match_steps as
select client_id, 'any' as partner_id, crm_record_id, 1 as step,
    getvariable('last_day') - 40 as as_of_date
from (select distinct client_id, crm_record_id from record_progress where is_eligible)
union all
select client_id, partner_id, crm_record_id, 1, getvariable('last_day') - 15
from record_sightings
union all
select distinct client_id, 'all', crm_record_id, 1, getvariable('last_day') - 15
from record_sightings
union all
select client_id, 'tealium', 'r0', -1, getvariable('last_day') - 3 from record_sightings
group by client_id;
create table record_origins as
select distinct client_id, crm_record_id, 6 as upload_seq from record_progress;
create table match_tests as
select client_id, crm_record_id, crm_record_id <> 'r0' as is_confirmed,
    getvariable('last_day') as as_of_date
from record_sightings where partner_id = 'tealium';
create table last_sightings as
select client_id, partner_id, 'all' as breakdown, 'all' as breakdown_value,
    n::int as days_ago, 20 as cookies, 10 as matched_cookies, 15 as browsers
from client_partners, range(1, 41) as r(n)
union all
select client_id, 'any', 'all', 'all', n::int, 0, 0, 25
from (select distinct client_id from client_partners), range(1, 41) as r(n)
"""


def _rows(connection: duckdb.DuckDBPyConnection, last_day: date) -> None:
    """120 records, of which every other one was seen yesterday at each partner."""
    connection.execute("set variable last_day = $last::date", {"last": last_day})
    connection.execute(_ROWS)
