"""Blocks of lines say what rows read one by one say, wherever the blocks end."""

from __future__ import annotations

import io
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.hashing import reading
from ingest.hashing.reading import Lines, RawFile
from matchbook.crm_files.numbered import NumberedRows, RecordBatch
from matchbook.errors import InputRejected

CELLS = st.sampled_from(["a", "", " b ", "é", "\u2028", "\x0b"])
ODD = st.sampled_from(["a;b", '"q;""r"', '"two\nlines"', "a;b;c;d", '"open', "x\ry;z", '"a"b;c'])
ENDS = st.sampled_from(["\n", "\n", "\r\n", "\n\n", "\n \n", "\r"])
ROWS = st.tuples(st.lists(CELLS, min_size=3, max_size=3).map(";".join) | ODD, ENDS).map("".join)


@given(rows=st.lists(ROWS, max_size=12), bom=st.booleans())
@example(rows=["1;2;3\n", '"4\n5";6;7\n', "8;9;10"], bom=True)
def test_blocks_and_rows(rows: list[str], bom: bool) -> None:
    text = "\nid;b;c\n" + "".join(rows)
    with patch.object(reading, "BLOCK_BYTES", 16):
        assert in_blocks(("\ufeff" * bom + text).encode()) == one_by_one(text)


def in_blocks(content: bytes) -> object:
    try:
        file = RawFile(io.BytesIO(content))
        assert file.header() == ["id", "b", "c"]
        parts = [part.records() if isinstance(part, Lines) else part for part in file.parts()]
    except InputRejected as error:
        return error.reason
    assert file.bytes_read == len(content)
    return told(parts)


def one_by_one(text: str) -> object:
    rows = NumberedRows(io.StringIO(text, newline=None), delimiter=";", line=0)
    batch = RecordBatch()
    try:
        while rows.extend(batch):
            pass
    except InputRejected as error:
        return error.reason
    found, broken = told([batch])
    assert found[0] == (2, ["id", "b", "c"])
    return found[1:], broken


def told(parts: list[RecordBatch]) -> tuple[list[tuple[int, list[str]]], list[tuple[int, str]]]:
    rows = [row for part in parts for row in zip(part.lines, part.cells, strict=True)]
    return rows, [row for part in parts for row in part.broken]


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_line_that_is_too_long(quote: str) -> None:
    content = f"id;b\n1;2\n3;{quote}{'x' * (1 << 20)}\n4;5\n".encode()
    assert in_blocks_of(content) == "too_long"
    assert in_blocks_of(content.replace(b"xxxx", b"")) != "too_long"


def in_blocks_of(content: bytes) -> object:
    try:
        file = RawFile(io.BytesIO(content))
        file.header()
        return [part.records() if isinstance(part, Lines) else part for part in file.parts()]
    except InputRejected as error:
        return error.reason
