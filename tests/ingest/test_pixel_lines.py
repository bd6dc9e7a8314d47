"""Splitting content into lines: no byte lost, whatever the blocks look like."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.pixel_logs import lines
from ingest.pixel_logs.lines import BAD_ENCODING, CONTROL_CHAR, LANDED, SOUND, TOO_LONG, Splitter


def split(content: bytes, block: int = 10_000_000, landed_bytes: int = 0) -> list[dict]:
    blocks = [content[start : start + block] for start in range(0, len(content), block)]
    splitter = Splitter(landed_bytes=landed_bytes)
    rows = [row for batch in splitter.batches(blocks) for row in batch.to_pylist()]
    assert splitter.lines == sum(row["byte_length"] > 0 for row in rows)
    return rows


def test_places_and_ends_of_lines() -> None:
    content = b"one\r\n\ntwo\nthree"
    rows = split(content)
    assert [row["line_number"] for row in rows] == [1, 2, 3, 4]
    found = [content[r["byte_offset"] : r["byte_offset"] + r["byte_length"]] for r in rows]
    assert found == [b"one", b"", b"two", b"three"]
    assert {row["flaw"] for row in rows} == {SOUND}


def test_flaws_are_told_apart_and_cleaned() -> None:
    rows = split(
        b"ok\nlone\rCR\nnul\0\ntab\tok\ncaf\xe9\n\xc3\xa9t\xc3\xa9\n" + b"x" * 70_000 + b"\nend\n"
    )
    flaws = [row["flaw"] for row in rows]
    assert flaws == [
        SOUND, CONTROL_CHAR, CONTROL_CHAR, SOUND, BAD_ENCODING, SOUND, TOO_LONG, SOUND,
    ]  # fmt: skip
    assert rows[1]["line"] == "lone?CR\n"
    assert rows[4]["line"] == "caf?\n"


def test_many_undecodable_lines() -> None:
    rows = split(b"good\n" * 50_000 + b"bad\xff\n" * 1_000 + b"good\n" * 50_000)
    assert sum(row["flaw"] == BAD_ENCODING for row in rows) == 1_000
    assert len(rows) == 101_000


def test_a_long_line_is_never_held_whole() -> None:
    content = b"a\n" + b"x" * 1_000_000 + b"\nb\n"
    rows = split(content, block=50_000)
    assert [(r["byte_offset"], r["byte_length"], r["flaw"]) for r in rows] == [
        (0, 1, SOUND), (2, 1_000_000, TOO_LONG), (1_000_003, 1, SOUND),
    ]  # fmt: skip
    assert len(rows[1]["line"]) <= lines.LONG_LINE_HEAD_BYTES


def test_lines_within_landed_bytes_are_marked() -> None:
    flaws = [row["flaw"] for row in split(b"aa\nbb\ncc\n", landed_bytes=5)]
    assert flaws == [LANDED, LANDED, SOUND]
    assert [row["flaw"] for row in split(b"aa\nbbb\n", landed_bytes=5)] == [LANDED, SOUND]


def test_a_byte_order_mark_is_no_text() -> None:
    (row,) = split(b"\xef\xbb\xbfline\n")
    assert (row["byte_offset"], row["byte_length"], row["line"]) == (3, 4, "line\n")


@given(
    content=st.binary(max_size=400).map(lambda b: b.replace(b"q", b"\n").replace(b"z", b"\r\n")),
    block=st.integers(min_value=1, max_value=200),
)
def test_blocks_make_no_difference(content: bytes, block: int) -> None:
    whole, parts = split(content), split(content, block)
    if not content.startswith(b"\xef"):
        assert parts == whole
    for row in whole:
        row["line"].encode()
