"""Rows of a CSV with the physical line that each begins on; broken quoting is told by line."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, tee

from matchbook.errors import InputRejected

ROWS_AT_ONCE = 100


@dataclass
class RecordBatch:
    """Some records, blank ones left out, and those whose quoting is broken."""

    cells: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    """The text of the broken ones, where they are not read again."""


class NumberedRows:
    """A CSV's rows from the line after `line` on.

    A quote without end refuses the whole file with the error that `refused` makes. Without it,
    broken quoting costs the line its row begins on, and the next line is read as a row.
    """

    def __init__(
        self,
        lines: Iterable[str],
        *,
        delimiter: str,
        line: int,
        refused: Callable[[str, str], InputRejected] | None = None,
    ) -> None:
        self._delimiter = delimiter
        self._refused = refused
        self._again = _Again(lines) if refused is None else None
        if self._again is None:
            lines, self._echo = tee(lines)
        self._read_from(self._again or lines, line)

    def _read_from(self, lines: Iterable[str], line: int) -> None:
        self._reader = csv.reader(lines, delimiter=self._delimiter, strict=True)
        self._offset = self.line = line
        """`line` is the last physical line read."""

    def first(self) -> list[str]:
        """The next row, empty at the end. Raises csv.Error when it is none."""
        cells = next(self._reader, [])
        self._texts(self.line)
        self.line = self._offset + self._reader.line_num
        return cells

    def extend(self, batch: RecordBatch) -> bool:
        """Add some rows; whether there may be more. Raises InputRejected at a quote without end."""
        rows: list[list[str]] = []
        error, start = None, self.line
        if self._again:
            self._again.settle()
        try:
            rows.extend(islice(self._reader, ROWS_AT_ONCE))
        except csv.Error as caught:
            error = str(caught)
        self._number(rows, batch)
        texts = self._texts(start)
        if error is not None and self._again:
            self._break_line(error, batch, self._again, start)
        elif error is not None:
            self._break(error, batch, texts[self.line - start :])
        return bool(rows) or error is not None

    def _texts(self, line: int) -> list[str]:
        """The lines read since `line`; those that can come again are not told here."""
        read = self._offset + self._reader.line_num - line
        return [] if self._again else list(islice(self._echo, read))

    def _number(self, rows: list[list[str]], batch: RecordBatch) -> None:
        """Add rows with the physical line each begins on: quoted line ends count."""
        line = self.line
        consumed = self._offset + self._reader.line_num - line
        if consumed == len(rows) and min(map(len, rows), default=0) > 1:
            batch.cells += rows
            batch.lines += range(line + 1, line + 1 + len(rows))
            self.line = line + len(rows)
            return
        for row in rows:
            if len(row) > 1 or (row and row[0].strip()):
                batch.cells.append(row)
                batch.lines.append(self.line + 1)
            self.line += 1 + sum(cell.count("\n") for cell in row)

    def _break(self, error: str, batch: RecordBatch, texts: list[str]) -> None:
        first, self.line = self.line + 1, self._offset + self._reader.line_num
        is_open = "unexpected end" in error or ("field limit" in error and self.line > first)
        if is_open and self._refused:
            raise self._refused(
                "unterminated_quote", f"A quote that opens on line {first} never ends."
            )
        reason = "too_long" if "field limit" in error else "quote"
        batch.broken.append((first, "control_char" if "new-line" in error else reason))
        batch.unread.append("".join(texts))

    def _break_line(self, error: str, batch: RecordBatch, again: _Again, start: int) -> None:
        first, last = self.line + 1, self._offset + self._reader.line_num
        is_long = "field limit" in error and last == first
        batch.broken.append((first, "too_long" if is_long else "quote"))
        again.back(first - start)
        self._read_from(again, first)


class _Again(Iterator[str]):
    """Lines, those since the last `settle` to be read once more if need be."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._waiting: deque[str] = deque()
        self._recent: list[str] = []

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else next(self._lines)
        self._recent.append(line)
        return line

    def settle(self) -> None:
        """What was read so far is done with."""
        self._recent.clear()

    def back(self, kept: int) -> None:
        """All lines but the first `kept` of them come again."""
        self._waiting.extendleft(reversed(self._recent[kept:]))
        self._recent.clear()
