"""What a build left, attached as `warehouse` for reading, whichever engine made it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from matchbook.errors import Busy, SnapshotUnavailable
from matchbook.settings import Settings
from matchbook.sql import name, text
from matchbook.warehouse import open_memory

_SCHEMAS = ("marts", "exports")


@contextmanager
def open_built(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A scratch connection with the newest build's tables as `warehouse`.

    Raises SnapshotUnavailable where nothing was built, Busy where somebody else writes.
    """
    connection = open_memory()
    try:
        connection.execute(f"set temp_directory = {text(settings.home / 'tmp')}")
        attach = _attach_spark if settings.engine == "spark" else _attach_file
        attach(connection, settings)
        yield connection
    finally:
        connection.close()


def nothing_built() -> SnapshotUnavailable:
    """The error where there is no build yet."""
    return SnapshotUnavailable(
        "The warehouse holds no build, so there is nothing to publish.",
        kept="Nothing was changed.",
        todo="Run: matchbook nightly, or matchbook demo for an example.",
    )


def _attach_file(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    if not settings.warehouse.exists():
        raise nothing_built()
    try:
        connection.execute(f"attach {text(settings.warehouse)} as warehouse (read_only)")
    except (duckdb.IOException, duckdb.ResourceInUseException) as error:
        raise Busy(
            "The warehouse is open in another program.",
            kept="Nothing was published; readers keep the snapshot they have.",
            todo="Wait for dbt or ingest to end, then run: matchbook publish",
        ) from error


def _attach_spark(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Views over the Parquet of Spark's tables, with the types that contracts promise."""
    manifest = settings.builds / "manifest.json"
    if not manifest.exists():
        raise nothing_built()
    connection.execute("attach ':memory:' as warehouse")
    for schema in ("raw", *_SCHEMAS):
        connection.execute(f"create schema warehouse.{schema}")
    for node in json.loads(manifest.read_text())["nodes"].values():
        if node["resource_type"] == "model" and node["schema"] in _SCHEMAS:
            view = f"warehouse.{node['schema']}.{name(node['name'])}"
            connection.execute(f"create view {view} as {_query(settings, node)}")
    for folder in [*sorted(settings.mirror.glob("*")), settings.lake / "loads"]:
        if files := sorted(folder.glob("*.parquet")):
            rows = f"from read_parquet({text(files)}, union_by_name = true)"
            connection.execute(f"create view warehouse.raw.{name(folder.name)} as {rows}")


def _query(settings: Settings, node: dict[str, Any]) -> str:
    files = _files(settings.spark_tables / f"{node['schema']}.db" / node["name"])
    columns = [
        f"cast({name(column) if files else 'null'} as {kind['data_type']}) as {name(column)}"
        for column, kind in node["columns"].items()
    ]
    if not files:
        return f"select {', '.join(columns)} where false"
    return f"select {', '.join(columns)} from read_parquet({text(files)}, hive_partitioning = true)"


def _files(folder: Path) -> list[Path]:
    """What stands; a job that was killed leaves its own under names that begin otherwise."""
    return sorted([*folder.glob("part-*.parquet"), *folder.glob("[!._]*=*/part-*.parquet")])
