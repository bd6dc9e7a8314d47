"""What people on the list do more, or less, than all others: of groups, never of a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matchbook.disclosure import SHOWN_FROM
from matchbook.lookalikes.features import LOOKS, Feature
from matchbook.lookalikes.source import Flags, Matrix

MOST_REASONS = 8
LEAST_STRENGTH = 0.15
"""Standard deviations between the group and all others, below which nothing is said."""

GIVEAWAY = 1.5
"""Standard deviations between seed and others from which one thing alone nearly decides."""

_EITHER_OR = LOOKS | {"referrer", "yes_no", "text", "contact"}
_OF_A_KIND = {"section": 3, "event": 2, "number": 2, "text": 2, "column": 8}
"""How many reasons of one family; of others one, as they tell the same."""


@dataclass(frozen=True)
class _Difference:
    feature: Feature
    group: float
    others: float
    strength: float


def reasons(features: Sequence[Feature], rows: Matrix, on_list: Flags) -> tuple[str, ...]:
    """Sentences such as “visits section “support” 6 × more often”, the strongest first.

    Nothing is said of fewer than 50 people, nor of what fewer than 50 do.
    """
    if on_list.sum() < SHOWN_FROM or (~on_list).sum() < SHOWN_FROM:
        return ()
    found = [
        difference
        for position, feature in enumerate(features)
        if (difference := _difference(feature, rows[:, position], on_list)) is not None
    ]
    said: list[str] = []
    of_a_kind: Counter[str] = Counter()
    for one in sorted(found, key=lambda d: -d.strength):
        if of_a_kind[one.feature.family] < _OF_A_KIND.get(one.feature.family, 1):
            of_a_kind[one.feature.family] += 1
            said.append(_say(one))
    return tuple(said[:MOST_REASONS])


def giveaways(features: Sequence[Feature], rows: Matrix, is_seed: Flags) -> tuple[str, ...]:
    """What by itself nearly tells who is seed: it may only repeat what defines the seed."""
    found = (_difference(f, rows[:, place], is_seed) for place, f in enumerate(features))
    return tuple(
        f"One thing by itself nearly tells who is in the seed: {_say(one)}. "
        "It may only repeat what the seed is chosen by."
        for one in found
        if one is not None and one.strength >= GIVEAWAY
    )[:1]


def _difference(feature: Feature, column: Matrix, on_list: Flags) -> _Difference | None:
    known = ~np.isnan(column)
    group, others = column[known & on_list], column[known & ~on_list]
    if min(len(group), len(others), int((column[known] != 0).sum())) < SHOWN_FROM:
        return None
    spread = float(column[known].std())
    means = float(group.mean()), float(others.mean())
    strength = abs(means[0] - means[1]) / spread if spread else 0.0
    return _Difference(feature, *means, strength) if strength >= LEAST_STRENGTH else None


def _say(one: _Difference) -> str:
    family, words = one.feature.family, one.feature.words
    if family in _EITHER_OR or (family == "column" and one.feature.attribute):
        if one.feature.value == "browsers":
            return f"uses {one.group:.1f} browsers, others {one.others:.1f}"
        return f"{words}: {one.group:.0%} of them, {one.others:.0%} of others".replace("%", " %")
    if family == "recency":
        began = "came last" if one.feature.value == "last" else "first came"
        return f"{began} {one.group:.0f} days ago, others {one.others:.0f}"
    if family in ("number", "date", "column"):
        unit = " days" if family == "date" else ""
        return (
            f"“{one.feature.value}” is {_short(one.group)}{unit} on average, "
            f"of others {_short(one.others)}{unit}"
        )
    return f"{words} {_times(one)}"


def _times(one: _Difference) -> str:
    if one.others == 0:
        return "more often"
    ratio = one.group / one.others
    if ratio >= 1:
        return f"{_short(ratio)} × more often"
    return f"{_short(1 / ratio)} × less often" if ratio > 0 else "never"


def _short(number: float) -> str:
    return f"{number:.1f}" if abs(number) < 9.95 else f"{number:,.0f}"
