"""The uploads of the published home made by hand, their records, and how late the next are."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import duckdb

from matchbook import snapshots
from matchbook.registry import CrmList, UploadEvery
from matchbook.settings import Settings

LISTS = {"homestead": "newsletter", "farways": "travellers"}


def crm_lists(client_ids: Collection[str]) -> tuple[CrmList, ...]:
    """The registry's lists of these clients; only the retailer says how often it uploads."""
    every: tuple[tuple[str, str, UploadEvery | None], ...] = (
        ("homestead", "Newsletter", "week"),
        ("farways", "Travellers", None),
    )
    return tuple(
        CrmList(list_id=LISTS[client_id], client_id=client_id, name=name, upload_every=rhythm)
        for client_id, name, rhythm in every
        if client_id in client_ids
    )


def forget_marts(settings: Settings, *marts: str, client_id: str = "homestead") -> None:
    """The snapshot as it was before these marts were thought of."""
    snapshot = max(settings.published.glob(f"{client_id}/*.duckdb"))
    snapshots.forget_open()
    with duckdb.connect(str(snapshot)) as connection:
        for mart in marts:
            connection.execute(f"drop table {mart}")


def write_uploads(connection: duckdb.DuckDBPyConnection, client_id: str, last_day: date) -> None:
    """Ten files of one list. The retailer's next one is three days late."""
    connection.execute("create table lists (list_id text, client_id text, list_name text)")
    name = {"homestead": "Newsletter", "farways": "Travellers"}[client_id]
    connection.execute("insert into lists values (?, ?, ?)", [LISTS[client_id], client_id, name])
    _files(connection)
    late = 3 if client_id == "homestead" else None
    _schedules(connection, last_day, late)
    _lives(connection, last_day)
    _coverage(connection)


def _files(connection: duckdb.DuckDBPyConnection) -> None:
    """The eighth takes records off, the tenth names too few of them for a rate."""
    connection.execute(
        """
        create table uploads as
        with files as (
            select n, if(n = 6, 6200, if(n = 10, 41, 900 + n)) as accepted
            from range(1, 11) as r(n)
        )
        select lists.client_id, lists.list_id, lists.list_name, n as load_seq,
            if(n = 8, 'opt-out', 'opt-in') as list_mode,
            if(n = 6, null, 'desk, on the dashboard') as uploaded_by,
            accepted + n as lines, accepted, n as quarantined, 0::bigint as duplicate,
            accepted as records, if(n = 8, null, accepted // 4) as matched_records,
            timestamp '2026-08-01 02:00:00' + interval 11 day * n as landed_at
        from files cross join lists
        """
    )


def _schedules(
    connection: duckdb.DuckDBPyConnection, last_day: date, days_overdue: int | None
) -> None:
    connection.execute(
        """
        create table upload_schedules as
        select client_id, list_id, list_name, if($late is null, null, 'week') as upload_every,
            $late::bigint as days_overdue,
            $last - 6 - coalesce($late, 0)::int as last_uploaded_date,
            if($late is null, null, $last + 1 - $late::int) as due_date
        from lists
        """,
        {"last": last_day, "late": days_overdue},
    )


def _lives(connection: duckdb.DuckDBPyConnection, last_day: date) -> None:
    """A thousand records: some withdrawn, some left out, one that came back."""
    connection.execute(
        """
        create table record_lives as
        select client_id, list_id, 'C-' || n as crm_record_id,
            case when n <= 40 then 'withdrawn' when n <= 50 then 'missing_from_replacement'
                else 'live' end as standing,
            if(n = 51, 3, 2)::bigint as uploads, if(n = 51, 2, 1)::bigint as stays,
            $last - 90 as first_uploaded_date, $last - 5 as last_uploaded_date,
            if(n <= 51, $last - 20, null) as last_left_date
        from lists cross join range(1, 1001) as r(n)
        """,
        {"last": last_day},
    )


def _coverage(connection: duckdb.DuckDBPyConnection) -> None:
    """Most have an e-mail address, few a phone number, almost none a CEP contact id."""
    connection.execute(
        """
        create table identifier_coverage as
        select client_id, col0 as identifier_type, col1::bigint as records_with,
            col2::bigint as records_without, col3::bigint as matched_with,
            col4::bigint as matched_without, col5::bigint as matched_by,
            col6::bigint as matched_if_alike
        from lists cross join (values
            ('email', 900, 50, 450, 2, 430, 23), ('phone', 300, 650, 210, 242, 60, 213),
            ('postal', 400, 550, 160, 292, 0, 0), ('cep_contact', 20, 930, 19, 433, 11, null))
        """
    )
