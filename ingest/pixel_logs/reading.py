"""One file's lines, read in rounds: each shared out, taken apart, judged and accounted for."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingest.pixel_logs import formats, lookups, outcomes
from ingest.pixel_logs.ahead import ahead
from ingest.pixel_logs.combined import Shares, shared_out
from ingest.pixel_logs.erased import ErasedCalls
from ingest.pixel_logs.hits import HitsFile
from ingest.pixel_logs.judging import Judge, Round
from ingest.pixel_logs.lines import SOUND, Splitter
from matchbook.erasure.tombstones import Erased
from matchbook.keys import Keys
from matchbook.registry import Registry
from matchbook.warehouse import open_memory

ROUND_BYTES = 48 * 1024 * 1024
ROUND_BATCHES = 64
"""So that judging does not wait for the end where few lines are ours."""
SAMPLE_LINES = 200
BATCHES_AHEAD = 2
SCRATCH_LIMIT = "150MB"


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
        erased: Erased,
    ) -> None:
        self.connection = connection
        self.registry = registry
        self.keys = keys
        self.moments = moments
        self.host = host
        self.hits = hits
        self.erased = ErasedCalls(erased, registry)
        self.log_format: str | None = None

    def read(self, blocks: Iterator[bytes], *, landed_bytes: int) -> int:
        """Read all lines, a round at a time; returns how many there were."""
        splitter = Splitter(landed_bytes=landed_bytes)
        batches = splitter.batches(blocks)
        with open_memory(memory_limit=SCRATCH_LIMIT) as scratch:
            judge = Judge(scratch, self.registry, self.keys, self.moments, self.host)
            # While one round is accounted for, the next is judged, and the one after it read.
            judging = map(judge.judged, ahead(self._rounds(batches)))
            for judged in ahead(judging):
                self._account(judged)
                del judged
        return splitter.lines

    def _rounds(self, batches: Iterator[pa.RecordBatch]) -> Iterator[tuple[str, list[Shares]]]:
        waiting: list[Shares] = []
        size = 0
        for shares in self._shares(batches):
            waiting.append(shares)
            size += sum(part.nbytes for part in shares.lines)
            if size >= ROUND_BYTES or len(waiting) >= ROUND_BATCHES:
                yield self.log_format or formats.COMBINED, waiting
                waiting, size = [], 0
        if waiting:
            yield self.log_format or formats.COMBINED, waiting

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

    def _account(self, judged: Round) -> None:
        tables = {
            "round_input": judged.lines,
            "odd_lines": judged.odd,
            "foreign_minutes": _counted(judged.foreign),
            "round_calls": judged.verdicts,
        }
        for name, rows in tables.items():
            self.connection.register(name, rows)
        self._add_rest(judged.log_format)
        lookups.consent(self.connection, vendor_id=self.registry.tcf_vendor_id)
        found = outcomes.add_calls(self.connection, judged.calls, self.moments, self.erased)
        self.hits.add(found)
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
