"""The size of one audience over time, and who came and went."""

from __future__ import annotations

import pandas as pd

from dashboard import formats, theme
from dashboard.charts.sizes import size_lines
from dashboard.charts.template import show
from dashboard.components.markup import heading, note
from dashboard.components.table import number, table, text
from dashboard.queries.reading import View
from matchbook.kept_audiences import sizes as kept_sizes
from matchbook.kept_audiences.store import Audience

FEWEST = 2


def size_trend(view: View, audience: Audience | None) -> None:
    """People and reachable in CEP, one point for each build."""
    points = (
        kept_sizes.trend(view.settings, view.client.client_id, audience.audience_id)
        if audience
        else []
    )
    if not points:
        note("No size over time yet. Each night adds one, from the first save on.")
        return
    zone = view.client.time_zone
    history = pd.DataFrame(
        [{"at": formats.in_zone(p.as_of, zone).replace(tzinfo=None), **vars(p)} for p in points]
    )
    heading("Size over time", "As of each refresh; below 50 nothing is drawn.")
    if len(points) >= FEWEST:
        show(size_lines(history, theme.current()), key="audience_trend", alt="Size over time")
    columns = (
        text("As of", "as_of", lambda at: formats.moment(at, zone)),
        number("People", "people", formats.group),
        number("Reachable in CEP", "reachable", formats.group),
        number("Entered", "entered", formats.group),
        number("Stayed", "stayed", formats.group),
        number("Left", "left", formats.group),
    )
    table(view, history.iloc[::-1], columns, file_name="audience-trend", is_tall=True)
