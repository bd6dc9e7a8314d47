"""How many of 100 people on a lookalike's list will do what the seed did, by the list's size."""

from __future__ import annotations

import plotly.graph_objects as go

from dashboard import formats
from dashboard.charts.template import figure
from dashboard.theme import Palette
from matchbook.lookalikes import Study, at


def precision_by_size(
    study: Study, chosen: int, palette: Palette, *, height: int = 250
) -> go.Figure:
    """The share with its interval, random people as a grey line, the chosen size marked."""
    told = [one.quality for one in study.sizes]
    sizes = [one.size for one in told]
    drawn = figure(palette, height=height)
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    drawn.add_scatter(x=sizes, y=[100 * one.high for one in told], **edge)
    drawn.add_scatter(
        x=sizes, y=[100 * one.low for one in told], fill="tonexty",
        fillcolor=palette.accent_soft, **edge,
    )  # fmt: skip
    drawn.add_scatter(
        x=sizes, y=[100 * one.random for one in told], name="picked at random", mode="lines",
        line={"color": palette.grey, "width": 2},
        hovertemplate="%{x:,} at random: %{y:.1f} of 100<extra></extra>",
    )  # fmt: skip
    drawn.add_scatter(
        x=sizes, y=[100 * one.precision for one in told], name="on this list", mode="lines",
        line={"color": palette.accent, "width": 2},
        hovertemplate="%{x:,} people: %{y:.1f} of 100<extra></extra>",
    )  # fmt: skip
    drawn.add_scatter(
        x=[chosen], y=[100 * at(study, chosen).precision], mode="markers", showlegend=False,
        marker={"color": palette.accent, "size": 11}, hoverinfo="skip",
    )  # fmt: skip
    drawn.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.15, "x": 0})
    drawn.update_yaxes(rangemode="tozero", nticks=5, ticksuffix=" of 100")
    drawn.update_xaxes(
        type="log", tickvals=sizes[::2], ticktext=[formats.count(s) for s in sizes[::2]]
    )
    return drawn
