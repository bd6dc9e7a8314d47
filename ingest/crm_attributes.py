"""Attribute values wait until the whole file is read: only then their types are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.compute as pc

from matchbook.crm_files import Column
from matchbook.crm_files.attribute_types import TRUE_WORDS

_SCHEMA = pa.schema(
    {"line_number": pa.int64(), "crm_record_id": pa.string(), "attribute_value": pa.string()}
)


class WaitingAttributes:
    """Values in a file of their own, which is gone at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._columns: list[Column] = []

    def __enter__(self) -> WaitingAttributes:
        self._writer = pa.ipc.new_file(self._path, _SCHEMA)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._writer.close()
        self._path.unlink(missing_ok=True)

    def add(self, column: Column, values: pa.Table) -> None:
        """Keep a column's values of one batch, in columns as the verifier names them."""
        for batch in values.rename_columns(_SCHEMA.names).combine_chunks().to_batches():
            self._writer.write_batch(batch)
            self._columns.append(column)

    def typed(self, types: Mapping[str, str]) -> Iterator[pa.Table]:
        """Everything kept, as rows of attributes. `types` is by attribute name."""
        self._writer.close()
        with pa.memory_map(str(self._path)) as source:
            reader = pa.ipc.open_file(source)
            for i, column in enumerate(self._columns):
                yield _typed(reader.get_batch(i), column.name, types[column.name])


def _typed(values: pa.RecordBatch, name: str, kind: str) -> pa.Table:
    rows = pa.Table.from_batches([values])
    if kind == "boolean":
        rows = rows.set_column(2, "attribute_value", _booleans(rows["attribute_value"]))
    for column, text in (("attribute_name", name), ("attribute_type", kind)):
        rows = rows.append_column(column, pa.repeat(text, len(rows)))
    return rows


def _booleans(words: pa.ChunkedArray) -> pa.ChunkedArray:
    is_true = pc.is_in(pc.utf8_lower(words), pa.array(TRUE_WORDS))
    return pc.if_else(is_true, "true", "false")
