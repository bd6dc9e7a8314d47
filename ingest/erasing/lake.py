"""The lake as tables in a scratch connection: `lake_hits`, `lake_crm_rows` and so on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ingest.landing import ROW_TABLES
from matchbook.errors import Busy
from matchbook.registry import Registry
from matchbook.settings import Settings
from matchbook.sql import text
from matchbook.warehouse import open_memory, raw_tables_ddl

MEMORY_LIMIT = "768MB"
"""Beyond it DuckDB works on disk."""


@contextmanager
def open_lake(settings: Settings, registry: Registry) -> Iterator[duckdb.DuckDBPyConnection]:
    """Views of all complete loads, and `owners`: whose rows a client may read.

    A row of a publisher's is owned by the publisher, any other by its client. Raises Busy where
    files vanish meanwhile.
    """
    connection = open_memory(memory_limit=MEMORY_LIMIT)
    try:
        connection.execute(f"set temp_directory = {text(settings.home / 'tmp')}")
        connection.execute(raw_tables_ddl())
        for table in (*ROW_TABLES, "loads"):
            files = files_of(settings, table)
            found = f"union all by name from read_parquet({text(files)}, union_by_name = true)"
            connection.execute(
                f"create view lake_{table} as from raw.{table} {found if files else ''}"
            )
        readers = [(client.client_id, client.client_id) for client in registry.clients]
        readers += [
            (p.publisher_id, reader) for p in registry.publishers for reader in p.client_ids
        ]
        connection.execute(
            "create table owners as "
            "select unnest(?::varchar[]) as owner, unnest(?::varchar[]) as client_id",
            [[owner for owner, _ in readers], [reader for _, reader in readers]],
        )
        yield connection
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise Busy(
            "The lake is being rewritten, or its disk fails.",
            kept="Requests that were entered are in force.",
            todo="The next night looks up the rest; matchbook status says whether a run is on.",
        ) from error
    finally:
        connection.close()


def files_of(settings: Settings, table: str) -> list[Path]:
    """A table's files of all complete loads; one that is landing now is not yet among them."""
    stems = sorted(path.stem for path in (settings.lake / "loads").glob("*.parquet"))
    paths = (settings.lake / table / f"{stem}.parquet" for stem in stems)
    return [path for path in paths if path.exists()]
