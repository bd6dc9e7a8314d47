"""How numbers, days and times are written on screen. The only place that formats them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pandas as pd

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SMALL = 50
"""A rate over fewer records than this is not shown: it would say something about individuals."""
NOTHING = "–"


def rate(value: float | None, denominator: int | None = None) -> str:
    """`46.2 %`; `<50` where the rate is over fewer than 50 records."""
    if denominator is not None and denominator < SMALL:
        return f"<{SMALL}"
    return NOTHING if is_missing(value) else f"{100 * float(value or 0):.1f} %"


def count(value: float | None) -> str:
    """`18,420`."""
    return NOTHING if is_missing(value) else f"{int(value or 0):,}"


def group(value: float | None) -> str:
    """`1,300` or `<50`: a group that somebody chose, rounded already; null is a small one."""
    return f"<{SMALL}" if is_missing(value) else count(value)


def group_share(value: float | None) -> str:
    """`80 %`: of two groups that somebody chose; one more digit would tell about a few."""
    return NOTHING if is_missing(value) else f"{100 * float(value or 0):.0f} %"


def decimals(value: float | None, places: int = 2) -> str:
    """`0.93`, `1,204.50`: a number that is no count, as a mean, a score or seconds."""
    return NOTHING if is_missing(value) else f"{float(value or 0):,.{places}f}"


def times(value: float | None) -> str:
    """`2.4 ×`."""
    return NOTHING if is_missing(value) else f"{decimals(value, 1)} ×"


def gain(share: float | None) -> str:
    """`+30 %`: how much more than another one, as a share of that one."""
    return NOTHING if is_missing(share) else f"+{decimals(100 * float(share or 0), 0)} %"


def css(share: float) -> str:
    """`62.5%`: how long a bar is drawn."""
    return f"{100 * share:.2f}%"


def more(difference: float) -> str:
    """`512 more`, `40 fewer`, `as many`."""
    whole = int(difference)
    if not whole:
        return "as many"
    return f"{count(abs(whole))} {'more' if whole > 0 else 'fewer'}"


def points(difference: float | None) -> str:
    """`+1.3 points`: a difference between two rates, in percentage points."""
    if is_missing(difference):
        return NOTHING
    tenths = round(1000 * float(difference or 0))
    sign = "+" if tenths > 0 else "−" if tenths < 0 else "±"
    return f"{sign}{abs(tenths) / 10:.1f} points"


def interval(low: float | None, high: float | None) -> str:
    """`28.1–35.0 %`; empty where a rate is a full count."""
    if is_missing(low) or is_missing(high):
        return ""
    return f"{100 * float(low or 0):.1f}–{100 * float(high or 0):.1f} %"


def tenths(parts: Sequence[float], total: float) -> list[int]:
    """Parts of a difference in tenths of a point, rounded so that they add up to the whole one."""
    exact = [1000 * part for part in parts]
    rounded = [math.floor(value) for value in exact]
    missing = round(1000 * total) - sum(rounded)
    by_rest = sorted(range(len(exact)), key=lambda n: rounded[n] - exact[n])
    for place in by_rest[:missing]:
        rounded[place] += 1
    return rounded


def movement(difference: float) -> str:
    """`Rose 1.3 points`, `Fell 0.9 points`, `Unchanged`."""
    size = points(difference)
    verbs = {"+": f"Rose {size[1:]}", "−": f"Fell {size[1:]}"}
    return verbs.get(size[0], "Unchanged")


def arrow(difference: float) -> str:
    """`▲` or `▼`."""
    return "▲" if difference > 0 else "▼"


def day(value: date) -> str:
    """`21 Nov 2026`."""
    return f"{short_day(value)} {value.year}"


def day_if_any(value: date | None) -> str:
    """The same from a mart, where there may be none: `–`."""
    return NOTHING if pd.isna(value) else day(pd.Timestamp(value).date())


def short_day(value: date) -> str:
    """`21 Nov`."""
    return f"{value.day} {MONTHS[value.month - 1]}"


def moment(value: datetime, zone: str) -> str:
    """`21 Nov, 03:10` in the client's time zone, from naive UTC."""
    local = in_zone(value, zone)
    return f"{short_day(local)}, {local:%H:%M}"


def clock_time(value: datetime, zone: str) -> str:
    """`03:10` in the client's time zone, from naive UTC."""
    return f"{in_zone(value, zone):%H:%M}"


def size(value: float | None) -> str:
    """`4.2 MB`, from bytes."""
    if is_missing(value):
        return NOTHING
    amount, units = float(value or 0), ["B", "kB", "MB", "GB", "TB"]
    while amount >= 1000 and len(units) > 1:
        amount, units = amount / 1000, units[1:]
    return f"{amount:.0f} {units[0]}" if units[0] == "B" else f"{amount:.1f} {units[0]}"


def duration(seconds: float) -> str:
    """`0.8 s`, `27 s`, `4 min 5 s`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def in_zone(value: datetime, zone: str) -> datetime:
    """A naive UTC timestamp as the client's local time."""
    aware = value if value.tzinfo else value.replace(tzinfo=ZoneInfo("UTC"))
    return aware.astimezone(ZoneInfo(zone))


def plural(number: int, noun: str) -> str:
    """`1 day`, `2 days`, `1,204 records`."""
    return f"{count(number)} {noun if number == 1 else noun + 's'}"


def is_missing(value: float | None) -> bool:
    """Null from a mart, in any of the forms a data frame gives it."""
    return bool(pd.isna(value))
