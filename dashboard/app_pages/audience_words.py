"""How an audience's size, state and owner are written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dashboard import formats
from matchbook.audiences import Definition
from matchbook.kept_audiences.sizes import Point, Told

POINTS_SHOWN = 30
STANDINGS = {
    "up_to_date": "Yes",
    "stale": "Waits for the next refresh",
    "running": "Being refreshed now",
    "failed": "Last refresh failed",
    "never": "Not refreshed yet",
}


def sizes(told: Told) -> tuple[str, str]:
    """People and reachable in CEP, as of the last refresh that went well."""
    if told.as_of is None:
        return formats.NOTHING, formats.NOTHING
    return formats.group(told.people), formats.group(told.reachable)


def standing(told: Told, zone: str) -> tuple[str, bool]:
    """Whether it is kept up to date, and whether that is trouble."""
    words = STANDINGS[told.standing]
    if told.as_of:
        words += f", as of {formats.moment(told.as_of, zone)}"
    return words, told.standing == "failed"


def owned(definition: Definition) -> str:
    """`Shop team · Sale, Spring`."""
    return " · ".join(part for part in (definition.owner, ", ".join(definition.categories)) if part)


def trend_days(points: Sequence[Point], zone: str) -> list[tuple[date, int]]:
    """The newest sizes for a sparkline; those below 50 are 0."""
    newest = points[-POINTS_SHOWN:]
    return [(formats.in_zone(p.as_of, zone).date(), p.people or 0) for p in newest]


def estimated(people: int | None, low: int | None, high: int | None) -> tuple[str, str]:
    """`≈ 1,300` and `95 % sure: 1,200 to 1,500`, of an estimate."""
    between = f"{formats.group(low)} to {formats.group(high)}"
    return f"≈ {formats.group(people)}", f"95 % sure: {between}; counting exactly"
