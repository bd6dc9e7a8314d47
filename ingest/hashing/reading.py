"""Reading a customer's CSV: UTF-8, any usual delimiter, physical line numbers, bounded memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import IO, TypeVar

from matchbook.crm_files.numbered import NumberedRows, RecordBatch
from matchbook.errors import InputRejected

BATCH_ROWS = 20_000
MAX_LINE_LENGTH = 1 << 20
"""Characters; a physical line longer than this is no CSV row."""
MAX_BATCH_LENGTH = 32 << 20
"""Characters that the rows of a batch may take before it is closed early."""

_DELIMITERS = ",;\t|"
_NO_TEXT = ("%pdf", "<!doctype", "<html", "<?xml")

Read = TypeVar("Read")


class RawFile:
    """The records of a CSV stream. Raises InputRejected when it is none."""

    def __init__(self, content: IO[bytes]) -> None:
        text = io.TextIOWrapper(content, encoding="utf-8-sig", newline="\n")
        self.characters = 0
        line = 0
        lines = self._lines(text)
        first = _decoded(lambda: next(lines, ""))
        while first and not first.strip():
            line += 1
            first = _decoded(lambda: next(lines, ""))
        _refuse_other_kinds(first)
        self._rows = NumberedRows(
            chain([first], lines), delimiter=_delimiter(first), line=line, refused=refused
        )

    def header(self) -> list[str]:
        """The first record."""
        try:
            cells = _decoded(self._rows.first)
        except csv.Error:
            raise refused("header", "Its first row is not a row of column names.") from None
        if not cells:
            raise refused("empty", "It is empty.")
        return cells

    def batches(self) -> Iterator[RecordBatch]:
        """All further records, blank ones left out."""
        more = True
        while more:
            batch, start = RecordBatch(), self.characters
            while (
                more
                and len(batch.lines) < BATCH_ROWS
                and self.characters - start < MAX_BATCH_LENGTH
            ):
                more = _decoded(partial(self._rows.extend, batch))
            if batch.lines or batch.broken:
                yield batch

    def _lines(self, text: io.TextIOWrapper) -> Iterator[str]:
        while line := text.readline(MAX_LINE_LENGTH):
            if len(line) == MAX_LINE_LENGTH and not line.endswith("\n"):
                raise refused("too_long", f"A line is longer than {MAX_LINE_LENGTH:,} characters.")
            self.characters += len(line)
            yield line


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
