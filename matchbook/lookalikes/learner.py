"""Seed against everybody else, learnt on a bounded sample, said of everyone by a model that
did not learn from them.

People are split by a hash into folds; those of one are scored by trees grown on the sampled people
of the others. So one pass gives both the list and an honest measure of it: nobody, seed or not, is
judged by a model that has seen them. Others may be unknown positives: they are drawn, never
assumed to be negatives for good (Elkan and Noto 2008), and only the order of scores is used.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from matchbook.lookalikes.source import Flags, Matrix, Numbers, Scores, Source, draws

MOST_SEEDS = 20_000
OTHERS_PER_SEED = 2
FEWEST_OTHERS = 40_000
MOST_OTHERS = 60_000
"""The sample: more of either changes the order of people no more than chance does."""

FOLDS = 5
FOLDS_OF_MANY = 2
MANY = 5_000
"""Seeds from which half of them teach as well as four fifths."""

TREES = 40
SHAPE: dict[str, Any] = {
    "max_iter": TREES, "learning_rate": 0.15, "max_leaf_nodes": 16, "min_samples_leaf": 30,
    "l2_regularization": 1.0, "early_stopping": False,
}  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """Whom is learnt from: ascending positions, who of them is seed, and their rows."""

    positions: Numbers
    is_seed: Flags
    rows: Matrix
    share_of_seed: float
    share_of_others: float
    """How much of each is in the sample."""


def draw_sample(source: Source, is_seed: Flags, draw: int) -> Sample:
    """A stable sample of bounded size."""
    order = np.argsort(draws(source.keys, f"lookalike sample {draw}"), kind="stable")
    shuffled = is_seed[order]
    seeds, others = order[shuffled], order[~shuffled]
    wanted = min(max(OTHERS_PER_SEED * len(seeds), FEWEST_OTHERS), MOST_OTHERS)
    taken = seeds[:MOST_SEEDS], others[:wanted]
    positions = np.sort(np.concatenate(taken))
    return Sample(
        positions,
        is_seed[positions],
        source.rows(positions),
        len(taken[0]) / max(len(seeds), 1),
        len(taken[1]) / max(len(others), 1),
    )


def scores(source: Source, sample: Sample, draw: int) -> Scores:
    """Everybody's score, higher is liker: log odds within the sample, out of fold."""
    folds = FOLDS if sample.is_seed.sum() < MANY else FOLDS_OF_MANY
    fold = _folds(source, sample, folds, draw)
    models = _learn(sample, fold[sample.positions], folds, draw)
    usual = _usual(sample, fold[sample.positions], folds)
    found = np.empty(len(source.keys), dtype=np.float64)
    for part, rows in source.batches():
        for number, model in enumerate(models):
            theirs = fold[part] == number
            if theirs.any():
                found[part][theirs] = model.decision_function(rows[theirs]) - usual[number]
    return found


def _folds(source: Source, sample: Sample, folds: int, draw: int) -> Numbers:
    """Whose model scores whom; each fold has as many of the sampled seed's people.

    Else a fold with more of them would leave its model fewer to learn from, which would score them
    lower for nothing.
    """
    drawn = draws(source.keys, f"lookalike folds {draw}")
    fold = drawn % folds
    seeds = sample.positions[sample.is_seed]
    fold[seeds[np.argsort(drawn[seeds], kind="stable")]] = np.arange(len(seeds)) % folds
    return fold


def _learn(sample: Sample, fold: Numbers, folds: int, draw: int) -> list[Any]:
    def one(number: int) -> Any:
        # One thread per model: sums over several threads would differ in their last bits.
        with threadpool_limits(1, "openmp"):
            model = HistGradientBoostingClassifier(**SHAPE, random_state=draw)
            return model.fit(sample.rows[fold != number], sample.is_seed[fold != number])

    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(one, range(folds)))


def _usual(sample: Sample, fold: Numbers, folds: int) -> Scores:
    """Log odds of the seed where each model learns, beside those of the whole sample."""
    shares = [sample.is_seed[fold != number].mean() for number in range(folds)]
    odds = np.log([share / (1 - share) for share in (*shares, sample.is_seed.mean())])
    return np.asarray(odds[:-1] - odds[-1], dtype=np.float64)


def in_order(scores: Scores, keys: Numbers, draw: int) -> Numbers:
    """Positions, the likest first; among equals chance decides, always the same way."""
    return np.lexsort((draws(keys, f"lookalike ties {draw}"), -scores))
