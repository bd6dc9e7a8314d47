"""The size of an audience over time."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard.charts.template import DAY_HOVER, DAY_TICKS, figure
from dashboard.theme import Palette


def size_lines(history: pd.DataFrame, palette: Palette, *, height: int = 260) -> go.Figure:
    """People as a full line, reachable in CEP in grey; a size that is not said leaves a gap."""
    drawn = figure(palette, height=height)
    drawn.add_scatter(**_line(history, "people", "people", palette.accent))
    drawn.add_scatter(**_line(history, "reachable", "reachable in CEP", palette.faint))
    drawn.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.15, "x": 0})
    drawn.update_yaxes(rangemode="tozero", nticks=5, tickformat=",")
    drawn.update_xaxes(tickformat=DAY_TICKS, nticks=10)
    return drawn


def _line(history: pd.DataFrame, column: str, name: str, colour: str) -> dict[str, Any]:
    return {
        "x": history["at"],
        "y": pd.to_numeric(history[column]),
        "name": name,
        "mode": "lines+markers",
        "line": {"color": colour, "width": 2},
        "hovertemplate": f"{DAY_HOVER}: %{{y:,}} {name}<extra></extra>",
    }
