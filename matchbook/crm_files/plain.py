"""Blocks of CSV without quotes, read into columns at once; what they cannot say reads slower.

Only where Arrow and Python's reader agree cell by cell: every line has all cells, no quote, no
carriage return within a line, no cell that is too long. For any other block the answer is None.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

BLOCK_BYTES = 4 << 20
"""Some 30,000 usual rows."""

_BLANKS = b" \t\n\v\f\r\x1c\x1d\x1e\x1f"


@dataclass(frozen=True)
class PlainBatch:
    """Records of one line each, column by column."""

    columns: list[pa.Array]
    first_line: int


def read_plain(block: bytes, delimiter: str, width: int) -> list[pa.Array] | None:
    """The columns of a block of whole lines as strings; None if it is not that plain."""
    if width < 2 or not _is_plain(block):
        return None
    try:
        table = arrow_csv.read_csv(pa.BufferReader(block), **_options(len(block), delimiter, width))
    except pa.ArrowInvalid:
        return None
    if table.num_rows != block.count(b"\n") + (not block.endswith(b"\n")):
        return None
    columns = [_whole(column) for column in table.columns]
    return None if any(_has_long_cell(column) for column in columns) else columns


def trimmed(column: pa.Array) -> pa.Array:
    """A column of strings without blanks around them, which most columns have nowhere."""
    text = characters(column)
    is_tight = text.isascii() and not any(blank in text for blank in _BLANKS)
    return column if is_tight else pc.utf8_trim_whitespace(column)


def characters(column: pa.StringArray) -> bytes:
    """All strings of a column in one."""
    _, offsets, content = column.buffers()
    if content is None:
        return b""
    ends = np.frombuffer(offsets, np.int32)[column.offset :][: len(column) + 1]
    return bytes(memoryview(content)[int(ends[0]) : int(ends[-1])])


def _is_plain(block: bytes) -> bool:
    if b'"' in block:
        return False
    return b"\r" not in block or block.count(b"\r") == block.count(b"\r\n")


def _options(size: int, delimiter: str, width: int) -> dict[str, Any]:
    names = [str(position) for position in range(width)]
    return {
        "read_options": arrow_csv.ReadOptions(
            column_names=names, block_size=size + 1, use_threads=False
        ),
        "parse_options": arrow_csv.ParseOptions(delimiter=delimiter, quote_char=False),
        "convert_options": arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    }


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)


def _has_long_cell(column: pa.Array) -> bool:
    return bool(pc.max(pc.binary_length(column)).as_py() > csv.field_size_limit())
