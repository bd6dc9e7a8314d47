"""Rows and bytes of a night's stages, taken from what stands there rather than counted again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from matchbook import snapshots
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse

if TYPE_CHECKING:
    from ingest.landing import LoadResult


def landed(settings: Settings, loads: list[LoadResult]) -> dict[str, int]:
    """Lines of these loads, and bytes of their files in the lake."""
    names = [f"*/{load.load_seq:012d}-*.parquet" for load in loads]
    files = [path for name in names for path in settings.lake.glob(name)]
    return {
        "rows": sum(load.lines for load in loads),
        "bytes": sum(path.stat().st_size for path in files),
    }


def built(settings: Settings) -> dict[str, int | None]:
    """Rows of the tables that models made, as DuckDB's catalogue has them, and bytes in all."""
    if settings.engine == "spark":
        files = settings.spark_tables.rglob("part-*.parquet")
        return {"rows": None, "bytes": sum(path.stat().st_size for path in files)}
    with open_warehouse(settings) as connection:
        row = connection.execute(
            "select coalesce(sum(estimated_size), 0) from duckdb_tables() "
            "where schema_name in ('intermediate', 'marts', 'exports')"
        ).fetchone()
    return {"rows": int(row[0]) if row else 0, "bytes": settings.warehouse.stat().st_size}


def published(settings: Settings) -> int:
    """Bytes of the newest snapshots and of the pairs beside them; history was there before."""
    newest = snapshots.published(settings)
    if newest is None:
        return 0
    files = [settings.published / part.snapshot for part in newest.clients.values()]
    files += snapshots.outbox_folder(settings, newest).rglob("*.parquet")
    return sum(path.stat().st_size for path in files)


def delivered(deliveries: Iterable[Any]) -> dict[str, int]:
    """Rows and bytes of the files that are through."""
    through = [one for one in deliveries if one.is_new]
    rows = sum(one.rows_added + one.rows_seen + one.rows_removed for one in through)
    return {"rows": rows, "bytes": sum(one.bytes for one in through)}
