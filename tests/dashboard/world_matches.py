"""A few records of the published home made by hand, and what speaks for them.

C-61 is matched in two browsers, one of which C-62 signed in on too; C-63 is not
recognised at all. The Tealium cookie `te-1` is theirs.
"""

from __future__ import annotations

from datetime import date, timedelta

import duckdb

from matchbook.published_keys import published_key

COOKIE, LONELY_COOKIE = "te-1", "te-2"


def write_matches(connection: duckdb.DuckDBPyConnection, client_id: str, last_day: date) -> None:
    """The marts that the tab Match lookup reads."""
    _browsers(connection, client_id, last_day)
    _evidence(connection, client_id, last_day)
    _partners(connection, client_id, last_day)
    _conflicts(connection, last_day)


def _browsers(connection: duckdb.DuckDBPyConnection, client_id: str, last_day: date) -> None:
    connection.execute(
        "create table recognised_browsers (client_id text, crm_record_id text, visitor_key bigint, "
        "evidence_types text, confidence_reason text, evidence_days bigint, "
        "records_on_browser bigint, confidence double, is_confident boolean, "
        "last_evidence_date date)"
    )
    clicked = "Clicked in an e-mail, last on 2026-11-17."
    connection.executemany(
        "insert into recognised_browsers values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (client_id, "C-61", 11, "click", clicked, 3, 1, 0.93, True, last_day),
            (client_id, "C-61", 12, "identify", "Signed in.", 1, 2, 0.41, False, last_day),
            (client_id, "C-62", 12, "identify", "Signed in.", 5, 2, 0.91, True, last_day),
        ],
    )


def _evidence(connection: duckdb.DuckDBPyConnection, client_id: str, last_day: date) -> None:
    connection.execute(
        "create table match_evidence (client_id text, crm_record_id text, visitor_key bigint, "
        "evidence_type text, identifier_type text, hits bigint, hit_date date, "
        "first_hit_at timestamp, first_file_name text, first_line_number bigint, "
        "last_file_name text, last_line_number bigint)"
    )
    days = [(11, "click", "cep_contact", ago) for ago in (17, 11, 3)]
    days.append((12, "identify", "email", 1))
    for browser, how, identifier, ago in days:
        day = last_day - timedelta(days=ago)
        connection.execute(
            "insert into match_evidence values ($client, 'C-61', $browser, $how, $by, $hits, $day, "
            "$day::date + interval 9 hour, $file, 1204, $file, 1204 + 107 * ($hits - 1))",
            {
                "client": client_id,
                "browser": browser,
                "how": how,
                "by": identifier,
                "hits": 2 if how == "click" else 1,
                "day": day,
                "file": f"pixels/host=shop.example/{day}.log",
            },
        )


def _partners(connection: duckdb.DuckDBPyConnection, client_id: str, last_day: date) -> None:
    key, lonely = (published_key(client_id, cookie) for cookie in (COOKIE, LONELY_COOKIE))
    connection.execute(
        "create table partner_cookies as select * from (values ($client, 'tealium', $key), "
        "($client, 'tealium', $lonely)) as c(client_id, partner_id, partner_cookie_key)",
        {"client": client_id, "key": key, "lonely": lonely},
    )
    connection.execute(
        """
        create table if not exists matches (client_id text);
        create or replace table matches as
        from matches union all by name
        select match_id, $client as client_id, partner_id, $key::bigint as partner_cookie_key,
            crm_record_id, confidence, confidence > 0.5 as is_deliverable, false as is_hot,
            2::bigint as browsers, $last::timestamp as last_seen_at
        from (values ('m1', 'tealium', 'C-61', 0.93), ('m2', 'piano', 'C-61', 0.41),
            ('m3', 'tealium', 'C-62', 0.91))
            as m(match_id, partner_id, crm_record_id, confidence)
        """,
        {"client": client_id, "key": key, "last": last_day},
    )
    connection.execute(
        "create table match_deliveries as select 'm1' as match_id, "
        "$last::timestamp - interval 9 day as first_delivered_at, "
        "$last::timestamp as last_delivered_at",
        {"last": last_day},
    )


def _conflicts(connection: duckdb.DuckDBPyConnection, last_day: date) -> None:
    """The contest for the second browser, and how often the next day confirmed a match."""
    connection.execute(
        """
        create table match_conflicts as
        select 'browser' as subject_type, 12::bigint as subject_key, 'one' as outcome,
            'One record is sure enough, the others are not sent.' as outcome_reason,
            2::bigint as candidates, 'C-62' as best_record_id, 0.91 as best_confidence,
            'C-61' as next_record_id, 0.41 as next_confidence, $last as last_evidence_date
        """,
        {"last": last_day},
    )
    connection.execute(
        "create table audited_precision as select 400::bigint as tested_pairs, "
        "388::bigint as confirmed_pairs, 0.97 as audited_precision, 0.948 as interval_low, "
        "0.983 as interval_high"
    )
