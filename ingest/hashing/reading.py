"""Reading a customer's CSV in UTF-8: any usual delimiter, physical line numbers, bounded memory.

Where nothing is quoted every line is a row, so blocks of lines are handed out as they are and
read elsewhere; from the first quote on rows are read here. The browser reads alike
(dashboard/components/crm_hasher/src/reading/csv.ts).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import IO, TypeVar

from matchbook.crm_files.numbered import NumberedRows, RecordBatch
from matchbook.errors import InputRejected

BLOCK_BYTES = 1 << 20
BATCH_ROWS = 20_000
MAX_LINE_BYTES = 1 << 20
"""A physical line longer than this is no CSV row."""
MAX_BATCH_BYTES = 32 << 20
"""What the rows of a batch may take before it is closed early."""

_BOM = b"\xef\xbb\xbf"
_DELIMITERS = ",;\t|"
_NO_TEXT = ("%pdf", "<!doctype", "<html", "<?xml")

Read = TypeVar("Read")


@dataclass(frozen=True)
class Lines:
    """Whole lines without any quote; `before` is how many stand above them."""

    text: bytes
    before: int
    delimiter: str

    def records(self) -> RecordBatch:
        """The rows they are."""
        lines = io.StringIO(self.text.decode(), newline="\n")
        rows = NumberedRows(lines, delimiter=self.delimiter, line=self.before)
        batch = RecordBatch()
        while rows.extend(batch):
            pass
        return batch


class RawFile:
    """The records of a CSV stream. Raises InputRejected when it is none."""

    def __init__(self, content: IO[bytes]) -> None:
        self._source = _LineEnds(content)
        self._content = io.BufferedReader(self._source, 1 << 18)
        self._held = io.BytesIO()
        self._line = 0
        first = self._next_line(_BOM)
        while first and not first.strip():
            self._line += 1
            first = self._next_line()
        _refuse_other_kinds(first)
        self._delimiter = _delimiter(first)
        self._rows = self._read(chain([first], iter(self._next_line, "")))

    @property
    def bytes_read(self) -> int:
        """Of the content."""
        return self._source.bytes_read

    def header(self) -> list[str]:
        """The first record."""
        try:
            cells = self._rows.first()
        except csv.Error:
            raise refused("header", "Its first row is not a row of column names.") from None
        if not cells:
            raise refused("empty", "It is empty.")
        self._line = self._rows.line
        return cells

    def parts(self) -> Iterator[Lines | RecordBatch]:
        """All further records, blank ones left out."""
        while block := self._next_block():
            last_line = len(block) - block.rfind(b"\n", 0, -1)
            if b'"' in block or last_line > MAX_LINE_BYTES:
                # A quote may go on beyond the block.
                self._held = io.BytesIO(block)
                yield from self._batches(self._read(iter(self._next_line, "")))
                return
            _decoded(block.decode)
            yield Lines(block, self._line, self._delimiter)
            self._line += block.count(b"\n")

    def _next_block(self) -> bytes:
        return self._content.read(BLOCK_BYTES) + self._content.readline(MAX_LINE_BYTES)

    def _batches(self, rows: NumberedRows) -> Iterator[RecordBatch]:
        more = True
        while more:
            batch, start = RecordBatch(), self.bytes_read
            while (
                more and len(batch.lines) < BATCH_ROWS and self.bytes_read - start < MAX_BATCH_BYTES
            ):
                more = rows.extend(batch)
            if batch.lines or batch.broken:
                yield batch

    def _read(self, lines: Iterable[str]) -> NumberedRows:
        return NumberedRows(lines, delimiter=self._delimiter, line=self._line)

    def _next_line(self, mark: bytes = b"") -> str:
        line = self._held.readline(MAX_LINE_BYTES) or self._content.readline(MAX_LINE_BYTES)
        if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
            raise refused("too_long", f"A line is longer than {MAX_LINE_BYTES:,} bytes.")
        return _decoded(line.removeprefix(mark).decode)


class _LineEnds(io.RawIOBase):
    """The content with "\\n" at every line end, whatever machine wrote it."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self._held = b""
        self.bytes_read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        read = self._content.read(len(buffer) - 1)
        self.bytes_read += len(read)
        block = self._held + read
        # Half of a "\r\n" may be in the next block.
        self._held = b"\r" if read and block.endswith(b"\r") else b""
        if b"\r" in block:
            block = block.removesuffix(self._held).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if self._held and not block:
            return self.readinto(buffer)
        buffer[: len(block)] = block
        return len(block)


def refused(reason: str, happened: str) -> InputRejected:
    """A file that cannot be read, in words for whoever has it at home."""
    return InputRejected(
        reason,
        f"The file cannot be hashed. {happened}",
        kept="Nothing was written.",
        todo="Save it again as CSV in UTF-8 with the column names in its first row.",
    )


def _decoded(read: Callable[[], Read]) -> Read:
    try:
        return read()
    except UnicodeDecodeError:
        raise refused("bad_encoding", "It is not encoded in UTF-8.") from None


def _refuse_other_kinds(first: str) -> None:
    if "\0" in first or first[:16].lower().lstrip().startswith(_NO_TEXT):
        raise refused("not_text", "It is not a CSV text file.")


def _delimiter(header: str) -> str:
    outside_quotes = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=outside_quotes.count)
