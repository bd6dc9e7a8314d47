"""Rows told apart by what they say, so that SQL looks once at what many of them repeat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from ingest.pixel_logs.views import Places

Columns = dict[str, pa.Array]

_MOST_CODES = 2**62
_BATCH_ROWS = 20_000
"""DuckDB reads one batch on one core: small enough to be shared."""
_EMPTY: dict[str, Columns] = {}
"""What queries find in nothing: planning one takes longer than answering it."""


@dataclass(frozen=True)
class Distinct:
    """Which rows are equal."""

    codes: Places
    """For each row, the number of what it says."""
    firsts: Places
    """For each number, the first row that says it."""


def asked_once(
    connection: duckdb.DuckDBPyConnection, given: Mapping[str, pa.Array], query: str
) -> Columns:
    """What `asked` finds, with each distinct row asked once; texts as the few that they are."""
    found = distinct(given.values())
    firsts, codes = pa.array(found.firsts), pa.array(found.codes)
    few = {name: column.take(firsts) for name, column in given.items()}
    answers = asked(connection, few, query)
    return {name: told_apart(column).take(codes) for name, column in answers.items()}


def asked(
    connection: duckdb.DuckDBPyConnection, given: Mapping[str, pa.Array], query: str
) -> Columns:
    """The columns a SELECT from `given` finds; it keeps `place`, by which they are put in order."""
    count = len(next(iter(given.values())))
    if count == 0 and query in _EMPTY:
        return dict(_EMPTY[query])
    table = pa.table({"place": np.arange(count), **given})
    connection.register("given", pa.Table.from_batches(table.to_batches(_BATCH_ROWS), table.schema))
    try:
        found = connection.sql(f"from ({query}) order by place").to_arrow_table()
    finally:
        connection.unregister("given")
    assert len(found) == count, "a query must keep every place"
    found = found.drop_columns(["place"])
    _EMPTY.setdefault(query, {name: joined(found[name][:0]) for name in found.column_names})
    return {name: joined(found[name]) for name in found.column_names}


def distinct(columns: Iterable[pa.Array]) -> Distinct:
    """Tell rows apart by columns of equal length; nulls are equal."""
    codes, size = np.zeros(1, dtype=np.int64), 1
    for column in columns:
        numbers, many = _numbered(column)
        if size * many > _MOST_CODES:
            codes, size = _numbered(pa.array(codes))
        codes = codes * many + numbers
        size *= many
    codes, size = _numbered(pa.array(codes))
    firsts = np.zeros(size, dtype=np.int64)
    firsts[codes[::-1]] = np.arange(len(codes))[::-1]  # the first is written last
    return Distinct(codes, firsts)


def spread(columns: Mapping[str, pa.Array], rows: Places, count: int) -> Columns:
    """Columns of some rows as columns of all `count`, null elsewhere."""
    places = np.full(count, -1, dtype=np.int64)
    places[rows] = np.arange(len(rows))
    indices = pa.array(places, mask=places < 0)
    return {name: column.take(indices) for name, column in columns.items()}


def told_apart(column: pa.Array) -> pa.Array:
    """A column of texts as the distinct ones and their places, which cost little to take."""
    return column.dictionary_encode() if pa.types.is_string(column.type) else column


def joined(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece."""
    whole = column.combine_chunks()
    return whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole


def _numbered(column: pa.Array) -> tuple[Places, int]:
    """For each row the number of its value, and how many there are."""
    if column.null_count == len(column):
        return np.zeros(len(column), dtype=np.int64), min(len(column), 1)
    if pa.types.is_boolean(column.type) and column.null_count == 0:
        return column.to_numpy(zero_copy_only=False).astype(np.int64), 2
    encoded = column.dictionary_encode(null_encoding="encode")
    numbers: Places = encoded.indices.to_numpy().astype(np.int64)
    return numbers, len(encoded.dictionary)
