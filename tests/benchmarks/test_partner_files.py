"""What all partners' files of five million pairs cost beside DuckDB's COPY, gzip and zip."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.partner_files import alike, compare, ratio

PAIRS = 5_000_000


@pytest.mark.bench
def test_five_million_pairs_to_every_partner(tmp_path: Path) -> None:
    found = compare(PAIRS, tmp_path)
    assert ratio(found) >= 0.7
    assert max(one.ours.peak for one in found) < 1024


def test_a_few_pairs_to_every_partner_cost_little_more_than_the_copy(tmp_path: Path) -> None:
    """The same comparison, so small that a machine with other work cannot decide it."""
    assert ratio(alike(40_000, tmp_path)) >= 0.4
