"""Day by day, which measures of which places are off what is usual there.

A day that is off does not count for what is usual afterwards, until it has lasted so long that it
is the new usual. Two thresholds: it takes more to become off than to stay so, else a place at the
edge would be told of every other day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchbook.alerts.baseline import FEWEST_DAYS, HISTORY_DAYS, TO_DEVIATION, Floats, median, usual
from matchbook.alerts.measures import ALL, Counts, Measure, chance, measures

ENTER = 3.6
"""Standard deviations. One day in 3,000 is that far off by itself."""
ENTER_TWICE = 2.5
"""On two days in a row."""
LEAVE = 2.0
NEW_USUAL_DAYS = 14
_FITTED = 1.6

Signs = NDArray[np.int8]


@dataclass(frozen=True)
class Deviations:
    """Of one measure: a row per place, a column per day."""

    off: Signs
    """-1 low, 1 high, 0 as usual or not judged."""
    values: Floats
    centre: Floats
    """What was usual, as the measure's logarithm; NaN where that is not known."""
    spread: Floats


def deviations(counts: Counts, *, only: str = "") -> dict[str, Deviations]:
    """Of every measure, by its name; or of the volume and one other."""
    chosen = [one for one in measures(counts) if not only or one.name in ("volume", only)]
    walk = _Walk(chosen, counts)
    for day in range(len(counts.days)):
        walk.judge(day)
    return walk.told()


class _Walk:
    """All measures of all places, one below the other, while the days go by. The volume comes
    first: it says how many calls are usual, and so what chance does to the others."""

    def __init__(self, chosen: list[Measure], counts: Counts) -> None:
        assert chosen[0].name == "volume"
        places, days = chosen[0].values.shape
        rows = places * len(chosen)
        is_site = np.array([place.partner_id == ALL for place in counts.places], dtype=np.bool_)
        self._names = [one.name for one in chosen]
        self._places = places
        self._values = np.concatenate([one.values for one in chosen])
        self._is_share = np.repeat([one.is_share for one in chosen], places)
        self._fewest = np.repeat([one.fewest for one in chosen], places)
        self._least_fall = np.repeat([one.least_fall for one in chosen], places)
        self._least_rise = np.repeat([one.least_rise for one in chosen], places)
        self._kinds = np.concatenate([2 * n + is_site for n in range(len(chosen))])
        """Places of one kind and measure scatter alike."""
        self._counted = np.full((rows, HISTORY_DAYS + days), np.nan)
        """The days that count for what is usual, behind as many unknown ones as are looked at."""
        self._since = np.full(rows, -1)
        self._far = np.zeros(rows)
        self._missed = np.full((rows, days), np.nan)
        """By how much the days of before were not as expected."""
        self._off: Signs = np.zeros((rows, days), dtype=np.int8)
        self._centre = np.full((rows, days), np.nan)
        self._spread = np.full((rows, days), np.nan)

    def told(self) -> dict[str, Deviations]:
        """What was found, measure by measure."""
        parts = {
            name: slice(n * self._places, (n + 1) * self._places)
            for n, name in enumerate(self._names)
        }
        return {
            name: Deviations(
                self._off[part], self._values[part], self._centre[part], self._spread[part]
            )
            for name, part in parts.items()
        }

    def judge(self, day: int) -> None:
        """One more day, from what the days before it say."""
        value = self._values[:, day]
        centre, fitted = usual(self._counted[:, day : day + HISTORY_DAYS])
        calls = np.tile(np.exp(centre[: self._places]), len(self._names))
        spread = self._steadied(self._scatter(day, fitted), chance(centre, calls, self._is_share))
        was = self._off[:, day - 1] if day else np.zeros(len(value), dtype=np.int8)
        now = np.where(calls >= self._fewest, self._sign(_relative(value - centre), spread, was), 0)
        now = np.where(np.isnan(value) & (was != 0), was, now).astype(np.int8)
        self._since = np.where(now == 0, -1, np.where(now == was, self._since, day))
        self._off[:, day], self._centre[:, day], self._spread[:, day] = now, centre, spread
        self._counted[:, HISTORY_DAYS + day] = np.where(now == 0, value, np.nan)
        self._missed[:, day] = np.where(now == 0, value - centre, np.nan)
        self._accept(day)

    def _scatter(self, day: int, fitted: Floats) -> Floats:
        """How far days are from what is expected of them, as the last weeks showed; while they have
        not, from what was fitted to them afterwards, which is nearer."""
        missed = self._missed[:, max(0, day - HISTORY_DAYS) : day]
        if missed.shape[1] < FEWEST_DAYS:
            return _FITTED * fitted
        seen = TO_DEVIATION * median(np.abs(missed))
        few = (~np.isnan(missed)).sum(axis=1) < FEWEST_DAYS
        return np.where(few, _FITTED * fitted, seen)

    def _steadied(self, spread: Floats, by_chance: Floats) -> Floats:
        """A spread told by few weeks is uncertain itself: at least what chance does, and beside it
        at least what the middle one of its kind scatters. The spread is 1.4826 times a median
        absolute deviation (F. R. Hampel, The Influence Curve and Its Role in Robust Estimation,
        1974)."""
        beside = np.sqrt(np.maximum(spread**2 - by_chance**2, 0))
        for kind in np.unique(self._kinds):
            alike = self._kinds == kind
            beside[alike] = np.maximum(beside[alike], median(beside[None, alike])[0])
        return np.asarray(np.sqrt(by_chance**2 + beside**2), dtype=np.float64)

    def _sign(self, difference: Floats, spread: Floats, was: Signs) -> Signs:
        far = np.nan_to_num(difference / spread)
        difference = np.nan_to_num(difference)
        least = (self._least_fall, self._least_rise)
        twice = np.minimum(np.abs(far), np.abs(self._far)) >= ENTER_TWICE
        enter = np.where(twice & (far * self._far > 0), ENTER_TWICE, ENTER)
        rises = (far >= enter) & (difference >= least[1])
        falls = (far <= -enter) & (difference <= -least[0])
        self._far = far
        is_small = np.abs(difference) < np.where(was < 0, *least) / 2
        stays = (was * far >= LEAVE) & ~is_small
        begins = rises.astype(np.int8) - falls.astype(np.int8)
        return np.where(stays, was, begins).astype(np.int8)

    def _accept(self, day: int) -> None:
        """What has lasted is the usual from now on, and what was before it no longer is."""
        for place in np.flatnonzero((self._since >= 0) & (day - self._since >= NEW_USUAL_DAYS)):
            first = HISTORY_DAYS + self._since[place]
            self._counted[place, :first] = np.nan
            self._counted[place, first : HISTORY_DAYS + day + 1] = self._values[
                place, self._since[place] : day + 1
            ]
            self._since[place] = -1
            self._off[place, day] = 0


def _relative(difference: Floats) -> Floats:
    """A fall as a share of the usual, a rise as its logarithm: whichever is nearer to nothing, as
    noise that is even around the usual makes logarithms fall further than they rise."""
    return np.where(difference < 0, np.expm1(np.minimum(difference, 0)), difference)
