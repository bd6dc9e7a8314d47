"""What may be asked of published files, and how much a question may take.

A connection that can read a file can still `COPY … TO` it where the file's mode allows it, so
pages ask exactly one SELECT at a time, and published files are nobody's to write.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import duckdb

from matchbook.errors import TookTooLong

Parameters = Sequence[object] | Mapping[str, object]

_AGAIN_SECONDS = 0.05
"""An interrupt between two statements is lost, so it is repeated."""


@dataclass(frozen=True)
class Limits:
    """What one connection may take; None: what DuckDB takes by itself."""

    memory: str | None = None
    threads: int | None = None
    seconds: float | None = None
    """Of the clock, for all that is asked on the connection."""
    shares: bool = False
    """Whether memory and threads are for all who read the same snapshot at the same time."""


FOR_PAGES = Limits(memory="2GB", threads=min(4, os.cpu_count() or 1), seconds=60, shares=True)
FOR_JOBS = Limits()
"""Jobs run one after the other and nobody waits for them before a screen."""


def select(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Parameters | None = None
) -> duckdb.DuckDBPyConnection:
    """Ask one question. Raises ValueError for anything but exactly one SELECT."""
    if not is_one_select(sql):
        raise ValueError("a page asks exactly one SELECT")
    return connection.execute(sql, parameters)


@lru_cache(maxsize=1024)
def is_one_select(sql: str) -> bool:
    """Whether a text is one statement, and a SELECT."""
    statements = duckdb.extract_statements(sql)
    return [statement.type for statement in statements] == [duckdb.StatementType.SELECT]


@contextmanager
def time_limit(connection: duckdb.DuckDBPyConnection, limits: Limits) -> Iterator[None]:
    """Stop what runs on the connection when its time is up. Raises TookTooLong."""
    done = threading.Event()
    if limits.seconds is not None:
        threading.Thread(
            target=_watch, args=(connection, done, limits.seconds), name="time-limit", daemon=True
        ).start()
    try:
        yield
    except (duckdb.InterruptException, duckdb.OutOfMemoryException) as error:
        raise TookTooLong(
            "This question was stopped: it takes longer, or more memory, than a page may.",
            kept="Nothing was changed.",
            todo="Ask for a shorter time or fewer conditions, or try again in a minute.",
        ) from error
    finally:
        done.set()


def _watch(connection: duckdb.DuckDBPyConnection, done: threading.Event, seconds: float) -> None:
    expires = done.wait(seconds)
    while not expires:
        connection.interrupt()
        expires = done.wait(_AGAIN_SECONDS)
