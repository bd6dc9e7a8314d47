"""No file over its partner's limits, no line cut, none lost, the order kept."""

from __future__ import annotations

import gzip
import itertools
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchbook.partners.profile import DeliveryProfile
from tests.exporters.formats.pairs import Pair, profile, rendered

HEADER = b"webo_id|crm_id\n"

ids = st.text('ab|"\n€=', min_size=1, max_size=40)


def split_form(**limits: int | None) -> DeliveryProfile:
    name = "{yyyymmdd}-Offline-{configuration}-{label}-{part:03d}.csv"
    return profile("weborama", file_name=name, **limits)


@given(
    records=st.lists(ids, unique=True, max_size=15),
    max_rows=st.none() | st.integers(1, 12),
    max_bytes=st.none() | st.integers(1000, 1100),
)
@hypothesis.settings(max_examples=15)
def test_parts_keep_the_limits_and_make_the_whole(
    records: list[str],
    max_rows: int | None,
    max_bytes: int | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    pairs: list[Pair] = [(f"c{n:03d}" + "x" * 90, r, "add", None) for n, r in enumerate(records)]
    folder = tmp_path_factory.mktemp("parts")
    (whole,) = rendered(profile("weborama"), folder / "whole", pairs)
    form = split_form(max_rows=max_rows, max_bytes=max_bytes)
    parts = rendered(form, folder / "parts", pairs)
    assert [part.name[-8:] for part in parts] == [f"-{n:03d}.csv"[-8:] for n in numbers(parts)]
    contents = [part.path.read_bytes() for part in parts]
    assert all(content.startswith(HEADER) for content in contents)
    assert HEADER + b"".join(c[len(HEADER) :] for c in contents) == whole.path.read_bytes()
    assert sum(part.rows for part in parts) == len(pairs)
    assert all(part.rows <= (max_rows or 10**9) for part in parts)
    assert all(part.bytes <= (max_bytes or 10**9) for part in parts)


def numbers(parts: tuple[object, ...]) -> range:
    return range(1, len(parts) + 1)


def test_a_part_is_as_full_as_its_limit_allows(tmp_path: Path) -> None:
    pairs: list[Pair] = [(f"cookie{n:04d}", f"r{n:04d}", "add", None) for n in range(500)]
    parts = rendered(split_form(max_bytes=1000), tmp_path, pairs)
    one_line = len(b"cookie0000|r0000\n")
    assert all(part.bytes > 1000 - one_line for part in parts[:-1])


def test_a_line_above_the_limit_stands_alone(tmp_path: Path) -> None:
    pairs: list[Pair] = [
        (c, r, "add", None) for c, r in (("a", "1"), ("b", "2" * 2000), ("c", "3"))
    ]
    parts = rendered(split_form(max_bytes=1000), tmp_path, pairs)
    assert [part.rows for part in parts] == [1, 1, 1]


def test_tealium_gets_files_of_100_000_rows_in_the_order_of_their_names(tmp_path: Path) -> None:
    pairs: list[Pair] = [(f"{n:045x}", f"r{n}", "add", None) for n in range(100_001)]
    files = rendered(profile("tealium"), tmp_path, pairs)
    assert [file.rows for file in files] == [100_000, 1]
    assert [file.name for file in files] == sorted(file.name for file in files)
    assert files[0].name == "match_20261122T031005Z-0001.csv.gz"
    texts = [gzip.decompress(file.path.read_bytes()) for file in files]
    assert all(len(text) <= 50_000_000 for text in texts)
    rows = itertools.chain(*(text.splitlines()[1:] for text in texts))
    assert [row.split(b",")[0].decode() for row in rows] == [pair[0] for pair in pairs]
