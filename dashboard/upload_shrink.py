"""How much of its list a replacement leaves out, before anything is handed in.

Compared with the list as last published; the night compares once more with the list as it
is then, so that what is published late or not at all lets no large withdrawal through.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from matchbook import snapshots
from matchbook.crm_files import MAX_SHRINK, open_crm_file
from matchbook.errors import SnapshotUnavailable
from matchbook.reading import FOR_JOBS, select
from matchbook.settings import Settings

_LEFT_OUT = """
select count(*), count(*) filter (crm_record_id not in (select crm_record_id from named))
from record_lives where list_id = $list_id and standing = 'live'
"""


@dataclass(frozen=True)
class Shrink:
    """Records that are on a list now, and those of them that would leave it."""

    live: int
    dropped: int

    @property
    def is_large(self) -> bool:
        """Whether somebody has to confirm it."""
        return self.dropped > self.live * MAX_SHRINK


def shrink(settings: Settings, client_id: str, list_id: str, whole: Path) -> Shrink:
    """What a full file leaves out; nothing where no list is published to compare it with."""
    try:
        with snapshots.open_snapshot(settings, client_id, limits=FOR_JOBS) as connection:
            connection.execute("create temp table named (crm_record_id varchar)")
            with open_crm_file(whole, mode="replace") as file:
                for batch in file.batches():
                    _add(connection, batch.rows.select(["crm_record_id"]))
            found = select(connection, _LEFT_OUT, {"list_id": list_id}).fetchall()
    except (SnapshotUnavailable, duckdb.CatalogException):
        return Shrink(0, 0)
    return Shrink(*found[0])


def _add(connection: duckdb.DuckDBPyConnection, record_ids: object) -> None:
    connection.register("batch", record_ids)
    connection.execute("insert into named from batch where crm_record_id is not null")
    connection.unregister("batch")
