"""Ranked bars: who is where now, with a tick where they were a week ago."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.charts.template import figure
from dashboard.theme import Palette

ROW = 34
CHANGE = 0.33
"""The share of the width right of the bars."""


def ranked_bars(standing: pd.DataFrame, palette: Palette) -> go.Figure:
    """One bar per partner, the highest rate on top; the tick is last week's rate.

    Where `added_rate` says what of it the partner did not know by itself, the rest is grey.
    """
    ranked = standing.iloc[::-1]
    is_shown = ranked["denominator"] >= formats.SMALL
    now = ranked["match_rate"].where(is_shown).fillna(0)
    added = ranked["added_rate"].astype(float).fillna(now).clip(upper=now)
    earlier = ranked["rate_before"].where(is_shown)
    names = ranked["partner_name"]
    drawn = figure(palette, height=ROW * max(len(ranked), 1) + 16)
    for part, colour in ((now - added, palette.grey), (added, palette.accent)):
        drawn.add_bar(
            x=part,
            y=names,
            orientation="h",
            marker={"color": colour, "cornerradius": 3},
            width=0.5,
            hoverinfo="skip",
        )
    drawn.update_layout(barmode="stack")
    drawn.add_scatter(
        x=earlier,
        y=names,
        mode="markers",
        marker=_tick(palette),
        customdata=[formats.rate(value) for value in earlier],
        hovertemplate="%{y}: %{customdata} a week ago<extra></extra>",
    )
    # The rate stands beside the name: at the bar's end it could be read as the tick's.
    labels = [
        f"{row.partner_name}   <b>{formats.rate(row.match_rate, row.denominator)}</b>  "
        for row in ranked.itertuples(index=False)
    ]
    highest = max(float(now.max()), float(earlier.fillna(0).max())) or 1.0
    drawn.update_xaxes(visible=False, range=[0, highest * 1.03])
    _columns(drawn, ranked, palette)
    drawn.update_yaxes(
        showgrid=False,
        tickfont={"color": palette.text, "size": 13},
        tickvals=list(names),
        ticktext=labels,
    )
    return drawn


def _columns(drawn: go.Figure, ranked: pd.DataFrame, palette: Palette) -> None:
    """Right of the bars: how it moved in a week, and what we add to what the partner knew."""
    moved = {row.partner_name: _moved(row.change) for row in ranked.itertuples(index=False)}
    uplift = {row.partner_name: _uplift(row.uplift) for row in ranked.itertuples(index=False)}
    columns = [("on last week", moved)]
    if any(uplift.values()):
        columns.append(("uplift", uplift))
    width = CHANGE / len(columns)
    for number, (title, texts) in enumerate(columns):
        x = 1 - width * (len(columns) - 1 - number)
        _text(drawn, x, 1, title, palette.muted, yref="paper", yanchor="bottom")
        for name, told in texts.items():
            _text(drawn, x, name, told, palette.text)
    drawn.update_xaxes(domain=[0, 1 - CHANGE])
    drawn.update_layout(margin={"t": 26}, height=drawn.layout.height + 18)


def _text(drawn: go.Figure, x: float, y: object, text: str, colour: str, **more: str) -> None:
    drawn.add_annotation(
        x=x, xref="paper", y=y, text=text, xanchor="right", showarrow=False,
        font={"color": colour, "size": 13}, **more,
    )  # fmt: skip


def _moved(change: float | None) -> str:
    if formats.is_missing(change):
        return formats.NOTHING
    size = formats.points(change)
    return size if size.startswith("±") else f"{formats.arrow(float(change or 0))} {size[1:]}"


def _uplift(uplift: float | None) -> str:
    return "" if formats.is_missing(uplift) else formats.gain(uplift)


def _tick(palette: Palette) -> dict[str, Any]:
    line = {"width": 2.5, "color": palette.text}
    return {"symbol": "line-ns", "size": 15, "color": palette.text, "line": line}
