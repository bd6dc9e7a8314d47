"""Where the lines went: the waterfall, and lines per day."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.charts.template import DAY_HOVER, DAY_TICKS, figure
from dashboard.theme import Palette

ROW = 46


def waterfall(
    total: int, parts: Sequence[tuple[str, int]], palette: Palette, *, trouble: str
) -> go.Figure:
    """All lines on top; below, every part starts where the one before it ended."""
    names = ["All lines", *(name for name, _ in parts)]
    sizes = [total, *(size for _, size in parts)]
    starts = [0, *_running_sum(size for _, size in parts)]
    colours = [palette.grey, *(_colour(name, palette, trouble) for name, _ in parts)]
    drawn = figure(palette, height=ROW * len(names) + 16)
    drawn.add_bar(
        x=sizes,
        y=names,
        base=starts,
        orientation="h",
        marker={"color": colours, "cornerradius": 3},
        width=0.6,
        hoverinfo="skip",
    )
    for name, start, size in zip(names, starts, sizes, strict=True):
        drawn.add_annotation(**_label(name, start, size, total))
    drawn.update_xaxes(visible=False, range=[0, max(total, 1) * 1.02])
    drawn.update_yaxes(
        autorange="reversed",
        showgrid=False,
        ticksuffix="  ",
        tickfont={"color": palette.text, "size": 13},
    )
    return drawn


def per_day(
    days: pd.DataFrame, column: str, palette: Palette, *, is_trouble: bool = False
) -> go.Figure:
    """A bar per UTC day."""
    drawn = figure(palette, height=200)
    drawn.add_bar(
        x=days["hit_date"],
        y=days[column],
        marker={"color": palette.amber if is_trouble else palette.accent},
        hovertemplate=f"{DAY_HOVER}: %{{y:,}}<extra></extra>",
    )
    drawn.update_xaxes(tickformat=DAY_TICKS, nticks=6)
    drawn.update_yaxes(tickformat=",", nticks=4, rangemode="tozero")
    drawn.update_layout(bargap=0.25)
    return drawn


def _label(name: str, start: int, size: int, total: int) -> dict[str, object]:
    """The count right of the bar, or left of it where there is no room on the right."""
    is_far = start + size > 0.8 * total
    has_room = size > 0.14 * total
    x, anchor = (start + size, "right") if is_far and has_room else (start + size, "left")
    if is_far and not has_room:
        x, anchor = start, "right"
    text = formats.count(size)
    return {
        "x": x,
        "y": name,
        "text": text,
        "xanchor": anchor,
        "showarrow": False,
        "xshift": 8 if anchor == "left" else -8,
    }


def _running_sum(sizes: object) -> list[int]:
    starts, at = [], 0
    for size in sizes:  # type: ignore[attr-defined]
        starts.append(at)
        at += size
    return starts


def _colour(name: str, palette: Palette, trouble: str) -> str:
    if name == trouble:
        return palette.amber
    return palette.accent if name == "Accepted" else palette.grey
