"""Four things measured of a place's calls on a day, each as a logarithm: ratios become differences,
and a rise weighs as much as the fall that undoes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from matchbook.alerts.baseline import Floats

ALL = "all"
"""In place of a partner: all of a site together."""
FEWEST_CALLS = 20
"""Where fewer are usual on a day, chance alone halves and doubles them."""
FEWEST_FOR_CONSENT = 50
"""Fewer are a few browsers' doing, which refuse or consent again and again."""
LIFE = 0.03


@dataclass(frozen=True)
class Place:
    """A partner, or `all`, on a site of a client."""

    partner_id: str
    site_id: str


@dataclass(frozen=True)
class Counts:
    """Rows of the mart `call_days` as arrays: a row per place, a column per day.

    NaN before a place's first call; `refused` also where it is not known.
    """

    places: tuple[Place, ...]
    days: tuple[date, ...]
    calls: Floats
    syncs: Floats
    cookies: Floats
    refused: Floats
    malformed: Floats
    other_form: Floats
    repeated: Floats


@dataclass(frozen=True)
class Measure:
    """Its value per place and day, and from which difference on it is worth a person's time."""

    name: str
    values: Floats
    least_fall: float
    """As a share of the usual; infinite where a fall is no news."""
    least_rise: float
    """As a logarithm."""
    is_share: bool = False
    """Of the calls; it scatters the less the nearer it is to all of them."""
    fewest: int = FEWEST_CALLS
    """How many calls have to be usual for it to be judged."""


def measures(counts: Counts) -> tuple[Measure, ...]:
    """Volume, consent, form of ids and repeats."""
    calls = counts.calls
    kept = calls - counts.refused
    formed = calls - counts.malformed - counts.other_form
    received = counts.syncs + counts.repeated
    repeats = _where_many(_log(received) - _log(counts.cookies), received)
    return (
        Measure("volume", _log(calls), 0.25, _rise(1.4)),
        Measure("consent", _share(kept, calls), 0.18, _rise(1.22), True, FEWEST_FOR_CONSENT),
        Measure("form", _share(formed, calls), 0.1, np.inf, True),
        Measure("repeats", repeats, np.inf, _rise(1.25)),
    )


def chance(centre: Floats, calls: Floats, is_share: NDArray[np.bool_]) -> Floats:
    """The least standard deviation of values where so many calls are usual: counts scatter
    (Poisson, binomial), and no site is steadier than LIFE."""
    share = np.where(is_share, np.exp(np.minimum(centre, -1e-9)), 0.5)
    return np.asarray(np.sqrt((1 - share) / (share * calls) + LIFE**2), dtype=np.float64)


def _log(counted: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(counted, 0) + 0.5), dtype=np.float64)


def _share(part: Floats, whole: Floats) -> Floats:
    return _where_many(_log(part) - np.log(whole + 0.5), whole)


def _where_many(values: Floats, of: Floats) -> Floats:
    """A share of hardly anything says nothing."""
    return np.where(of >= FEWEST_CALLS / 2, values, np.nan)


def _rise(ratio: float) -> float:
    return float(np.log(ratio))
