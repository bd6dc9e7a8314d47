"""The warehouse: one DuckDB file, one writer at a time. The only place that opens DuckDB."""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from matchbook.errors import Busy, ConfigError
from matchbook.settings import REPOSITORY, Settings

RAW_TABLES_SQL = REPOSITORY / "dbt_project" / "macros" / "raw_tables.sql"

# A progress bar would stand in what scripts read from standard output.
_SESSION = "set timezone = 'UTC'; set enable_progress_bar = false"


@contextmanager
def run_lock(settings: Settings, *, command: str) -> Iterator[None]:
    """Hold the right to write for as long as the block runs; reentrant across child dbt runs.

    Raises Busy, naming who runs, when another process holds it. The kernel lets go of the
    lock when the holder dies, so nothing ever has to be unlocked by hand.
    """
    if os.environ.get("MATCHBOOK_RUN_LOCK") == str(settings.home):
        yield
        return
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "warehouse.lock").open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            raise Busy(
                f"Another run is busy: {_holder(handle.read())}.",
                kept="Nothing was changed.",
                todo="Wait for it to end, then run the command again.",
            ) from None
        handle.truncate(0)
        started = settings.clock.now().isoformat(timespec="seconds")
        handle.write(json.dumps({"command": command, "pid": os.getpid(), "since": started}))
        handle.flush()
        os.environ["MATCHBOOK_RUN_LOCK"] = str(settings.home)
        try:
            yield
        finally:
            del os.environ["MATCHBOOK_RUN_LOCK"]


@contextmanager
def open_warehouse(
    settings: Settings, *, memory_limit: str | None = None, path: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A writing connection to the warehouse with the raw tables in place."""
    target = path or settings.warehouse
    target.parent.mkdir(parents=True, exist_ok=True)
    config: dict[str, Any] = {"memory_limit": memory_limit} if memory_limit else {}
    try:
        connection = duckdb.connect(str(target), config=config)
    except duckdb.IOException as error:
        raise ConfigError(
            "The warehouse file cannot be opened.",
            kept="It was not changed.",
            todo="If no other program has it open, run: matchbook rebuild",
        ) from error
    try:
        connection.execute(_SESSION)
        connection.execute(raw_tables_ddl())
        yield connection
    finally:
        connection.close()


def open_memory(
    *, memory_limit: str | None = None, threads: int | None = None
) -> duckdb.DuckDBPyConnection:
    """A scratch connection that holds no data of its own."""
    wanted: dict[str, Any] = {"memory_limit": memory_limit, "threads": threads}
    config = {name: value for name, value in wanted.items() if value}
    connection = duckdb.connect(":memory:", config=config)
    connection.execute(_SESSION)
    return connection


def open_file(path: Path, *, read_only: bool = True) -> duckdb.DuckDBPyConnection:
    """A connection to a snapshot file; read-only connections reach no other file."""
    connection = duckdb.connect(str(path), read_only=read_only)
    connection.execute(_SESSION)
    return connection


@cache
def raw_tables_ddl() -> str:
    """The statements of the dbt macro `create_raw_tables`, so that there is one definition."""
    text = RAW_TABLES_SQL.read_text()
    return re.sub(r"{%.*?%}", "", text)


def _holder(text: str) -> str:
    try:
        holder = json.loads(text)
        return f"{holder['command']} (process {holder['pid']}, since {holder['since']})"
    except (ValueError, KeyError):
        return "its name is not known yet"
