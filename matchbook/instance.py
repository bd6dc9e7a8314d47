"""How operators read the installation's own file: loads, builds, deliveries of all clients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from matchbook.errors import SnapshotUnavailable
from matchbook.reading import FOR_PAGES, time_limit
from matchbook.settings import Settings
from matchbook.sql import text
from matchbook.warehouse import open_memory

FILE = "instance.duckdb"


@contextmanager
def open_instance(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to it, which reaches no other file. Raises SnapshotUnavailable."""
    connection = open_memory(memory_limit=FOR_PAGES.memory, threads=FOR_PAGES.threads)
    try:
        connection.execute("set temp_directory = ''")
        _attach(connection, settings)
        connection.execute("use instance")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        with time_limit(connection, FOR_PAGES):
            yield connection
    finally:
        connection.close()


def _attach(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    path = settings.published / FILE
    try:
        connection.execute(f"attach {text(path)} as instance (read_only)")
    except duckdb.IOException:
        raise SnapshotUnavailable(
            "Nothing has been published of the installation yet.",
            kept="Nothing was changed.",
            todo="Run: matchbook nightly",
        ) from None
