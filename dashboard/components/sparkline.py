"""A sparkline: one small bar per day, without axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from dashboard import formats
from dashboard.components.markup import escape


def sparkline(
    days: Sequence[tuple[date, int]], noun: str, say: Callable[[int, str], str] = formats.plural
) -> str:
    """Bars as HTML, the tallest day over the whole height; a day of none is a faint foot."""
    highest = max((count for _, count in days), default=0) or 1
    bars = "".join(_bar(day, count, highest, say(count, noun)) for day, count in days)
    newest = f"{say(days[-1][1], noun)} on {formats.short_day(days[-1][0])}" if days else ""
    return f'<div class="mb-spark" role="img" aria-label="{escape(newest)}">{bars}</div>'


def _bar(day: date, count: int, highest: int, said: str) -> str:
    title = f"{formats.short_day(day)}: {said}"
    height = max(6, round(100 * count / highest))
    empty = "" if count else ' class="mb-none"'
    return f'<i{empty} style="height: {height}%" title="{escape(title)}"></i>'
