"""Land one pixel log: verify, split, take apart in rounds, account for every line, commit."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb

from ingest import verify
from ingest.landing import (
    LandedFile,
    LoadResult,
    lake_file,
    land,
    next_load_seq,
    printable_name,
)
from ingest.pixel_logs import outcomes
from ingest.pixel_logs.hits import HitsFile
from ingest.pixel_logs.reading import Reading
from matchbook.clock import utc_naive
from matchbook.errors import ConfigError
from matchbook.keys import Keys
from matchbook.registry import Registry
from matchbook.settings import Settings

MEMORY_LIMIT = "250MB"
MAX_AGE = timedelta(days=400)
MAX_SKEW = timedelta(minutes=10)
DISK_FACTOR = 3


def land_pixel_log(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    path: Path,
    *,
    registry: Registry,
    keys: Keys,
    host: str | None = None,
    inbox_name: str | None = None,
) -> LoadResult:
    """Land a web-server log or a collector's segment and return its account.

    `host` is the collector's host name where the log does not say it. Raises
    InputRejected when the file is damaged and ConfigError when the disk is too small;
    nothing of the file is landed then.
    """
    landed_at = settings.clock.now()
    verified = verify.verify(path, landed=_landed_beginnings(connection, path))
    _check_space(settings, verified.content_bytes)
    file = LandedFile(
        source=outcomes.SOURCE,
        sha256=verified.sha256,
        file_name=printable_name(inbox_name or path.name),
        content_bytes=verified.content_bytes,
        content_head=verified.content_head,
        content_sha256=verified.content_sha256,
        ends_with_newline=verified.ends_with_newline,
    )
    with _stopped_cleanly(connection):
        outcomes.start(connection)
        earlier = _same_file(connection, verified.sha256)
        with _hits_file(connection, settings, file) as hits:
            if earlier is None:
                now = utc_naive(landed_at)
                moments = outcomes.moments_of(now, now - MAX_AGE, now + MAX_SKEW)
                reading = Reading(connection, registry, keys, moments, host, hits)
                lines = reading.read(verified)
            else:
                lines = _repeat_account(connection, earlier)
        outcomes.finish(connection)
        return land(
            connection, settings, file, lines=lines, tables=outcomes.TABLES, in_lake=("hits",),
            landed_at=landed_at,
        )  # fmt: skip


@contextmanager
def _hits_file(
    connection: duckdb.DuckDBPyConnection, settings: Settings, file: LandedFile
) -> Iterator[HitsFile]:
    """Where the hits go as they are found: the lake's own file of them."""
    load_seq = next_load_seq(connection)
    schema = connection.sql("from raw.hits limit 0").to_arrow_table().schema
    with (
        lake_file(settings, "hits", load_seq, file) as path,
        HitsFile(path, schema, load_seq) as hits,
    ):
        yield hits


def _landed_beginnings(connection: duckdb.DuckDBPyConnection, path: Path) -> dict[int, str]:
    head = verify.content_head(path)
    rows = connection.execute(
        "select content_bytes, content_sha256 from raw.loads where source = $source "
        "and content_bytes > 0 and (content_bytes < $size or content_head = $head)",
        {
            "source": outcomes.SOURCE,
            "size": verify.HEAD_BYTES,
            "head": verify.head_sha256(head),
        },
    ).fetchall()
    return dict(rows)


def _same_file(connection: duckdb.DuckDBPyConnection, sha256: str) -> int | None:
    query = "select min(load_seq) from raw.loads where sha256 = $sha256 and source = $source"
    found: int | None = _row(connection, query, sha256=sha256, source=outcomes.SOURCE)[0]
    return found


def _row(connection: duckdb.DuckDBPyConnection, query: str, **parameters: Any) -> tuple[Any, ...]:
    """The one row of a query, drained: an open result would block the next register."""
    (row,) = connection.execute(query, parameters).fetchall()
    return tuple(row)


def _repeat_account(connection: duckdb.DuckDBPyConnection, load_seq: int) -> int:
    """Count all lines of a landed file as duplicates, for the clients and days they had."""
    connection.execute(
        "insert into new_line_outcomes by name select source, client_id, hit_date, "
        "'duplicate' as outcome, 'same_file' as reason, sum(lines) as lines "
        "from raw.line_outcomes where load_seq = $seq group by all",
        {"seq": load_seq},
    )
    return int(_row(connection, "select coalesce(sum(lines), 0) from new_line_outcomes")[0])


def _check_space(settings: Settings, content_bytes: int) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.home).free
    needed = DISK_FACTOR * content_bytes
    if free < needed:
        raise ConfigError(
            f"The disk has {free / 1e9:.1f} GB free; this file needs {needed / 1e9:.1f} GB.",
            kept="Nothing of the file was loaded and the file stays where it is.",
            todo="Free some space, then run the command again.",
        )


@contextmanager
def _stopped_cleanly(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Bound DuckDB's memory, and turn a failing disk into an error that says what to do."""
    (before,) = _row(connection, "select current_setting('memory_limit')")
    connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
    # With little memory DuckDB keeps rows in order by using one core only.
    connection.execute("set preserve_insertion_order = false")
    # A bar would stand in what scripts read from standard output.
    connection.execute("set enable_progress_bar = false")
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        raise ConfigError(
            "The disk could not be read or written.",
            kept="Nothing of the file was loaded and the file stays where it is.",
            todo="Free space or repair the disk, then run the command again.",
        ) from error
    finally:
        for table in outcomes.TABLES:
            connection.execute(f"drop table if exists new_{table}")
        connection.execute("reset preserve_insertion_order")
        connection.execute("reset enable_progress_bar")
        connection.execute(f"set memory_limit = '{before}'")
