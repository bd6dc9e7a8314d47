"""Blocks read as columns say the same as records read one by one, row for row."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matchbook.crm_files import plain, records
from matchbook.crm_files.plain import PlainBatch, read_plain
from matchbook.crm_files.records import Records
from matchbook.errors import InputRejected

Said = tuple[list[tuple[int, list[str]]], list[tuple[int, str]]] | str

CELLS = st.sampled_from(
    ["a", "", " b ", "é", "NULL", "nan", "0.0", "x" * 40, "\u2028", "\x0b", "\x1c"]
)
ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\n\n", "\n \n", "\r"])
ODD = st.sampled_from(["a;b", '"q;""r"', '"two\nlines"', "a;b;c;d", '"open', "x\ry;z", '"a"b;c'])
ROWS = st.tuples(st.lists(CELLS, min_size=3, max_size=3).map(";".join) | ODD, ENDS)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "BLOCK_BYTES", 24)


@settings(max_examples=400, deadline=None)
@given(rows=st.lists(ROWS, max_size=12), bom=st.booleans())
@example(rows=[("1;2;3", "\n"), ("1;2", "\n"), ("4;5;6", "")], bom=False)
@example(rows=[('"1\n2";2;3', "\n"), ("4;5;6", "\n")], bom=True)
def test_columns_say_what_records_say(rows: list[tuple[str, str]], bom: bool) -> None:
    text = "\ufeff" * bom + "id;b;c\n" + "".join(map("".join, rows))
    content = text.encode()
    assert said_in_blocks(content) == said_one_by_one(content)


@pytest.mark.parametrize(
    "block",
    [
        b'1,"2"\n',
        b"1\n",
        b"1,2,3\n",
        b"1,2\n\n",
        b"1,2\n3\n",
        b"1,\r2\n",
        b"1,\xff\n",
        b"1,2\r\r\n",
    ],
)
def test_what_is_not_plain_is_left_to_the_other_reader(block: bytes) -> None:
    assert read_plain(block, ",", 2) is None


def test_a_cell_too_long_is_left_to_the_other_reader() -> None:
    assert read_plain(b"1," + b"x" * 131_072 + b"\n", ",", 2) is not None
    assert read_plain(b"1," + b"x" * 131_073 + b"\n", ",", 2) is None


def test_a_single_column_is_left_to_the_other_reader() -> None:
    assert read_plain(b"1\n2\n", ",", 1) is None
    assert plain.BLOCK_BYTES < records.MAX_ROW_WINDOW_BYTES


def said_in_blocks(content: bytes) -> Said:
    return _told(content, lambda reader: reader.blocks())


def said_one_by_one(content: bytes) -> Said:
    return _told(content, lambda reader: reader.batches())


def _told(content: bytes, batches: Any) -> Said:
    rows: list[tuple[int, list[str]]] = []
    broken: list[tuple[int, str]] = []
    try:
        reader = Records(io.BytesIO(content))
        reader.header()
        for batch in batches(reader):
            if isinstance(batch, PlainBatch):
                cells = zip(*(column.to_pylist() for column in batch.columns), strict=True)
                rows += enumerate(map(list, cells), batch.first_line)
            else:
                rows += zip(batch.lines, batch.cells, strict=True)
                broken += batch.broken
    except InputRejected as error:
        return error.reason
    return rows, broken
