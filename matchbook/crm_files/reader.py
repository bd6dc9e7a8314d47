"""Reading a CRM file: verified batches, and the account of its rows once it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from matchbook.compressed import damaged, open_content
from matchbook.crm_files.attribute_types import AttributeTypes
from matchbook.crm_files.columns import read_header
from matchbook.crm_files.numbered import RecordBatch
from matchbook.crm_files.personal_data import find_raw, looks_raw, refused
from matchbook.crm_files.plain import PlainBatch, trimmed
from matchbook.crm_files.records import Records
from matchbook.crm_files.rows import CODES, CrmBatch, check_rows, reject_table
from matchbook.errors import InputRejected

MAX_CONTENT_BYTES = 16 << 30
"""After decompression; some 150 million rows."""


class CrmFile:
    """An open CRM file. The account is complete when `batches` has ended."""

    def __init__(self, records: Records, *, mode: str) -> None:
        self._records = records
        self._mode = mode
        self.columns = read_header(records.header(), mode=mode)
        self.lines = 0
        self.accepted = 0
        self.rejected: Counter[str] = Counter()
        self.cell_rejects: Counter[str] = Counter()
        self._types = AttributeTypes()

    @property
    def content_bytes(self) -> int:
        """Bytes of content read so far."""
        return self._records.content_bytes

    @property
    def ends_with_newline(self) -> bool:
        """Whether the content read ends with a line end."""
        return self._records.ends_with_newline

    @property
    def attribute_types(self) -> dict[str, str]:
        """Type of each attribute as all its values have it: number, date, boolean or text."""
        names = (column.name for column in self.columns if column.kind == "attribute")
        return {name: self._types.of(name) for name in names}

    def batches(self) -> Iterator[CrmBatch]:
        """All rows, checked.

        Raises InputRejected when the file must be refused whole; what was handed out before
        must then be forgotten.
        """
        for records in self._records.blocks():
            batch = self._checked(records)
            self._account(batch)
            yield batch
        if self.lines == 0:
            raise damaged("empty", "The file has no rows below its header.")

    def _plain(self, records: PlainBatch) -> CrmBatch:
        cells = [trimmed(column) for column in records.columns]
        first = records.first_line
        lines = np.arange(first, first + len(cells[0]), dtype=np.int64)
        return check_rows(self.columns, cells, lines, mode=self._mode)

    def _checked(self, records: RecordBatch | PlainBatch) -> CrmBatch:
        if isinstance(records, PlainBatch):
            return self._plain(records)
        width = len(self.columns)
        whole = _where_whole(records, width)
        rows = [records.cells[i] for i in whole] if len(whole) < len(records.cells) else None
        cells = _trimmed_columns(records.cells if rows is None else rows, width)
        lines = np.array(records.lines, np.int64)
        batch = check_rows(self.columns, cells, lines[whole], mode=self._mode)
        broken = list(records.broken)
        _refuse_raw(records.unread, broken)
        if rows is not None:
            broken += _ragged(records, set(whole.tolist()))
        return _with_broken(batch, sorted(broken)) if broken else batch

    def _account(self, batch: CrmBatch) -> None:
        self.lines += batch.rows.num_rows + batch.rejects.num_rows
        self.accepted += batch.rows.num_rows
        for entry in batch.rejects["reason"].value_counts().to_pylist():
            self.rejected[entry["values"]] += entry["counts"]
        self.cell_rejects += batch.cell_rejects
        for column, table in batch.attributes.items():
            self._types.see(column.name, table["value"])


@contextmanager
def open_crm_file(path: Path, *, mode: str) -> Iterator[CrmFile]:
    """Open a file delivered as `opt-in`, `opt-out` or `replace`, its header read.

    Raises InputRejected when it cannot be a CRM file or holds raw personal data; as what was
    not read to its end may hold anything, its original may not rest with us either.
    """
    try:
        with open_content(path, max_bytes=MAX_CONTENT_BYTES) as content:
            yield CrmFile(Records(content), mode=mode)
    except InputRejected as error:
        error.erase_original = True
        raise


def verify(path: Path, *, mode: str) -> CrmFile:
    """Read a file to its end and return its account. Raises InputRejected."""
    with open_crm_file(path, mode=mode) as file:
        for _ in file.batches():
            pass
    return file


def _where_whole(records: RecordBatch, width: int) -> Any:
    widths = np.fromiter(map(len, records.cells), np.int64, len(records.cells))
    return np.flatnonzero(widths == width)


def _trimmed_columns(rows: list[list[str]], width: int) -> list[pa.Array]:
    columns = zip(*rows, strict=True) if rows else [()] * width
    return [pc.utf8_trim_whitespace(pa.array(column, pa.string())) for column in columns]


def _refuse_raw(texts: list[str], broken: list[tuple[int, str]]) -> None:
    """What stands in rows that cannot be taken apart is looked at all the same."""
    for text, (line, _) in zip(texts, broken, strict=True):
        if looks_raw(text.replace('"', " ")):
            raise refused(f"for example on line {line}")


def _ragged(records: RecordBatch, whole: set[int]) -> list[tuple[int, str]]:
    """Rows of another width. What stands in them is looked at for personal data all the same."""
    found = []
    for i, (cells, line) in enumerate(zip(records.cells, records.lines, strict=True)):
        if i not in whole:
            if find_raw(pa.array([cell.strip() for cell in cells], pa.string())) is not None:
                raise refused(f"for example on line {line}")
            found.append((line, "columns"))
    return found


def _with_broken(batch: CrmBatch, broken: list[tuple[int, str]]) -> CrmBatch:
    lines, reasons = zip(*broken, strict=True)
    extra = reject_table(np.array(lines), np.array([CODES[reason] for reason in reasons]))
    rejects = pa.concat_tables([batch.rejects, extra]).sort_by("line_number")
    return CrmBatch(batch.rows, batch.identifiers, batch.attributes, rejects, batch.cell_rejects)
