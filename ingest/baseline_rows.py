"""Reading a baseline: the two columns that make a pair, row by row with its line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from matchbook.compressed import damaged, open_content
from matchbook.crm_files.numbered import RecordBatch
from matchbook.crm_files.personal_data import find_raw, raw_kind, refused
from matchbook.crm_files.plain import PlainBatch
from matchbook.crm_files.reader import MAX_CONTENT_BYTES
from matchbook.crm_files.records import Records
from matchbook.errors import InputRejected
from matchbook.partners import Partner

COOKIE_COLUMN, RECORD_COLUMN = "partner_cookie_id", "crm_record_id"
"""What the two columns are called unless the partner has names of its own."""

_SCHEMA = pa.schema(
    [
        ("line_number", pa.int64()),
        (COOKIE_COLUMN, pa.string()),
        (RECORD_COLUMN, pa.string()),
        ("reason", pa.string()),
    ]
)


class Baseline:
    """An open baseline. The account is complete when `batches` has ended."""

    def __init__(self, records: Records, partner: Partner) -> None:
        self._records = records
        names = [name.strip().lower() for name in records.header()]
        self._width = len(names)
        for position, name in enumerate(names, start=1):
            if raw_kind(name) is not None:
                raise refused(f"column {position}, by its name")
        self._cookie = _position(names, partner.baseline_cookie_column, COOKIE_COLUMN)
        self._record = _position(names, partner.baseline_record_column, RECORD_COLUMN)
        self.lines = 0

    @property
    def content_bytes(self) -> int:
        """Bytes of content read so far."""
        return self._records.content_bytes

    @property
    def ends_with_newline(self) -> bool:
        """Whether the content read ends with a line end."""
        return self._records.ends_with_newline

    def batches(self) -> Iterator[pa.Table]:
        """All rows: line_number, partner_cookie_id, crm_record_id, and a reason where the row
        itself is broken. Raises InputRejected when the file must be refused whole."""
        for records in self._records.blocks():
            batch = self._plain(records) if isinstance(records, PlainBatch) else self._rows(records)
            self.lines += batch.num_rows
            yield batch
        if self.lines == 0:
            raise damaged("empty", "The file has no rows below its header.")

    def _plain(self, batch: PlainBatch) -> pa.Table:
        columns = [pc.utf8_trim_whitespace(column) for column in batch.columns]
        for position, column in enumerate(columns):
            self._refuse_personal(position, column, batch.first_line)
        size = len(columns[0])
        lines = pa.array(range(batch.first_line, batch.first_line + size), pa.int64())
        reasons = pa.nulls(size, pa.string())
        return pa.table([lines, columns[self._cookie], columns[self._record], reasons], _SCHEMA)

    def _rows(self, batch: RecordBatch) -> pa.Table:
        rows: list[tuple[int, str | None, str | None, str | None]] = []
        for line, cells in zip(batch.lines, batch.cells, strict=True):
            trimmed = [cell.strip() for cell in cells]
            for position, cell in enumerate(trimmed):
                self._refuse_personal(position, pa.array([cell], pa.string()), line)
            if len(trimmed) == self._width:
                rows.append((line, trimmed[self._cookie], trimmed[self._record], None))
            else:
                rows.append((line, None, None, "columns"))
        rows += [(line, None, None, reason) for line, reason in batch.broken]
        columns = list(zip(*sorted(rows, key=lambda row: row[0]), strict=True)) or [()] * 4
        return pa.table(
            [pa.array(c, f.type) for c, f in zip(columns, _SCHEMA, strict=True)], _SCHEMA
        )

    def _refuse_personal(self, position: int, column: pa.Array, line: int) -> None:
        # A cookie id has rules of its own, by partner: some are plain numbers.
        if position != self._cookie:
            found = find_raw(column, are_ids=True)
            if found is not None:
                raise refused(f"column {position + 1}, near line {line + found}")


@contextmanager
def read_baseline(path: Path, partner: Partner) -> Iterator[Baseline]:
    """Open a baseline, its header read. Raises InputRejected when it cannot be one.

    What was not read to its end may hold anything, so its original may not rest with us then.
    """
    try:
        with open_content(path, max_bytes=MAX_CONTENT_BYTES) as content:
            yield Baseline(Records(content), partner)
    except InputRejected as error:
        error.erase_original = True
        raise


def _position(names: list[str], own: str, usual: str) -> int:
    wanted = [name for name in (own.lower(), usual) if name]
    found = [position for position, name in enumerate(names) if name in wanted]
    if len(found) != 1:
        raise damaged("header", f"There is not exactly one column {' or '.join(wanted)}.")
    return found[0]
