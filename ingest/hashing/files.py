"""From a customer's file to the hashed file: streamed, in two processes, in the file's order."""

from __future__ import annotations

import gc
import multiprocessing
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

from ingest.hashing import report
from ingest.hashing.columns import Choice, Columns, read_columns
from ingest.hashing.encoding import encoding_of, in_utf8
from ingest.hashing.reading import Lines, RawFile, refused
from ingest.hashing.rows import Batch, as_csv, hash_part
from matchbook.compressed import open_content
from matchbook.crm_files.numbered import RecordBatch
from matchbook.errors import ConfigError, InputRejected
from matchbook.files import whole_file
from matchbook.normalisation import is_region

T = TypeVar("T")
PROCESSES = 2
NOTHING = "Nothing was written."
MAX_CONTENT_BYTES = 64 << 30
"""After decompression."""
WAITING = 4
"""Batches under way at once; bounds memory at a few of them."""

Progress = Callable[[int, int], None]
"""Told how many bytes are read, of how many."""


@dataclass
class Hashed:
    """The account of one file."""

    columns: Columns
    read: int = 0
    written: int = 0
    hashes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)


def hash_file(
    source: Path,
    target: Path,
    rejects: Path,
    choice: Choice,
    *,
    processes: int = PROCESSES,
    progress: Progress = lambda done, total: None,
) -> Hashed:
    """Write `target` (hashes and chosen attributes) and `rejects` (line numbers and reasons).

    Both appear whole or not at all. Raises InputRejected or ConfigError; neither says a value.
    """
    if choice.region is not None and not is_region(choice.region):
        raise ConfigError("The region is no country.", kept=NOTHING, todo="Say it like NL.")
    _refuse_overwriting(source, target, rejects)
    encoding = _read(lambda: _encoding(source))
    with _no_collection(), open_content(source, max_bytes=MAX_CONTENT_BYTES) as content:
        records = _read(lambda: RawFile(in_utf8(content, encoding)))
        columns = read_columns(_read(records.header), choice)
        hasher = partial(hash_part, columns=columns, region=choice.region, mode=choice.mode)
        account = Hashed(columns)
        with (
            whole_file(target) as rows,
            whole_file(rejects) as left,
            rows.open("wb") as rows_file,
            left.open("wb") as report_file,
        ):
            rows_file.write(as_csv([columns.header()]))
            report_file.write(as_csv([report.HEADER]))
            for batch in _hashed(_parts(records, progress, source), hasher, processes):
                rows_file.write(batch.rows)
                report_file.write(batch.report)
                _add(account, batch)
    return account


def _encoding(source: Path) -> str:
    with open_content(source, max_bytes=MAX_CONTENT_BYTES) as content:
        return encoding_of(content)


def _hashed(
    parts: Iterator[Lines | RecordBatch],
    hasher: Callable[[Lines | RecordBatch], Batch],
    processes: int,
) -> Iterator[Batch]:
    """In order. A file of one part is not worth starting processes for."""
    begin = list(islice(parts, 2))
    if len(begin) < 2 or processes < 2:
        yield from map(hasher, chain(begin, parts))
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=gc.disable) as pool:
        waiting: deque[Future[Batch]] = deque()
        for part in chain(begin, parts):
            waiting.append(pool.submit(hasher, part))
            if len(waiting) == WAITING:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Garbage collection off: it would look at every cell again and again, and find no cycle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _parts(records: RawFile, progress: Progress, source: Path) -> Iterator[Lines | RecordBatch]:
    size = source.stat().st_size
    parts = records.parts()
    while (part := _read(lambda: next(parts, None))) is not None:
        progress(records.bytes_read, max(size, records.bytes_read))
        yield part


def _read(read: Callable[[], T]) -> T:
    """Damaged archives are told like every other file that cannot be read."""
    try:
        return read()
    except InputRejected as error:
        if error.kept == NOTHING:
            raise
        raise refused(error.reason, error.happened) from None


def _refuse_overwriting(source: Path, *targets: Path) -> None:
    paths = [path.resolve() for path in (source, *targets)]
    if len(set(paths)) < len(paths):
        raise ConfigError(
            "The file, the hashed file and the report must be three files.",
            kept=NOTHING,
            todo="Give -o and --rejects names of their own.",
        )


def _add(account: Hashed, batch: Batch) -> None:
    account.read += batch.read
    account.written += batch.written
    account.hashes += batch.hashes
    account.reasons += batch.reasons
