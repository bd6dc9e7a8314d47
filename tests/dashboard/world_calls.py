"""Calls of the published home day by day: what became of them, and three things that are off."""

from __future__ import annotations

from datetime import date

import duckdb

DAYS = 100


def write_calls(connection: duckdb.DuckDBPyConnection, client_id: str, last_day: date) -> None:
    """The retailer's Tealium is gone from the shop for three days and Piano is low there since
    yesterday; on the blog fewer consent since yesterday. The travel company has a quiet time."""
    _syncs(connection, client_id, last_day)
    _site_calls(connection, client_id, last_day)
    connection.execute(
        """
        create table call_days as
        with places as (
            select client_id, partner_id, $client || site as site_id, size,
                $client = 'homestead' and site = '-shop' as is_shop,
                $client = 'homestead' and site = '-blog' as is_blog
            from client_partners, (values ('-shop', 1.0), ('-blog', 0.4)) as s(site, size)
        ),
        days as (
            select places.*, cast(day as date) as hit_date, date_diff('day', day, $last) as ago,
                550 * size * if(isodow(day) > 5, 0.7, 1.0) as usual
            from places, generate_series($last - $days * interval 1 day, $last, interval 1 day)
                as g(day)
        ),
        counted as (
            select client_id, partner_id, site_id, hit_date,
                usual * if(partner_id = 'piano' and is_shop and ago = 0, 0.2, 1) as calls,
                if(is_blog and ago = 0, 0.5, 0.8) as kept
            from days
            where not (partner_id = 'tealium' and is_shop and ago < 3)
        ),
        shared as (
            select client_id, partner_id, site_id, cast(round(calls) as bigint) as calls,
                cast(round(calls * kept) as bigint) as syncs, hit_date
            from counted
        )
        select client_id, partner_id, site_id, calls, syncs,
            cast(floor(syncs * 0.8) as bigint) as cookies, calls - syncs as refused,
            0::bigint as malformed, 0::bigint as other_form, 0::bigint as repeated, hit_date
        from shared
        union all
        select client_id, 'all', site_id, sum(calls)::bigint, sum(syncs)::bigint,
            sum(floor(syncs * 0.8))::bigint, sum(calls - syncs)::bigint, 0, 0, 0, hit_date
        from shared group by client_id, site_id, hit_date
        """,
        {"last": last_day, "client": client_id, "days": DAYS},
    )


def _syncs(connection: duckdb.DuckDBPyConnection, client_id: str, last_day: date) -> None:
    connection.execute(
        """
        create table sync_days as
        select client_id, partner_id, $client || '-shop' as site_id,
            cast(day as date) as hit_date, 400 as hits, 300 as cookies
        from client_partners, generate_series(
            $last - interval 60 day,
            $last - if(partner_id = 'tealium' and client_id = 'homestead', 3, 0) * interval 1 day,
            interval 1 day) as g(day)
        """,
        {"last": last_day, "client": client_id},
    )


def _site_calls(connection: duckdb.DuckDBPyConnection, client_id: str, last_day: date) -> None:
    """The shop called until the data's last minute, the blog until three days before."""
    connection.execute(
        """
        create table site_days as
        select $client as client_id, site_id, 100::bigint as syncs, 240::bigint as page_views,
            9::bigint as events, 1::bigint as identifies, 350::bigint as hits,
            day + interval 1438 minute as last_hit_at, cast(day as date) as hit_date
        from (values ($client || '-shop', 0), ($client || '-blog', 3)) as s(site_id, ago),
            generate_series($last - interval 60 day, $last - ago * interval 1 day, interval 1 day)
                as g(day)
        """,
        {"last": last_day, "client": client_id},
    )
