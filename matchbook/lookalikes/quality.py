"""How good a list is at every size, before anybody pushes it.

Everybody, the seed's people too, was scored by models that had not seen them. So the share that
the seed has of all people who score as high as a list's last one tells how many of such people do
what the seed did; of all people compared it is what a list picked at random would have. Of a seed
that is a share of some people, drawn by lot, the others wait to be found: they stand where the
seed's people stand, and so many of them are expected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import betabinom, nbinom

from matchbook.audiences.intervals import wilson
from matchbook.lookalikes.measures import Auc
from matchbook.lookalikes.source import Flags, Scores

Label = Literal["strong", "usable", "weak", "no signal"]

STRONG, USABLE, WEAK = 0.75, 0.60, 0.53
"""What the low end of the AUC's interval must reach."""

SHARES = (0.01, 0.02, 0.03, 0.05, 0.075, 0.10, 0.15, 0.20, 0.30, 0.50)
"""Of the pool: the sizes that are told, from similar to broad."""

CALIBRATION_BINS = 10


@dataclass(frozen=True)
class Quality:
    """What is expected of a list of one size. Precisions are shares, 0 to 1."""

    size: int
    precision: float
    low: float
    high: float
    """95 % interval of what is really found on a list of this size."""
    random: float
    most_active: float | None
    """The same of people picked at random, and of the most active ones; None where activity
    is what defines the seed."""
    lift: float


@dataclass(frozen=True)
class Calibration:
    """Of people whom the model gave about the same chance, how many were the seed's."""

    expected: float
    found: float
    low: float
    high: float


def label_of(auc: Auc) -> tuple[Label, str]:
    """The label and the rule behind it, in words."""
    label: Label = "no signal"
    for name, least in (("strong", STRONG), ("usable", USABLE), ("weak", WEAK)):
        if auc.low >= least:
            label = name  # type: ignore[assignment]
            break
    rule = (
        f"Of one person of the seed and one other, the seed's came first in {auc.value:.0%} of "
        f"cases, at least {auc.low:.0%} when chance is allowed for. Strong begins at {STRONG:.0%}, "
        f"usable at {USABLE:.0%}, weak at {WEAK:.0%}; a coin gives 50%."
    )
    return label, rule.replace("%", " %")


def sizes_of(pool: int, least: int) -> list[int]:
    """Sizes to be told for a pool: two significant digits, each once."""
    told = {max(_two_digits(share * pool), least) for share in SHARES}
    return sorted(size for size in told if size <= pool)


def qualities(
    sizes: Sequence[int],
    is_seed: Flags,
    is_candidate: Flags,
    by_activity: tuple[Flags, Flags] | None,
    waiting: float | None = None,
) -> list[Quality]:
    """Of people compared, in order: who is seed, who may be on the list; and by activity.

    `waiting`: of a seed drawn by lot, how many others there are for each of its people.
    """
    expected = _Expected(waiting)
    base = expected.share(int(is_seed.sum()), int((~is_seed).sum()))
    return [_quality(size, (is_seed, is_candidate), by_activity, expected, base) for size in sizes]


@dataclass(frozen=True)
class _Expected:
    """From how many seeds and others score as high to what is expected of those on the list."""

    waiting: float | None

    def share(self, seeds: int, others: int) -> float:
        if self.waiting is None:
            return seeds / max(seeds + others, 1)
        return min(self.waiting * seeds / max(others, 1), 1.0)

    def interval(self, seeds: int, others: int, size: int) -> tuple[float, float]:
        """95 % of what is found among so many: the share is uncertain, and chance comes on top."""
        ends = [0.025, 0.975]
        if self.waiting is None:
            found = betabinom.ppf(ends, size, seeds + 0.5, others + 0.5)
        else:
            found = nbinom.ppf(ends, seeds + 0.5, 1 / (1 + self.waiting))
        low, high = (min(float(end) / size, 1.0) for end in found)
        return low, high


def _quality(
    size: int,
    marks: tuple[Flags, Flags],
    by_activity: tuple[Flags, Flags] | None,
    expected: _Expected,
    base: float,
) -> Quality:
    counts = _as_high(size, *marks)
    precision = expected.share(*counts)
    low, high = expected.interval(*counts, size)
    active = expected.share(*_as_high(size, *by_activity)) if by_activity is not None else None
    return Quality(size, precision, min(low, precision), max(high, precision), base, active,
                   precision / base if base else 0.0)  # fmt: skip


def _as_high(size: int, is_seed: Flags, is_candidate: Flags) -> tuple[int, int]:
    """Seeds and others that stand no lower than the last of so many candidates."""
    last = int(np.searchsorted(np.cumsum(is_candidate), size)) + 1
    seeds = int(is_seed[:last].sum())
    return seeds, min(last, len(is_seed)) - seeds


def calibration(chances: Scores, is_seed: Flags) -> list[Calibration]:
    """Ten groups of people of about the same chance, the likest first; chances in order."""
    rows = []
    for part in np.array_split(np.arange(len(chances)), CALIBRATION_BINS):
        if len(part):
            found = int(is_seed[part].sum())
            low, high = wilson(found, len(part))
            rows.append(Calibration(float(chances[part].mean()), found / len(part), low, high))
    return rows


def _two_digits(number: float) -> int:
    size = int(number)
    step: int = 10 ** max(len(str(size)) - 2, 0)
    return size // step * step
