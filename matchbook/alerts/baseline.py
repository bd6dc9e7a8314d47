"""What is usual on a day, by what was on the same weekdays before.

The weekday's share comes from median polish (J. W. Tukey, Exploratory Data Analysis, 1977,
chapter 11) of eight weeks by seven weekdays, sharpened by one step of Huber's estimator (P. J.
Huber, Robust Estimation of a Location Parameter, 1964): far days count as if they were less far.
So a bad week does not become the usual one, and a median's coarseness costs nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WEEKS = 8
HISTORY_DAYS = 7 * WEEKS
FEWEST_DAYS = 14
LEVEL_DAYS = 21
"""How long it takes until growth has become usual."""
ROUNDS = 3
TO_DEVIATION = 1.4826
"""Of a normal distribution: its standard deviation by its median absolute deviation."""
_FAR = 1.5
"""Huber's k, in standard deviations."""


def usual(history: Floats) -> tuple[Floats, Floats]:
    """Centre expected of the day after a history, and how far the history's days are from theirs.

    `history` has a row per series and HISTORY_DAYS columns, the newest last, NaN where a day is
    not known. The centre is NaN where fewer than FEWEST_DAYS days or none of that weekday are.
    """
    weeks = history.reshape(len(history), WEEKS, 7)
    weekday, left = _polished(weeks)
    spread = TO_DEVIATION * median(np.abs(left).reshape(len(history), HISTORY_DAYS))
    near = np.clip(left, -_FAR * spread[:, None, None], _FAR * spread[:, None, None])
    weekday = weekday + _mean(near.transpose(0, 2, 1))
    days = (weeks - weekday[:, None, :]).reshape(len(history), HISTORY_DAYS)
    level = _level(days[:, -LEVEL_DAYS:], spread)
    level = np.where(np.isnan(level), _level(days, spread), level)
    centre = np.where(_known(history) >= FEWEST_DAYS, level + weekday[:, 0], np.nan)
    return centre, spread


def _level(days: Floats, spread: Floats) -> Floats:
    middle = median(days)
    reach = _FAR * spread
    return middle + _mean(np.clip(days - middle[:, None], -reach[:, None], reach[:, None]))


def _mean(values: Floats) -> Floats:
    known = _known(values)
    total = np.nansum(values, axis=-1) / np.maximum(known, 1)
    return np.where(known > 0, total, np.nan)


def median(values: Floats) -> Floats:
    """Along the last axis, NaN left out; NaN where nothing is known."""
    if values.shape[-1] == 0:
        return np.full(values.shape[:-1], np.nan)
    ordered = np.sort(values, axis=-1)  # NaN comes last
    known = _known(values)
    low, high = np.maximum(known - 1, 0) // 2, known // 2
    high = np.minimum(high, values.shape[-1] - 1)
    middle: Floats = (_at(ordered, low) + _at(ordered, high)) / 2
    return middle


def _polished(weeks: Floats) -> tuple[Floats, Floats]:
    """The weekdays' effects, and what is left once weeks and weekdays are taken out."""
    left = weeks - median(weeks.reshape(len(weeks), HISTORY_DAYS))[:, None, None]
    weekday = np.zeros((len(weeks), 7))
    for _ in range(ROUNDS):
        effect = median(left.transpose(0, 2, 1))
        weekday, left = weekday + effect, left - effect[:, None, :]
        left = left - np.nan_to_num(median(left))[:, :, None]
    return weekday, left


def _known(values: Floats) -> NDArray[np.int64]:
    return np.asarray((~np.isnan(values)).sum(axis=-1), dtype=np.int64)


def _at(ordered: Floats, place: NDArray[np.int64]) -> Floats:
    return np.take_along_axis(ordered, place[..., None], axis=-1)[..., 0]
