"""The one look of all charts, in the colours of the theme in use."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboard import theme
from dashboard.theme import Palette

FONT = "Inter, sans-serif"
DAY_HOVER = "%{x|%-d %b %Y}"
DAY_TICKS = "%-d %b"


def template(palette: Palette) -> go.layout.Template:
    """No frame, thin grid lines, quiet axes, transparent background."""
    axis: dict[str, Any] = {
        "gridcolor": palette.line,
        "linecolor": palette.line,
        "zerolinecolor": palette.line,
        "tickfont": {"color": palette.muted, "size": 12},
        "title": {"text": ""},
        "automargin": True,
        "fixedrange": True,
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 13, "color": palette.text},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [palette.accent, palette.grey],
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "showlegend": False,
            "separators": ".,",
            "hoverlabel": {
                "bgcolor": palette.surface,
                "bordercolor": palette.line,
                "font": {"family": FONT, "size": 13, "color": palette.text},
            },
            "xaxis": {**axis, "showgrid": False, "ticklabelstandoff": 5},
            "yaxis": axis,
        }
    )


def figure(palette: Palette, *, height: int) -> go.Figure:
    """An empty figure in our look."""
    return go.Figure(layout={"template": template(palette), "height": height})


def show(drawn: go.Figure, *, key: str, alt: str) -> None:
    """Put a figure on the page; `alt` says in words what it shows."""
    st.plotly_chart(
        drawn,
        theme=None,
        key=f"{key}_{'dark' if theme.current() is theme.DARK else 'light'}",
        config={"displayModeBar": False, "responsive": True},
        alt=alt,
    )
