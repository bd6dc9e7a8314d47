"""Days of hits written straight into the raw tables, for benchmarks of the build alone."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import duckdb

FIRST_DAY = date(2026, 1, 1)
PARTNERS = ("tealium", "weborama", "piano", "snowplow")


def register(connection: duckdb.DuckDBPyConnection, records: int) -> None:
    """One client with four partners and `records` CRM records, landed as load 1."""
    connection.execute("insert into raw.clients values ('shop', 'Shop', 'UTC', 0.5, 90)")
    connection.execute("insert into raw.sites values ('shop-nl', 'shop', 'shop.example')")
    for position, partner in enumerate(PARTNERS):
        connection.execute(
            "insert into raw.partners values (?, ?, ?)", [partner, partner, position]
        )
        connection.execute("insert into raw.client_partners values ('shop', ?)", [partner])
    day = FIRST_DAY
    connection.execute(
        """
        insert into raw.crm_rows
        select 1, n, 'shop', '1', 'opt-in', 'r' || n, case when n % 2 = 0 then n end, $day
        from range($records) t(n)
        """,
        {"records": records, "day": day},
    )
    connection.execute(
        """
        insert into raw.record_identifiers
        select 1, n, 'shop', '1', 'r' || n, 'email', 'default', sha256('key' || n), 1, $day
        from range($records) t(n)
        """,
        {"records": records, "day": day},
    )
    connection.execute(
        "insert into raw.load_columns values (1, '1', 'identifier', 'email:default', $day), "
        "(1, '1', 'cep_contact_id', 'cep_contact_id', $day)",
        {"day": day},
    )
    _ledger(connection, 1, "crm_file", records, FIRST_DAY - timedelta(days=1))


def add_day(
    connection: duckdb.DuckDBPyConnection, number: int, *, hits: int, visitors: int, records: int
) -> None:
    """Day `number` (from 0) as one load: 60 % syncs, 30 % page views, 8 % clicks, 2 % identify."""
    day = FIRST_DAY + timedelta(days=number)
    connection.execute(
        """
        insert into raw.hits by name
        with drawn as (
            select
                n,
                hash(n, $number) % $visitors as visitor,
                (hash(n, $number, 7) % 100)::integer as kind,
                (hash(n, $number, 9) % 4)::integer as pick
            from range($hits) t(n)
        )
        select
            $load_seq as load_seq,
            n + 1 as line_number,
            case when kind < 60 then 'sync' when kind < 90 then 'page_view'
                when kind < 98 then 'click' else 'identify' end as hit_type,
            'shop' as client_id,
            'shop-nl' as site_id,
            substr(sha256('v' || visitor), 1, 32) as visitor_id,
            case when kind < 60 then $partners[pick + 1] end as partner_id,
            case when kind < 60 then 'c' || pick || '-' || visitor end as partner_cookie_id,
            case when kind >= 98 then 'email' end as identifier_type,
            case when kind >= 98
                then sha256('key' || (visitor % $records)) end as identifier_key,
            case when kind between 90 and 97
                then (visitor % $records)::bigint end as cep_contact_id,
            '/p/' || pick as page_path, 'p' as section,
            'desktop' as device_type, 'Firefox' as browser, 'Linux' as operating_system,
            'declared' as consent_basis,
            false as is_bot, false as is_prefetch,
            false as has_clock_skew, false as has_format_warning,
            $day::timestamp + to_seconds((hash(n, 3) % 86400)::integer) as hit_at,
            $day as hit_date
        from drawn
        """,
        {
            "number": number,
            "visitors": visitors,
            "records": records,
            "hits": hits,
            "load_seq": number + 2,
            "partners": list(PARTNERS),
            "day": day,
        },
    )
    _ledger(connection, number + 2, "pixel_log", hits, day)


def _ledger(
    connection: duckdb.DuckDBPyConnection, load_seq: int, source: str, lines: int, day: date
) -> None:
    landed_at = datetime.combine(day, datetime.min.time()) + timedelta(days=1, hours=3)
    connection.execute(
        """
        insert into raw.loads by name
        select $seq as load_seq, $source as source, sha256($seq::varchar) as sha256,
            'made' as file_name,
            0 as content_bytes, true as ends_with_newline,
            case when $source = 'crm_file' then 'shop' end as client_id,
            case when $source = 'crm_file' then '1' end as list_id,
            case when $source = 'crm_file' then 'opt-in' end as list_mode,
            $lines as lines, $lines as accepted, 0 as untracked, 0 as quarantined, 0 as duplicate,
            0 as not_ours, $at as landed_at, $at::date as hit_date
        """,
        {"seq": load_seq, "source": source, "lines": lines, "at": landed_at},
    )
    connection.execute(
        "insert into raw.line_outcomes "
        "(load_seq, source, client_id, hit_date, outcome, reason, lines) "
        "values ($seq, $source, 'shop', $day, 'accepted', null, $lines)",
        {"seq": load_seq, "source": source, "day": day, "lines": lines},
    )
