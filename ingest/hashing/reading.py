"""Reading a customer's CSV: UTF-8, any usual delimiter, physical line numbers, bounded memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import IO, TypeVar

from matchbook.errors import InputRejected

BATCH_ROWS = 20_000
MAX_LINE_LENGTH = 1 << 20
"""Characters; a physical line longer than this is no CSV row."""
MAX_BATCH_LENGTH = 32 << 20
"""Characters that the rows of a batch may take before it is closed early."""

_ROWS_AT_ONCE = 100
_DELIMITERS = ",;\t|"
_NO_TEXT = ("%pdf", "<!doctype", "<html", "<?xml")

Read = TypeVar("Read")


@dataclass
class RawBatch:
    """Some records with the lines they begin on, and those whose quoting is broken."""

    cells: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)


class RawFile:
    """The records of a CSV stream. Raises InputRejected when it is none."""

    def __init__(self, content: IO[bytes]) -> None:
        text = io.TextIOWrapper(content, encoding="utf-8-sig", newline="\n")
        self.characters = 0
        self._line = 0
        lines = self._lines(text)
        first = _decoded(lambda: next(lines, ""))
        while first and not first.strip():
            self._line += 1
            first = _decoded(lambda: next(lines, ""))
        _refuse_other_kinds(first)
        delimiter = _delimiter(first)
        self._reader = csv.reader(chain([first], lines), delimiter=delimiter, strict=True)
        self._offset = self._line

    def header(self) -> list[str]:
        """The first record."""
        try:
            cells = _decoded(lambda: next(self._reader, []))
        except csv.Error:
            raise refused("header", "Its first row is not a row of column names.") from None
        if not cells:
            raise refused("empty", "It is empty.")
        self._line = self._offset + self._reader.line_num
        return cells

    def batches(self) -> Iterator[RawBatch]:
        """All further records, blank ones left out."""
        more = True
        while more:
            batch, start = RawBatch(), self.characters
            while (
                more
                and len(batch.lines) < BATCH_ROWS
                and self.characters - start < MAX_BATCH_LENGTH
            ):
                more = self._extend(batch)
            if batch.lines or batch.broken:
                yield batch

    def _lines(self, text: io.TextIOWrapper) -> Iterator[str]:
        while line := text.readline(MAX_LINE_LENGTH):
            if len(line) == MAX_LINE_LENGTH and not line.endswith("\n"):
                raise refused("too_long", f"A line is longer than {MAX_LINE_LENGTH:,} characters.")
            self.characters += len(line)
            yield line

    def _extend(self, batch: RawBatch) -> bool:
        rows: list[list[str]] = []
        error = None
        try:
            _decoded(lambda: rows.extend(islice(self._reader, _ROWS_AT_ONCE)))
        except csv.Error as caught:
            error = str(caught)
        self._number(rows, batch)
        if error is not None:
            self._break(error, batch)
        return bool(rows) or error is not None

    def _number(self, rows: list[list[str]], batch: RawBatch) -> None:
        """Add rows with the physical line each begins on: quoted line ends count."""
        line = self._line
        consumed = self._offset + self._reader.line_num - line
        if consumed == len(rows) and all(rows):
            batch.cells += rows
            batch.lines += range(line + 1, line + 1 + len(rows))
            self._line = line + len(rows)
            return
        for row in rows:
            if len(row) > 1 or (row and row[0].strip()):
                batch.cells.append(row)
                batch.lines.append(self._line + 1)
            self._line += 1 + sum(cell.count("\n") for cell in row)

    def _break(self, error: str, batch: RawBatch) -> None:
        first, self._line = self._line + 1, self._offset + self._reader.line_num
        if "unexpected end" in error or ("field limit" in error and self._line > first):
            raise refused("unterminated_quote", f"A quote that opens on line {first} never ends.")
        reason = "too_long" if "field limit" in error else "quote"
        batch.broken.append((first, "control_char" if "new-line" in error else reason))


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
