"""One file's lines, read in rounds: each shared out, taken apart, judged and accounted for."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingest.pixel_logs import attribution, formats, lookups, outcomes
from ingest.pixel_logs.ahead import ahead
from ingest.pixel_logs.browsers import Browsers
from ingest.pixel_logs.combined import Shares, shared_out
from ingest.pixel_logs.distinct import joined
from ingest.pixel_logs.hits import HitsFile
from ingest.pixel_logs.lines import SOUND, Splitter
from ingest.pixel_logs.parameters import FIELDS_SCHEMA, with_parameters
from ingest.pixel_logs.periods import Periods
from ingest.pixel_logs.segment_calls import segment_calls
from ingest.pixel_logs.web_calls import web_calls
from matchbook.keys import Keys
from matchbook.registry import Registry

ROUND_BYTES = 20 * 1024 * 1024
SAMPLE_LINES = 200
ODD_BATCH_LINES = 20_000
BATCHES_AHEAD = 2


class Reading:
    """One file on its way into the tables that will be landed."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        registry: Registry,
        keys: Keys,
        moments: dict[str, Any],
        host: str | None,
        hits: HitsFile,
    ) -> None:
        self.connection = connection
        self.keys = keys
        self.vendor_id = registry.tcf_vendor_id
        self.moments = moments
        self.hits = hits
        self.host = host.lower() if host else None
        self.log_format: str | None = None
        self.browsers = Browsers(keys)
        attribution.make_registry_tables(connection, registry)
        self.periods = Periods(
            attribution.moments(connection), oldest=moments["oldest"], latest=moments["latest"]
        )

    def read(self, blocks: Iterator[bytes], *, landed_bytes: int) -> int:
        """Read all lines, a round at a time; returns how many there were."""
        splitter = Splitter(landed_bytes=landed_bytes)
        batches = splitter.batches(blocks)
        # The next round is prepared while DuckDB works on this one.
        for shares in ahead(self._rounds(batches)):
            self._round(shares)
        return splitter.lines

    def _rounds(self, batches: Iterator[pa.RecordBatch]) -> Iterator[list[Shares]]:
        waiting: list[Shares] = []
        size = 0
        for shares in self._shares(batches):
            waiting.append(shares)
            size += sum(part.nbytes for part in shares.lines)
            if size >= ROUND_BYTES:
                yield waiting
                waiting, size = [], 0
        if waiting:
            yield waiting

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
        parameters = {"oldest": self.moments["oldest"], "host": self.host}
        if log_format == formats.SEGMENT:
            found = segment_calls(connection, self.keys, parameters)
        else:
            odd = connection.sql(formats.parsed_fields(log_format)).to_arrow_table()
            batches = [*fields, *with_parameters(odd).to_batches(ODD_BATCH_LINES)]
            table = pa.Table.from_batches(batches, FIELDS_SCHEMA)
            columns = {name: joined(table[name]) for name in table.column_names}
            columns |= self.browsers.of(columns)
            found = web_calls(connection, self.keys, self.periods, columns, parameters)
        connection.execute(
            f"create or replace temp table round_calls as {attribution.ATTRIBUTED_KINDS}"
        )
        lookups.consent(connection, vendor_id=self.vendor_id)
        self.hits.add(outcomes.add_calls(connection, found, self.moments))


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
