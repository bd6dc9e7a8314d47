"""Rates over time: one large line, or small multiples on one scale."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import formats
from dashboard.charts.annotations import Mark, annotate
from dashboard.charts.template import DAY_HOVER, DAY_TICKS, figure, template
from dashboard.theme import Palette

COLUMNS = 3
PANEL = 165
FEWEST_TICKS = 4


def trend(
    history: pd.DataFrame, marks: Sequence[Mark], palette: Palette, *, height: int = 320
) -> go.Figure:
    """One line over the days, what happened as dotted marks."""
    drawn = figure(palette, height=height)
    drawn.add_scatter(**_line(history, palette))
    drawn.update_yaxes(ticksuffix=" %", range=[0, scale([history])], nticks=6)
    drawn.update_xaxes(tickformat=DAY_TICKS, nticks=10, range=_span([history]))
    annotate(drawn, marks, palette)
    return drawn


def small_multiples(
    histories: Mapping[str, pd.DataFrame],
    marks: Mapping[str, Sequence[Mark]],
    palette: Palette,
    *,
    top: float,
    columns: int = COLUMNS,
) -> go.Figure:
    """One panel per partner with its marks, all up to `top`, the newest rate beside the name."""
    rows = max(1, math.ceil(len(histories) / columns))
    drawn = make_subplots(
        rows=rows,
        cols=columns,
        shared_yaxes="all",
        subplot_titles=[_title(name, part, palette) for name, part in histories.items()],
        horizontal_spacing=0.035,
        vertical_spacing=0.3 / rows,
    )
    for index, (name, part) in enumerate(histories.items()):
        place = {"row": index // columns + 1, "col": index % columns + 1}
        drawn.add_scatter(**_line(part, palette), **place)
        annotate(drawn, marks.get(name, ()), palette, **place)
    drawn.update_layout(template=template(palette), height=rows * PANEL + 24, margin={"t": 26})
    drawn.update_yaxes(ticksuffix=" %", range=[0, top], nticks=FEWEST_TICKS)
    span = _span(histories.values())
    drawn.update_xaxes(tickformat=DAY_TICKS, nticks=FEWEST_TICKS, range=span)
    _put_titles_left(drawn, len(histories))
    return drawn


def scale(histories: Iterable[pd.DataFrame]) -> float:
    """The top of an axis, in per cent, on which all these rates have room."""
    highest = max((part["match_rate"].max() for part in histories), default=0)
    return min(100.0, 115 * float(highest)) if highest == highest and highest > 0 else 100.0


def _span(histories: Iterable[pd.DataFrame]) -> list[pd.Timestamp]:
    """All days, with a little air so that the first date does not run into the scale."""
    days = pd.concat([part["as_of_date"] for part in histories])
    air = max((days.max() - days.min()) * 0.03, pd.Timedelta(hours=12))
    return [days.min() - air, days.max() + air]


def _line(history: pd.DataFrame, palette: Palette) -> dict[str, Any]:
    shown = history["match_rate"].where(history["denominator"] >= formats.SMALL)
    words = [
        f"{formats.count(row.numerator)} of {formats.count(row.denominator)}"
        for row in history.itertuples(index=False)
    ]
    return {
        "x": history["as_of_date"],
        "y": 100 * shown,
        "mode": "lines",
        "line": {"color": palette.accent, "width": 2},
        "customdata": words,
        "hovertemplate": f"{DAY_HOVER}: %{{y:.1f}} %<br>%{{customdata}}<extra></extra>",
    }


def _title(name: str, part: pd.DataFrame, palette: Palette) -> str:
    newest = part.iloc[-1]
    rate = formats.rate(newest["match_rate"], newest["denominator"])
    return f"<b>{name}</b>  <span style='color:{palette.muted}'>{rate}</span>"


def _put_titles_left(drawn: go.Figure, panels: int) -> None:
    for index, title in enumerate(drawn.layout.annotations[:panels]):
        axis = drawn.layout[f"xaxis{index + 1 if index else ''}"]
        title.update(x=axis.domain[0], xanchor="left", font={"size": 13})
