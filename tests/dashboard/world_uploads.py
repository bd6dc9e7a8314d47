"""The uploads of the published home made by hand, and how late the next ones are."""

from __future__ import annotations

from datetime import date

import duckdb


def write_uploads(connection: duckdb.DuckDBPyConnection, client_id: str, last_day: date) -> None:
    """Ten files of one list. The retailer's next one is three days late."""
    connection.execute(
        """
        create table uploads as
        select $client as client_id, n as load_seq, 'newsletter' as list_id,
            'Newsletter' as list_name, 'opt-in' as list_mode,
            if(n = 6, 6200, 900 + n) + n as lines, if(n = 6, 6200, 900 + n) as accepted,
            n as quarantined, timestamp '2026-08-01 02:00:00' + interval 11 day * n as landed_at
        from range(1, 11) as r(n)
        """,
        {"client": client_id},
    )
    connection.execute(
        """
        create table upload_schedules as
        select $client as client_id, 'newsletter' as list_id, 'Newsletter' as list_name,
            'week' as upload_every, $late::bigint as days_overdue,
            $last - 6 - $late::int as last_uploaded_date, $last + 1 - $late::int as due_date
        """,
        {"last": last_day, "client": client_id, "late": 3 if client_id == "homestead" else 0},
    )
