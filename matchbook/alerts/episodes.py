"""From deviations to episodes: one per place, from when to when, in which direction and why.

The likely cause is the measure that explains the others: ids of another form are not fewer visits,
and a tag that fires twice is not more of them. What all partners of a site have in common is told
once, of the site.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from matchbook.alerts.deviations import Deviations, deviations
from matchbook.alerts.measures import ALL, Counts, Place

Cause = Literal["volume", "consent", "gone", "format", "duplicates"]
Direction = Literal["low", "high"]

GONE = 0.1
"""Of the usual calls: with fewer a tag is gone, not less visited."""

LOWER = 0.9
"""Less than this goes along with what its site does."""

MEASURE_OF: dict[Cause, str] = {
    "volume": "volume", "gone": "volume", "consent": "consent", "format": "form",
    "duplicates": "repeats",
}  # fmt: skip


@dataclass(frozen=True)
class Episode:
    """Days in a row in which a place was off in one way."""

    place: Place
    direction: Direction
    cause: Cause
    since: date
    until: date
    """The last day that was off; the newest day while it goes on."""
    is_open: bool
    ratio: float
    """What was measured on its last day, by what was usual: 0.6 is 40 % less."""


State = tuple[Direction, Cause] | None


def episodes(counts: Counts) -> list[Episode]:
    """All of them, by place and day; those that go on have the newest day as their last."""
    return told(counts, deviations(counts))


def told(counts: Counts, found: dict[str, Deviations]) -> list[Episode]:
    """The same from deviations that are known already."""
    states = {place: _states(row, found, counts) for row, place in enumerate(counts.places)}
    for place in counts.places:
        if place.partner_id == ALL:
            _settle(place, states, counts, found)
    return [
        episode
        for row, place in enumerate(counts.places)
        for episode in _episodes(row, place, states[place], counts, found)
    ]


def _states(row: int, found: dict[str, Deviations], counts: Counts) -> list[State]:
    return [_state(row, day, found) for day in range(len(counts.days))]


def _state(row: int, day: int, found: dict[str, Deviations]) -> State:
    off = {name: int(measured.off[row, day]) for name, measured in found.items()}
    if off["form"] < 0:
        return ("low", "format")
    if off["volume"] < 0 and _ratio(found["volume"], row, day) < GONE:
        return ("low", "gone")
    if off["repeats"] > 0:
        return ("high", "duplicates")
    for name, cause in (("consent", "consent"), ("volume", "volume")):
        if off[name]:
            return ("low" if off[name] < 0 else "high", cause)  # type: ignore[return-value]
    return None


def _settle(
    site: Place,
    states: dict[Place, list[State]],
    counts: Counts,
    found: dict[str, Deviations],
) -> None:
    """What most partners of a site do is the site's; else it is theirs alone."""
    rows = [
        row
        for row, place in enumerate(counts.places)
        if place.site_id == site.site_id and place.partner_id != ALL
    ]
    for day in range(len(counts.days)):
        state = states[site][day]
        if state is None:
            continue
        own = {row: states[counts.places[row]] for row in rows}
        others = [row for row in rows if not _is_of_its_own(own[row][day], state)]
        if not _is_shared(state, others, day, found):
            states[site][day] = None
            continue
        for row in others:
            of_day = own[row][day]
            if of_day is not None and of_day[0] == state[0]:
                own[row][day] = None


def _is_shared(
    state: tuple[Direction, Cause], rows: list[int], day: int, found: dict[str, Deviations]
) -> bool:
    """Whether more than half of the site's partners go the same way."""
    direction, cause = state
    ratios = [_ratio(found[MEASURE_OF[cause]], row, day) for row in rows]
    known = [ratio for ratio in ratios if not np.isnan(ratio)]
    if cause == "gone":
        going = [ratio < 2 * GONE for ratio in known]
    else:
        going = [ratio < LOWER if direction == "low" else ratio > 1 / LOWER for ratio in known]
    return len(known) > 1 and 2 * sum(going) > len(going)


def _is_of_its_own(own: State, site: tuple[Direction, Cause]) -> bool:
    """A tag that is gone while the others are only fewer is news of its own."""
    return own is not None and own[1] in ("gone", "format") and own[1] != site[1]


def _episodes(
    row: int, place: Place, states: list[State], counts: Counts, found: dict[str, Deviations]
) -> Iterator[Episode]:
    begun: tuple[int, State] | None = None
    for day, state in enumerate([*states, None]):
        if begun is not None and not _goes_on(begun[1], state):
            yield _episode(row, place, begun, day - 1, counts, found)
            begun = None
        if begun is None and state is not None:
            begun = (day, state)


def _goes_on(before: State, now: State) -> bool:
    """The cause stays the first day's: only a tag that falls silent altogether is told anew."""
    if before is None or now is None or before[0] != now[0]:
        return False
    return now[1] != "gone" or before[1] == "gone"


def _episode(
    row: int,
    place: Place,
    begun: tuple[int, State],
    last: int,
    counts: Counts,
    found: dict[str, Deviations],
) -> Episode:
    first, state = begun
    assert state is not None
    return Episode(
        place=place,
        direction=state[0],
        cause=state[1],
        since=counts.days[first],
        until=counts.days[last],
        is_open=last == len(counts.days) - 1,
        ratio=_ratio(found[MEASURE_OF[state[1]]], row, last) if counts.calls[row, last] else 0.0,
    )


def _ratio(measured: Deviations, row: int, day: int) -> float:
    return float(np.exp(measured.values[row, day] - measured.centre[row, day]))
