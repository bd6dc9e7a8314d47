"""Uploads over time: what became of the rows of each day's files."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.template import DAY_HOVER, DAY_TICKS, figure
from dashboard.theme import Palette

PARTS = (("matched", "matched"), ("unmatched", "not matched yet"), ("rejected", "rows rejected"))


def uploads_over_time(days: pd.DataFrame, palette: Palette) -> go.Figure:
    """A bar per UTC day with files: matched, not yet matched, rejected."""
    drawn = figure(palette, height=240)
    colours = (palette.accent, palette.grey, palette.amber)
    for (column, name), colour in zip(PARTS, colours, strict=True):
        drawn.add_bar(
            x=days["landed_date"],
            y=days[column],
            name=name,
            marker={"color": colour},
            hovertemplate=f"{DAY_HOVER}: %{{y:,}} {name}<extra></extra>",
        )
    drawn.update_xaxes(tickformat=DAY_TICKS, nticks=8)
    drawn.update_yaxes(tickformat=",", nticks=4, rangemode="tozero")
    drawn.update_layout(
        barmode="stack",
        bargap=0.25,
        showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        margin={"t": 34},
    )
    return drawn
