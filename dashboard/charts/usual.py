"""What was measured per day, on the band of what is usual there."""

from __future__ import annotations

from datetime import date

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.annotations import Mark, annotate
from dashboard.charts.template import DAY_HOVER, DAY_TICKS, figure
from dashboard.theme import Palette


def beside_the_usual(
    days: pd.DataFrame, since: date, until: date, palette: Palette, *, is_share: bool, unit: str
) -> go.Figure:
    """`days` has day, value, low and high; the days from `since` to `until` are drawn as off."""
    drawn = figure(palette, height=240)
    factor = 100 if is_share else 1
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    drawn.add_scatter(x=days["day"], y=factor * days["high"], **edge)
    drawn.add_scatter(
        x=days["day"], y=factor * days["low"], fill="tonexty", mode="lines", line={"width": 0},
        fillcolor=palette.accent_soft, name="usual", hoverinfo="skip",
    )  # fmt: skip
    hover = f"{DAY_HOVER}: %{{y:{'.1f' if is_share else ',.0f'}}}{unit}<extra></extra>"
    drawn.add_scatter(
        x=days["day"], y=factor * days["value"], mode="lines", name="measured",
        line={"color": palette.accent, "width": 2}, hovertemplate=hover,
    )  # fmt: skip
    is_off = days["day"].between(pd.Timestamp(since), pd.Timestamp(until))
    drawn.add_scatter(
        x=days["day"][is_off], y=factor * days["value"][is_off], mode="markers", name="off",
        marker={"color": palette.amber, "size": 8}, hovertemplate=hover,
    )  # fmt: skip
    annotate(drawn, [Mark(since, is_trouble=True)], palette)
    drawn.update_layout(
        showlegend=True, legend={"orientation": "h", "y": 1.15, "x": 0, "traceorder": "normal"}
    )
    drawn.update_yaxes(rangemode="tozero", nticks=5, ticksuffix=unit if is_share else "")
    drawn.update_xaxes(tickformat=DAY_TICKS, nticks=8)
    return drawn
