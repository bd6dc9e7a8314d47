"""Land one pixel log: read and verify it, judge it in rounds, account for each line, commit."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb

from ingest.landing import (
    LandedFile,
    LoadResult,
    lake_file,
    land,
    next_load_seq,
    printable_name,
)
from ingest.pixel_logs import outcomes
from ingest.pixel_logs.delivery import Delivery
from ingest.pixel_logs.hits import HitsFile
from ingest.pixel_logs.reading import Reading
from ingest.verify import VerifiedFile
from matchbook.clock import utc_naive
from matchbook.erasure import tombstones
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
    delivery = Delivery(connection, path)
    _check_space(settings, delivery.content_bytes)
    with _stopped_cleanly(connection):
        outcomes.start(connection)
        with _hits_file(connection, settings) as hits:
            if delivery.landed_as is None:
                now = utc_naive(landed_at)
                moments = outcomes.moments_of(now, now - MAX_AGE, now + MAX_SKEW)
                erased = tombstones.load(settings)
                reading = Reading(connection, registry, keys, moments, host, hits, erased)
                lines = reading.read(delivery.blocks(), landed_bytes=delivery.landed_bytes)
            else:
                lines = _repeat_account(connection, delivery.landed_as)
            file = _landed_file(delivery.verified(), inbox_name or path.name)
            hits.close()
            with lake_file(settings, "hits", hits.load_seq, file) as in_lake:
                hits.path.replace(in_lake)
        outcomes.finish(connection)
        return land(
            connection, settings, file, lines=lines, tables=outcomes.TABLES, in_lake=("hits",),
            landed_at=landed_at,
        )  # fmt: skip


@contextmanager
def _hits_file(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[HitsFile]:
    """Where the hits go as they are found: in the lake, where a torn load's files are dropped."""
    load_seq = next_load_seq(connection)
    schema = connection.sql("from raw.hits limit 0").to_arrow_table().schema
    path = settings.lake / "hits" / f"{load_seq:012d}-unnamed.parquet.part"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with HitsFile(path, schema, load_seq) as hits:
            yield hits
    finally:
        path.unlink(missing_ok=True)


def _landed_file(verified: VerifiedFile, name: str) -> LandedFile:
    return LandedFile(
        source=outcomes.SOURCE,
        sha256=verified.sha256,
        file_name=printable_name(name),
        content_bytes=verified.content_bytes,
        content_head=verified.content_head,
        content_sha256=verified.content_sha256,
        ends_with_newline=verified.ends_with_newline,
    )


def _row(connection: duckdb.DuckDBPyConnection, query: str, **parameters: Any) -> tuple[Any, ...]:
    """The one row of a query, drained: an open result would block the next register."""
    (row,) = connection.execute(query, parameters).fetchall()
    return tuple(row)


def _repeat_account(connection: duckdb.DuckDBPyConnection, load_seq: int) -> int:
    """Count all lines of a landed file as duplicates, for the clients and days they had."""
    connection.execute(
        "insert into new_line_outcomes by name select source, client_id, site_id, partner_id, "
        "hit_date, 'duplicate' as outcome, 'same_file' as reason, sum(lines) as lines "
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
        connection.execute(f"set memory_limit = '{before}'")
