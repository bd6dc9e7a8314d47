"""Partners' sites, rejected calls and accounts of the published home, and a fortnight of files."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from matchbook import deliveries, state
from matchbook.clock import utc_naive
from matchbook.deliveries import Delivery
from matchbook.files import write_whole
from matchbook.settings import Settings

ACCOUNT = {"matched_pairs": 150, "unsure_pairs": 4, "shared_cookie_pairs": 1, "unseen_pairs": 93,
           "added_pairs": 9, "seen_pairs": 43, "removed_pairs": 1}  # fmt: skip
"""Of an earlier night, whose file then had 9 new and 41 seen rows."""


def write_partners(connection: duckdb.DuckDBPyConnection, client_id: str, last_day: date) -> None:
    """The retailer's Tealium fell silent on the shop three days before; Piano is low there."""
    _sites(connection, client_id, last_day)
    _rejected(connection, client_id, last_day)
    _accounts(connection)


def _sites(connection: duckdb.DuckDBPyConnection, client_id: str, last_day: date) -> None:
    connection.execute(
        """
        create table partner_sites as
        select client_id, partner_id, $client || '-shop' as site_id, 412.5::double as usual_syncs,
            case when is_silent then 0 when is_low then 88 else 400 end::bigint as syncs,
            is_silent, is_low, cast($last as date) as counted_date,
            cast($last - if(is_silent, 3, 0) * interval 1 day as date) as last_synced_date,
            $last - if(is_silent, 3, 0) * interval 1 day + interval 1437 minute as last_synced_at
        from (select *, partner_id = 'tealium' and client_id = 'homestead' as is_silent,
            partner_id = 'piano' as is_low from client_partners)
        union all
        select $client, 'selligent', '', null, 3, false, false, cast($last as date),
            cast($last as date), $last + interval 60 minute
        """,
        {"last": last_day, "client": client_id},
    )


def _rejected(connection: duckdb.DuckDBPyConnection, client_id: str, last_day: date) -> None:
    connection.execute(
        """
        create table rejected_calls as
        select $client as client_id, $client || '-shop' as site_id, 'tealium' as partner_id,
            reason, 'pixels/access-' || n || '.log.gz' as last_file_name, calls::bigint as calls,
            (40 + n)::bigint as last_line_number, cast($last - n * interval 1 day as date)
            as hit_date
        from (values ('unexpanded_macro', 19, 1), ('unexpanded_macro', 2, 4),
            ('bad_cookie_id', 6, 2), ('sentinel_id', 99, 40)) as r(reason, calls, n)
        """,
        {"last": last_day, "client": client_id},
    )


def _accounts(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        create table delivery_accounts as
        select client_id, partner_id, 9000::bigint as matched_pairs, 600::bigint as unsure_pairs,
            40::bigint as shared_cookie_pairs, 4240::bigint as unseen_pairs,
            310::bigint as added_pairs, 3810::bigint as seen_pairs, 20::bigint as removed_pairs
        from client_partners
        """
    )


def a_fortnight(settings: Settings, client_id: str, newest: Delivery) -> None:
    """Thirteen nights of files before `newest`, all taken; their partner is the same."""
    for ago in range(1, 14):
        as_of = newest.as_of - timedelta(days=ago)
        put(settings, _made(newest, as_of, newest.load_seq - 10 * ago))


def put(settings: Settings, done: Delivery, **changed: Any) -> None:
    """Write a delivery into the ledger, in place of the one of its build."""
    names = [column.name for column in state.deliveries.columns]
    values = {name: getattr(done, name) for name in names} | changed
    table = state.deliveries.c
    same = (
        (table.client_id == done.client_id)
        & (table.partner_id == done.partner_id)
        & (table.build_id == done.build_id)
    )
    with state.begin(settings) as connection:
        connection.execute(state.deliveries.delete().where(same))
        connection.execute(state.deliveries.insert().values(values))


def newest_file(settings: Settings, partner_id: str, **changed: Any) -> Delivery:
    """The newest file of one of the retailer's partners: 4,120 rows, unless it is changed."""
    rows = {"rows_added": 310, "rows_seen": 3790, "rows_removed": 20, "attempts": 1}
    last = deliveries.last_confirmed(settings, "homestead", partner_id)
    assert last
    put(settings, last, **(rows | changed))
    found = deliveries.find(settings, "homestead", partner_id, last.build_id)
    assert found
    return found


def store_manifest(settings: Settings, done: Delivery, content: bytes) -> None:
    """What the exporter leaves beside a stored file."""
    folder = settings.delivered / done.client_id / done.partner_id
    write_whole(folder / f"{done.name}.manifest.json", content)


def _made(newest: Delivery, as_of: datetime, load_seq: int) -> Delivery:
    return Delivery(
        client_id=newest.client_id,
        partner_id=newest.partner_id,
        build_id=f"{as_of:%Y%m%dT%H%M%SZ}-{load_seq}",
        state="confirmed",
        from_load_seq=load_seq - 10,
        load_seq=load_seq,
        as_of=utc_naive(as_of) if as_of.tzinfo else as_of,
        rows_added=9,
        rows_seen=41,
        rows_removed=1,
        account=ACCOUNT,
        planned_at=as_of,
        confirmed_at=as_of + timedelta(minutes=20),
        attempts=1,
    )
