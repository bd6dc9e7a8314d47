"""Confidence holds where it was not fitted: on worlds of seeds that the fit never saw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.benchmarks.calibration import (
    DEFAULT_THRESHOLD,
    HELD_OUT_SEEDS,
    TUNING_SEEDS,
    VISITORS,
    Bin,
    calibration_error,
    judged_pairs,
    make_home,
    reliability,
    score_home,
)
from tests.benchmarks.fit_confidence import design, weights_in_use


@pytest.mark.proof
def test_confidence_is_a_probability_and_the_default_threshold_keeps_its_word(
    tmp_path: Path,
) -> None:
    assert not set(HELD_OUT_SEEDS) & set(TUNING_SEEDS)
    everything = []
    print(f"\n{VISITORS:,} browsers, 120 days, threshold {DEFAULT_THRESHOLD}")
    for seed in HELD_OUT_SEEDS:
        home = tmp_path / f"seed{seed}"
        make_home(home, seed=seed, visitors=VISITORS)
        found, pairs = score_home(home), judged_pairs(home)
        error = calibration_error(reliability(pairs))
        print(f"seed {seed}: precision {found.precision:.4f}, recall {found.recall:.4f}, ", end="")
        print(f"{found.pairs:,} pairs, calibration error {error:.4f}")
        assert found.precision >= 0.98
        assert found.recall >= 0.90
        assert error <= 0.03
        assert len(reliability(pairs)) >= 5
        everything.append(pairs.select(["confidence", "is_right"]))
    bins = reliability(pa.concat_tables(everything))
    _print(bins)
    assert calibration_error(bins) <= 0.03


@pytest.mark.xdist_group("nights")
def test_the_small_demo_is_matched_right(demo_world: Path) -> None:
    """Of a seed that the fit never saw; 157 pairs, so the limits are wider than the proof's."""
    found = score_home(demo_world)
    assert found.pairs > 100
    assert found.precision >= 0.95
    assert found.recall >= 0.90
    assert calibration_error(reliability(judged_pairs(demo_world))) <= 0.05


@pytest.mark.xdist_group("nights")
def test_the_models_weigh_what_the_fit_fits(demo_world: Path) -> None:
    features, _ = design(demo_world)
    expected = 1 / (1 + np.exp(-features @ weights_in_use()))
    stored = judged_pairs(demo_world)["confidence"].to_numpy()
    assert len(stored) > 100
    assert np.abs(np.clip(expected, 0.001, 0.999) - stored).max() < 0.0001


def test_tenths_with_few_pairs_are_merged() -> None:
    confidence = [0.05] * 100 + [0.15] * 250 + [0.55] * 300 + [0.95] * 900 + [0.999] * 100
    right = [False] * 350 + [True] * 150 + [False] * 150 + [True] * 1000
    bins = reliability(pa.table({"confidence": confidence, "is_right": right}))
    assert [one.pairs for one in bins] == [350, 300, 1000]
    assert [one.right for one in bins] == [0.0, 0.5, 1.0]
    assert calibration_error(bins[1:2]) == pytest.approx(0.05)


def test_a_small_end_joins_the_tenth_before() -> None:
    pairs = pa.table({"confidence": [0.5] * 400 + [0.9] * 10, "is_right": [True] * 410})
    assert [one.pairs for one in reliability(pairs)] == [410]


def _print(bins: list[Bin]) -> None:
    print(f"{'pairs':>8} {'confidence':>10} {'right':>7}")
    for one in bins:
        print(f"{one.pairs:8,} {one.confidence:10.3f} {one.right:7.3f}")
    print(f"calibration error {calibration_error(bins):.4f}, all seeds together")
