"""The mirror as Parquet under `mirror/`, for an engine that does not open the warehouse file."""

from __future__ import annotations

import duckdb

from matchbook.files import whole_file
from matchbook.settings import Settings
from matchbook.sql import name

_MIRRORED = """
    select table_name from duckdb_tables() where schema_name = 'raw'
    except
    select table_name from duckdb_columns() where schema_name = 'raw' and column_name = 'hit_date'
    order by table_name
"""
"""What lands has a day, and stands in the lake; the rest is copied from registry and state."""


def write_mirror(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Write each mirrored table of the warehouse as one file, whole."""
    for (table,) in connection.execute(_MIRRORED).fetchall():
        with whole_file(settings.mirror / table / "all.parquet") as part:
            query = f"copy raw.{name(table)} to $path (format parquet)"
            connection.execute(query, {"path": str(part)})
