"""Matchbook beside latest-identity-wins stitching and transitive closure (make bench)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.calibration import land_home
from tests.benchmarks.matching import check, compare, table

VISITORS = 20_000
"""What a benchmark has time for; `python -m tests.benchmarks.matching` takes any number."""


@pytest.mark.bench
def test_simple_rivals_miss_precision_or_recall(tmp_path: Path) -> None:
    land_home(tmp_path / "world", seed=101, visitors=VISITORS)
    results = compare(tmp_path / "world")
    print(f"\n{VISITORS:,} browsers, 120 days\n{table(results)}")
    check(results)
