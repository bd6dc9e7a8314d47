"""From bytes to records: decoding, physical line numbers, quoting, with bounded memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from typing import IO, TypeVar

from matchbook.compressed import damaged
from matchbook.crm_files.numbered import NumberedRows, RecordBatch
from matchbook.crm_files.plain import BLOCK_BYTES, PlainBatch, read_plain

MAX_LINE_BYTES = 1 << 20
"""A physical line longer than this is no CSV row."""

MAX_ROW_WINDOW_BYTES = 64 << 20
"""What the rows read at once may take together; bounds memory whatever the rows look like."""

BATCH_ROWS = 50_000
BATCH_BYTES = 8 << 20

Read = TypeVar("Read")

_BOM = b"\xef\xbb\xbf"
_BOMS_OF_OTHERS = (b"\xff\xfe", b"\xfe\xff")
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"%pdf", b"{")


class Records:
    """The records of a CSV stream. Raises InputRejected when it is not UTF-8 text."""

    def __init__(self, content: IO[bytes]) -> None:
        self._guard = _Guard(content)
        self._stream = io.BufferedReader(self._guard, 1 << 18)
        self._line = 0
        first = _decoded(lambda: self._stream.readline().removeprefix(_BOM).decode())
        while first and not first.strip():
            self._line += 1
            first = _decoded(lambda: self._stream.readline().decode())
        self.delimiter = _delimiter(first)
        self._width = 0
        self._read(chain([first], (line.decode() for line in self._stream)))

    @property
    def content_bytes(self) -> int:
        """Bytes read so far."""
        return self._guard.total

    @property
    def ends_with_newline(self) -> bool:
        """Whether the last byte read ends a line."""
        return self._guard.last == b"\n"

    def header(self) -> list[str]:
        """The first record. Raises InputRejected when it is missing or broken."""
        try:
            cells = _decoded(self._rows.first)
        except csv.Error:
            raise damaged("header", "The first row is not a row of column names.") from None
        self._line = self._rows.line
        if not cells:
            raise damaged("empty", "The file is empty.")
        self._width = len(cells)
        return cells

    def batches(self) -> Iterator[RecordBatch]:
        """All further records."""
        yield from self._batches_of(self._remaining_lines())

    def blocks(self) -> Iterator[RecordBatch | PlainBatch]:
        """All further records, as columns wherever nothing is quoted."""
        while block := self._next_block():
            columns = read_plain(block, self.delimiter, self._width)
            if columns is not None:
                yield PlainBatch(columns, self._line + 1)
                self._line += len(columns[0])
                continue
            lines = io.StringIO(_decoded(block.decode), newline="\n")
            if b'"' not in block:
                yield from self._batches_of(lines)
                continue
            # A quote may go on beyond the block.
            yield from self._batches_of(chain(lines, self._remaining_lines()))
            return

    def _next_block(self) -> bytes:
        """Whole lines; the last one may lack its end."""
        self._guard.window = 0
        return self._stream.read(BLOCK_BYTES) + self._stream.readline()

    def _remaining_lines(self) -> Iterator[str]:
        return io.TextIOWrapper(self._stream, encoding="utf-8", newline="\n")

    def _batches_of(self, lines: Iterable[str]) -> Iterator[RecordBatch]:
        self._read(lines)
        while batch := self._next_batch():
            yield batch
        self._line = self._rows.line

    def _read(self, lines: Iterable[str]) -> None:
        self._rows = NumberedRows(lines, delimiter=self.delimiter, line=self._line, refused=damaged)

    def _next_batch(self) -> RecordBatch | None:
        batch, start, more = RecordBatch(), self._guard.total, True
        while more and len(batch.lines) < BATCH_ROWS and self._guard.total - start < BATCH_BYTES:
            self._guard.window = 0
            more = _decoded(partial(self._rows.extend, batch))
        return batch if more or batch.lines or batch.broken else None


class _Guard(io.RawIOBase):
    """Passes bytes on, refusing what is no text and lines that do not end."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self._open_line = 0
        self.total = 0
        self.window = 0
        self.last = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        size = self._content.readinto(buffer)  # type: ignore[attr-defined]
        block = bytes(buffer[:size])
        if self.total == 0:
            _refuse_other_kinds(block)
        if b"\0" in block:
            raise damaged("not_text", "The file is not a text file.")
        self._measure_lines(block)
        self.total += size
        self.window += size
        if self.window > MAX_ROW_WINDOW_BYTES:
            raise damaged("too_long", "The file has rows that are too long.")
        return int(size)

    def _measure_lines(self, block: bytes) -> None:
        if not block:
            return
        self.last = block[-1:]
        newest = block.rfind(b"\n")
        self._open_line = len(block) - newest - 1 + (self._open_line if newest < 0 else 0)
        if self._open_line > MAX_LINE_BYTES:
            raise damaged("too_long", f"A line is longer than {MAX_LINE_BYTES:,} bytes.")


def _refuse_other_kinds(block: bytes) -> None:
    start = block[:64].lower().removeprefix(b"\xef\xbb\xbf").lstrip()
    if block.startswith(_BOMS_OF_OTHERS) or start.startswith(_MARKUP):
        raise damaged("not_text", "The file is not a CSV text file in UTF-8.")


def _decoded(read: Callable[[], Read]) -> Read:
    try:
        return read()
    except UnicodeDecodeError:
        raise damaged("bad_encoding", "The file is not encoded in UTF-8.") from None


def _delimiter(header: str) -> str:
    outside_quotes = "".join(header.split('"')[::2])
    return max(",;\t", key=outside_quotes.count)
