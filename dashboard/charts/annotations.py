"""Marks on charts over days: what happened, and what was off. One function for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd
import plotly.graph_objects as go

from dashboard.theme import Palette


@dataclass(frozen=True)
class Mark:
    """A day, and whether something was off since it."""

    day: date
    is_trouble: bool = False


def annotate(drawn: go.Figure, marks: Iterable[Mark], palette: Palette, **place: int) -> None:
    """A dotted line per day: grey for what was done, amber for what was off. `place` is a panel."""
    for mark in sorted(set(marks), key=lambda one: (one.is_trouble, one.day)):
        colour = palette.amber if mark.is_trouble else palette.faint
        drawn.add_vline(
            x=pd.Timestamp(mark.day), line={"color": colour, "width": 1.5, "dash": "dot"}, **place
        )
