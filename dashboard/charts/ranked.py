"""Ranked bars: who is where now, with a tick where they were a week ago."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard import formats
from dashboard.charts.template import figure
from dashboard.theme import Palette

ROW = 34


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
    drawn.update_yaxes(
        showgrid=False,
        tickfont={"color": palette.text, "size": 13},
        tickvals=list(names),
        ticktext=labels,
    )
    return drawn


def _tick(palette: Palette) -> dict[str, Any]:
    line = {"width": 2.5, "color": palette.text}
    return {"symbol": "line-ns", "size": 15, "color": palette.text, "line": line}
