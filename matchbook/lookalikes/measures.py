"""How well an order of people tells the seed from the others."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from matchbook.audiences.intervals import Z
from matchbook.lookalikes.source import Flags, Numbers, Scores


@dataclass(frozen=True)
class Auc:
    """Of a seed's person and another one, how often the seed's comes first; 95 % interval."""

    value: float
    low: float
    high: float


def auc(is_seed: Flags) -> Auc:
    """Of people in order, the likest first; interval by DeLong's variance."""
    seeds, others = int(is_seed.sum()), int((~is_seed).sum())
    if not seeds or not others:
        return Auc(0.5, 0.0, 1.0)
    # The share of others behind each seed, and of seeds before each other one.
    behind = 1 - np.cumsum(~is_seed)[is_seed] / others
    before = np.cumsum(is_seed)[~is_seed] / seeds
    value = float(behind.mean())
    spread = Z * sqrt(_variance(behind) / seeds + _variance(before) / others)
    return Auc(value, max(value - spread, 0.0), min(value + spread, 1.0))


def found_in(is_seed: Flags, size: int) -> int:
    """Seeds among the first so many."""
    return int(is_seed[:size].sum())


def lift(is_seed: Flags, share: float) -> float:
    """How much likelier a seed is in this first share than anywhere."""
    size = max(round(share * len(is_seed)), 1)
    base = is_seed.mean()
    return float(is_seed[:size].mean() / base) if base else 0.0


def by_number(numbers: Scores, ties: Numbers) -> Numbers:
    """Positions, the largest number first."""
    return np.lexsort((ties, -numbers))


def _variance(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    return float(values.var(ddof=1)) if len(values) > 1 else 0.0
