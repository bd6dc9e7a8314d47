"""Rows of a CSV with the physical line that each begins on; broken quoting is told by line."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice

from matchbook.errors import InputRejected

ROWS_AT_ONCE = 100


@dataclass
class RecordBatch:
    """Some records, blank ones left out, and those whose quoting is broken."""

    cells: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)


class NumberedRows:
    """A CSV's rows from the line after `line` on; `refused` makes the error for a whole file."""

    def __init__(
        self,
        lines: Iterable[str],
        *,
        delimiter: str,
        line: int,
        refused: Callable[[str, str], InputRejected],
    ) -> None:
        self._reader = csv.reader(lines, delimiter=delimiter, strict=True)
        self._refused = refused
        self._offset = self.line = line
        """`line` is the last physical line read."""

    def first(self) -> list[str]:
        """The next row, empty at the end. Raises csv.Error when it is none."""
        cells = next(self._reader, [])
        self.line = self._offset + self._reader.line_num
        return cells

    def extend(self, batch: RecordBatch) -> bool:
        """Add some rows; whether there may be more. Raises InputRejected at a quote without end."""
        rows: list[list[str]] = []
        error = None
        try:
            rows.extend(islice(self._reader, ROWS_AT_ONCE))
        except csv.Error as caught:
            error = str(caught)
        self._number(rows, batch)
        if error is not None:
            self._break(error, batch)
        return bool(rows) or error is not None

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

    def _break(self, error: str, batch: RecordBatch) -> None:
        first, self.line = self.line + 1, self._offset + self._reader.line_num
        if "unexpected end" in error or ("field limit" in error and self.line > first):
            raise self._refused(
                "unterminated_quote", f"A quote that opens on line {first} never ends."
            )
        reason = "too_long" if "field limit" in error else "quote"
        batch.broken.append((first, "control_char" if "new-line" in error else reason))
