"""Land one pixel log: verify, split, take apart in rounds, account for every line, commit."""

from __future__ import annotations

import shutil
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingest import verify
from ingest.content import content_blocks
from ingest.landing import LandedFile, LoadResult, land, printable_name
from ingest.pixel_logs import attribution, calls, formats, lookups, outcomes
from ingest.pixel_logs.browsers import Browsers
from ingest.pixel_logs.combined import Shares, shared_out
from ingest.pixel_logs.lines import SOUND, Splitter
from ingest.pixel_logs.parameters import FIELDS_SCHEMA, with_parameters
from matchbook.clock import utc_naive
from matchbook.errors import ConfigError
from matchbook.keys import Keys
from matchbook.registry import Registry
from matchbook.settings import Settings

ROUND_BYTES = 32 * 1024 * 1024
MEMORY_LIMIT = "250MB"
MAX_AGE = timedelta(days=400)
MAX_SKEW = timedelta(minutes=10)
DISK_FACTOR = 3
SAMPLE_LINES = 200
ODD_BATCH_LINES = 20_000
BATCHES_AHEAD = 2


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
        if earlier is None:
            now = utc_naive(landed_at)
            moments = outcomes.moments_of(now, now - MAX_AGE, now + MAX_SKEW)
            reading = _Reading(connection, registry, keys, moments, host)
            lines = reading.read(verified)
        else:
            lines = _repeat_account(connection, earlier)
        outcomes.finish(connection)
        return land(
            connection, settings, file, lines=lines, tables=outcomes.TABLES, landed_at=landed_at
        )


class _Reading:
    """One file on its way into the tables that will be landed."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        registry: Registry,
        keys: Keys,
        moments: dict[str, Any],
        host: str | None,
    ) -> None:
        self.connection = connection
        self.keys = keys
        self.vendor_id = registry.tcf_vendor_id
        self.moments = moments
        self.host = host.lower() if host else None
        self.log_format: str | None = None
        self.browsers = Browsers(keys)
        attribution.make_registry_tables(connection, registry)

    def read(self, verified: verify.VerifiedFile) -> int:
        """Read all lines, a round at a time; returns how many there were."""
        splitter = Splitter(landed_bytes=verified.landed_bytes)
        waiting: list[Shares] = []
        size = 0
        for shares in self._shares(splitter.batches(content_blocks(verified.path))):
            waiting.append(shares)
            size += sum(part.nbytes for part in waiting[-1].lines)
            if size >= ROUND_BYTES:
                self._round(waiting)
                waiting, size = [], 0
        if waiting:
            self._round(waiting)
        return splitter.lines

    def _shares(self, batches: Iterator[pa.RecordBatch]) -> Iterator[Shares]:
        """Share the batches out, some ahead of what is asked for."""
        with ThreadPoolExecutor(BATCHES_AHEAD) as pool:
            ahead: deque[Future[Shares]] = deque()
            for batch in batches:
                self.log_format = self.log_format or _detect(batch)
                is_combined = self.log_format == formats.COMBINED
                ahead.append(pool.submit(shared_out if is_combined else _undivided, batch))
                if len(ahead) > BATCHES_AHEAD:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()

    def _round(self, shares: list[Shares]) -> None:
        log_format = self.log_format or formats.COMBINED
        foreign: Counter[str] = sum((share.foreign for share in shares), Counter())
        tables = {
            "round_input": pa.Table.from_batches(chain(*(share.lines for share in shares))),
            "odd_lines": pa.Table.from_batches(share.odd for share in shares),
            "foreign_minutes": _counted(foreign),
        }
        for name, rows in tables.items():
            self.connection.register(name, rows)
        self._add_rest(log_format)
        self._add_calls(log_format, list(chain(*(share.fields for share in shares))))
        for name in tables:
            self.connection.unregister(name)

    def _add_rest(self, log_format: str) -> None:
        outcomes.add_rest(
            self.connection,
            candidate=formats.may_be_ours(log_format),
            shape=formats.is_foreign_log_line(log_format),
            day=formats.day_text(log_format),
            at=formats.parsed_at("day_text"),
            moments=self.moments,
        )

    def _add_calls(self, log_format: str, fields: list[pa.RecordBatch]) -> None:
        connection = self.connection
        connection.execute(
            "create or replace temp view sound_lines as select line_number, line from odd_lines "
            f"where flaw = {SOUND} and byte_length > 0 and {formats.may_be_ours(log_format)}"
        )
        if log_format == formats.SEGMENT:
            select = calls.segment_calls()
        else:
            odd = connection.sql(formats.parsed_fields(log_format)).to_arrow_table()
            batches = [*fields, *with_parameters(odd).to_batches(ODD_BATCH_LINES)]
            taken = self.browsers.added(pa.Table.from_batches(batches, FIELDS_SCHEMA))
            connection.register("round_fields", taken)
            select = calls.web_calls()
        connection.execute(
            "create or replace temp table round_calls as "
            + attribution.attributed_calls(
                f"select * replace (coalesce(host, $host) as host) from ({select})"
            ),
            {"oldest": self.moments["oldest"], "host": self.host},
        )
        lookups.look_up(connection, self.keys, vendor_id=self.vendor_id)
        _find_repeated(connection)
        outcomes.add_calls(connection, self.moments)


def _undivided(batch: pa.RecordBatch) -> Shares:
    return Shares(odd=batch, lines=[batch])


def _counted(minutes: Counter[str]) -> pa.Table:
    columns = [pa.array(minutes.keys(), pa.string()), pa.array(minutes.values(), pa.int64())]
    return pa.table(columns, names=["day_text", "lines"])


def _detect(batch: pa.RecordBatch) -> str | None:
    first = batch.slice(0, 5_000)
    sound = first.filter(pc.equal(first["flaw"], SOUND))
    sample = [line for line in sound["line"].slice(0, SAMPLE_LINES).to_pylist() if line.strip()]
    return formats.detect(sample) if sample else None


def _find_repeated(connection: duckdb.DuckDBPyConnection) -> None:
    """The lines of this round whose hit id came before: landed, in this file, in this round."""
    first, last = _row(
        connection,
        "select min(hit_at)::date, max(hit_at)::date from round_calls where hit_id is not null",
    )
    # Hits of one id share their day, unless their clock was ahead: few days need be read.
    connection.execute(
        "create or replace temp table repeated_calls as "
        "with numbered as (select line_number, hit_id, row_number() over "
        "(partition by hit_id order by line_number) as n from round_calls "
        "where hit_id is not null and reason is null) "
        "select line_number from numbered where n > 1 or hit_id in (from seen_hits) "
        "or hit_id in (select hit_id from raw.hits where hit_id is not null "
        "and (hit_date between $first and $last or has_clock_skew))",
        {"first": first, "last": last},
    )


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
