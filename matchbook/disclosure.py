"""What may be said of groups of people that somebody chose (law 8).

Sizes of audiences, their overlaps and funnels, and counts of attribute values read "<50" below 50
and two significant digits above, everywhere alike. Accounting (lines, files, records) is exact and
does not pass here. The last step before a push shows the exact size, because its owner receives
that list.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

SHOWN_FROM = 50
"""A smaller group is only said to be smaller."""

LEAST_AT_PARTNER = 100
LEAST_IN_CEP = 25
"""Members without which nothing is pushed."""

SMALL = f"<{SHOWN_FROM}"

Destination = Literal["cep", "partner"]


def rounded(count: int) -> int | None:
    """Two significant digits, halves up; None for a group that is not shown."""
    if count < SHOWN_FROM:
        return None
    step: int = 10 ** max(len(str(count)) - 2, 0)
    return (count + step // 2) // step * step


def written(shown: int | None) -> str:
    """`1,300`, or `<50` for None: how a rounded size is written."""
    return SMALL if shown is None else f"{shown:,}"


def nested(counts: Sequence[int]) -> list[int | None]:
    """Rounded sizes of groups of which each is part of the one before, for a funnel or an overlap.

    Two neighbours that differ by fewer than 50 people are shown as equal: whoever subtracts one
    from the other learns nothing about the few between them.
    """
    shown: list[int | None] = []
    said: int | None = None
    for count in counts:
        if said is None or not 0 < said - count < SHOWN_FROM or count < SHOWN_FROM:
            said = count
        shown.append(rounded(said))
    return shown


def part(whole: int, count: int) -> int | None:
    """Rounded size of a part that is shown beside its whole: all but a few reads as all."""
    return nested([whole, count])[1]


def nested_from_last(counts: Sequence[int]) -> list[int | None]:
    """The same where the last one is said elsewhere too: it stays, and those before it adapt."""
    shown: list[int | None] = []
    said: int | None = None
    for count in reversed(counts):
        if said is None or not 0 < count - said < SHOWN_FROM or said < SHOWN_FROM:
            said = count
        shown.append(rounded(said))
    return shown[::-1]


def overlap(size_of_smaller: int, both: int) -> int | None:
    """Rounded size of what two groups share."""
    return part(size_of_smaller, both)


def is_too_near(difference: int) -> bool:
    """Whether two groups that differ by so many people tell about those few."""
    return 0 < difference < SHOWN_FROM


def refusal(
    destination: Destination, members: int, *, nearest_difference: int | None = None
) -> str | None:
    """Why a group must not be pushed: `size<k` or `difference<k`; None when it may.

    `members` counts the destination's own ids; `nearest_difference` is by how many ids the group
    differs from the nearest other one that this destination holds.
    """
    least = LEAST_IN_CEP if destination == "cep" else LEAST_AT_PARTNER
    if members < least:
        return "size<k"
    if nearest_difference is not None and 0 < nearest_difference < least:
        return "difference<k"
    return None
