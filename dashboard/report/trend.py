"""The match rate of the last twelve weeks as a line: SVG, so that it prints sharp."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from dashboard import formats
from dashboard.components.markup import escape
from dashboard.queries import rates
from dashboard.queries.rates import Slice
from dashboard.queries.reading import View

WEEKS = 12
_WIDTH, _HEIGHT, _FOOT = 764, 120, 22


def trend(view: View, until: date) -> str:
    """One line over all partners, with its first and last value; empty where there is no line."""
    part = Slice(since=until - timedelta(days=7 * WEEKS), until=until)
    history = rates.history(view, part)
    days = history[(history["partner_id"] == rates.ALL)]
    days = days[days["denominator"] >= formats.SMALL]
    if len(days) < 7:
        return ""
    return _drawn(days)


def _drawn(days: pd.DataFrame) -> str:
    values = [float(value) for value in days["match_rate"]]
    top = 1.15 * max(values) or 1.0
    step = _WIDTH / (len(values) - 1)
    points = [(n * step, _HEIGHT * (1 - value / top)) for n, value in enumerate(values)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    first, last = (pd.Timestamp(days["as_of_date"].iloc[n]).date() for n in (0, -1))
    ends = (
        _text(0, points[0][1] - 8, "start", formats.rate(values[0])),
        _text(_WIDTH, points[-1][1] - 8, "end", formats.rate(values[-1])),
        _text(0, _HEIGHT + _FOOT - 5, "start", formats.short_day(first)),
        _text(_WIDTH, _HEIGHT + _FOOT - 5, "end", formats.short_day(last)),
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT + _FOOT}" role="img" '
        'aria-label="Match rate over all partners, day by day">'
        f'<line x1="0" x2="{_WIDTH}" y1="{_HEIGHT}" y2="{_HEIGHT}"/>'
        f'<polyline points="{line}"/>{"".join(ends)}</svg>'
    )


def _text(x: float, y: float, anchor: str, text: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
