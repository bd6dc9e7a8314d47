"""The harness: hide half of a seed, score everybody else, and see how high the hidden ones stand.

The method and its rivals get the same rows and the same known half, in one run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import process_time
from typing import Any

import numpy as np

from matchbook.lookalikes import learner
from matchbook.lookalikes.measures import auc, by_number, found_in, lift
from matchbook.lookalikes.rivals import RIVALS
from matchbook.lookalikes.source import Flags, Matrix, Scores, Source, draws

OURS = "Matchbook"
DRAWS = (1, 2, 3, 4, 5)
LIFTS = (0.01, 0.05, 0.10)


@dataclass(frozen=True)
class Outcome:
    """One method with one hidden half."""

    method: str
    draw: int
    auc: float
    precision: float
    """Among as many people as were hidden."""
    lifts: tuple[float, ...]
    """At 1, 5 and 10 % of the pool."""
    seconds: float
    """Of processor time."""


@dataclass(frozen=True)
class Summary:
    """One method over several hidden halves: means, and the AUC's standard deviation."""

    method: str
    auc: float
    spread: float
    precision: float
    lifts: tuple[float, ...]
    seconds: float


def evaluate(source: Source, is_seed: Flags, draws: Iterable[int] = DRAWS) -> list[Summary]:
    """The method and all its rivals; every row is held in memory for them."""
    rows = np.concatenate([rows for _, rows in source.batches()])
    outcomes = [one for draw in draws for one in _one_half(source, rows, is_seed, draw)]
    methods = dict.fromkeys(one.method for one in outcomes)
    return [_summary([one for one in outcomes if one.method == name]) for name in methods]


def hidden_half(source: Source, is_seed: Flags, draw: int) -> Flags:
    """Half of the seed, by chance and always the same half."""
    order = np.argsort(draws(source.keys, f"lookalike hidden {draw}"), kind="stable")
    seeds = order[is_seed[order]]
    hidden = np.zeros(len(is_seed), dtype=np.bool_)
    hidden[seeds[: len(seeds) // 2]] = True
    return hidden


def ours(source: Source, known: Flags, draw: int) -> Scores:
    """The method's scores of everybody."""
    return learner.scores(source, learner.draw_sample(source, known, draw), draw)


def _one_half(source: Source, rows: Matrix, is_seed: Flags, draw: int) -> Iterator[Outcome]:
    hidden = hidden_half(source, is_seed, draw)
    known = is_seed & ~hidden
    pool = np.flatnonzero(~known)
    ties = draws(source.keys, f"lookalike ties {draw}")[pool]

    def outcome(method: str, scores: Scores, begun: float) -> Outcome:
        seconds = process_time() - begun
        found = hidden[pool][by_number(scores[pool], ties)]
        size = int(found.sum())
        precision = found_in(found, size) / max(size, 1)
        lifts = tuple(lift(found, share) for share in LIFTS)
        return Outcome(method, draw, auc(found).value, precision, lifts, seconds)

    begun = process_time()
    yield outcome(OURS, ours(source, known, draw), begun)
    for name, rival in RIVALS.items():
        begun = process_time()
        yield outcome(name, rival(rows, known), begun)
    calls: Any = draws(source.keys, f"lookalike random {draw}")
    yield outcome("random", calls.astype(np.float64), process_time())


def _summary(outcomes: list[Outcome]) -> Summary:
    aucs = [one.auc for one in outcomes]
    spread = float(np.std(aucs, ddof=1)) if len(aucs) > 1 else 0.0
    return Summary(
        outcomes[0].method,
        float(np.mean(aucs)),
        spread,
        float(np.mean([one.precision for one in outcomes])),
        tuple(np.mean([one.lifts for one in outcomes], axis=0).tolist()),
        float(np.mean([one.seconds for one in outcomes])),
    )
