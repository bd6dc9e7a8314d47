"""Any table as rows of numbers: a Parquet file, read in batches; a text is a column per value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from matchbook.errors import InputRejected
from matchbook.lookalikes.features import Feature
from matchbook.lookalikes.source import BATCH, Flags, Matrix, Numbers
from matchbook.sql import text
from matchbook.warehouse import open_memory

MOST_VALUES = 30
FEWEST_ROWS = 10
"""Of a text's values, the commonest; and none that stand in fewer rows."""

_VALUES = """
select value from (select {column} as value from read_parquet({path}))
where value is not null group by value having count(*) >= {fewest}
order by count(*) desc, value limit {most}
"""


@dataclass(frozen=True)
class TableSource:
    """Rows of a Parquet file, numbered from 0 in its order."""

    path: Path
    dropped: tuple[str, ...]
    """Columns that are no features: the key, the seed."""

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """A number is one column, a text one for each common value."""
        found: list[Feature] = []
        for field in pq.read_schema(self.path):
            if field.name not in self.dropped:
                if _is_text(field.type):
                    values = self._values(field.name)
                    found += [Feature("column", value, field.name) for value in values]
                else:
                    found.append(Feature("column", field.name))
        return tuple(found)

    @cached_property
    def keys(self) -> Numbers:
        """Row numbers."""
        return np.arange(pq.read_metadata(self.path).num_rows, dtype=np.int64)

    def rows(self, positions: Numbers) -> Matrix:
        """Some rows, in one pass over the file."""
        parts = [np.empty((0, len(self.features)), dtype=np.float32)]
        for part, batch in self._read():
            wanted = positions[(positions >= part.start) & (positions < part.stop)]
            parts.append(self._matrix(batch.take(pa.array(wanted - part.start))))
        return np.concatenate(parts)

    def batches(self) -> Iterator[tuple[slice, Matrix]]:
        """All rows."""
        for part, batch in self._read():
            yield part, self._matrix(batch)

    def _read(self) -> Iterator[tuple[slice, pa.RecordBatch]]:
        begin = 0
        columns = list(dict.fromkeys(f.attribute or f.value for f in self.features))
        with pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(BATCH, columns=columns):
                yield slice(begin, begin + len(batch)), batch
                begin += len(batch)

    def _matrix(self, batch: pa.RecordBatch) -> Matrix:
        # Column by column in memory, as it comes: a third of the time.
        matrix = np.empty((len(self.features), len(batch)), dtype=np.float32)
        for place, feature in enumerate(self.features):
            column = batch.column(feature.attribute or feature.value)
            if feature.attribute:
                column = pc.fill_null(pc.equal(column, feature.value), False)
            matrix[place] = _numbers(column)
        return matrix.T

    def _values(self, column: str) -> list[str]:
        sql = _VALUES.format(
            column='"' + column.replace('"', '""') + '"', path=text(self.path),
            fewest=FEWEST_ROWS, most=MOST_VALUES,
        )  # fmt: skip
        with open_memory() as connection:
            return [value for (value,) in connection.execute(sql).fetchall()]


def load_table(
    path: Path, folder: Path, *, seed_column: str, key_column: str | None, drop: tuple[str, ...]
) -> tuple[TableSource, Flags]:
    """A CSV or Parquet file with a 0/1 seed column, and who is seed; a copy goes to the folder.

    Raises InputRejected, for a column that is not there too.
    """
    copy = folder / "table.parquet"
    reader = "read_parquet" if path.suffix == ".parquet" else "read_csv"
    try:
        with open_memory() as connection:
            connection.execute(f"copy (from {reader}({text(path)})) to {text(copy)}")
    except duckdb.Error:
        raise _rejected("The file is neither CSV nor Parquet.") from None
    wanted = {seed_column, *drop, *([key_column] if key_column else [])}
    if missing := wanted - set(pq.read_schema(copy).names):
        raise _rejected(f"{len(missing)} of the columns named are not in the file.")
    seed = _numbers(pq.read_table(copy, columns=[seed_column]).column(0).combine_chunks())
    if not set(np.unique(seed).tolist()) <= {0.0, 1.0}:
        raise _rejected("The seed column holds something besides 0 and 1.")
    return TableSource(copy, tuple(sorted(wanted))), np.asarray(seed == 1)


def _rejected(happened: str) -> InputRejected:
    return InputRejected(
        "not_a_seed_table", happened, kept="Nothing was changed.",
        todo="Give a table with a key, features, and a column of 0 and 1 that says who is seed.",
    )  # fmt: skip


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _numbers(column: Any) -> Any:
    if pa.types.is_temporal(column.type):
        column = pc.cast(pc.cast(column, pa.date32()), pa.int32())
    return pc.cast(column, pa.float32(), safe=False).to_numpy(zero_copy_only=False)
