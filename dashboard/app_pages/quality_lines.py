"""The tab *Lines*: the waterfall, lines per day, and why some were not taken."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import formats, theme
from dashboard.app_pages.quality_rejected import to_reason
from dashboard.charts.lines import per_day, waterfall
from dashboard.charts.template import show
from dashboard.components.empty import Button, draw, empty_state
from dashboard.components.markup import heading, note
from dashboard.components.table import number, table, text
from dashboard.components.tile import Tile, tiles
from dashboard.queries import lines
from dashboard.queries.descriptions import describe
from dashboard.queries.lines import Slice
from dashboard.queries.reading import View
from dashboard.wording import OUTCOMES, reason


def account_of_lines(view: View, part: Slice) -> None:
    """Every line of the days and the source chosen."""
    outcomes = lines.by_outcome(view, part)
    if outcomes.empty:
        empty_state(
            "No lines in these days.",
            "Where every line went stands here, for days on which something landed.",
            Button("Show all days", on_click=_show_all_days),
        )
        return
    _account(outcomes)
    _days(view, part)
    _reasons(view, part, "quarantined", "Why lines were rejected")
    _reasons(view, part, "untracked", "Why calls were not tracked")


def _show_all_days() -> None:
    for key in ("line_dates", "source"):
        st.session_state.pop(key, None)
        st.query_params.pop(key, None)


def _account(outcomes: pd.DataFrame) -> None:
    sizes = outcomes.groupby("outcome")["lines"].sum()
    total = int(sizes.sum())
    parts = [(label, int(sizes.get(code, 0))) for code, label in OUTCOMES.items()]
    unaccounted = total - sum(size for _, size in parts)
    formula = " + ".join(f"{formats.count(size)} {label.lower()}" for label, size in parts)
    tiles(
        [
            Tile(
                "Lines unaccounted for",
                formats.count(unaccounted),
                f"{formats.count(total)} lines = {formula}",
            )
        ]
    )
    heading("Where every line went", "Lines of logs and rows of CRM files, each counted once.")
    drawn = waterfall(total, parts, theme.current(), trouble=OUTCOMES["quarantined"])
    show(drawn, key="waterfall", alt=f"{formats.count(total)} lines = {formula}")
    nobody = int(outcomes.loc[~outcomes["is_own"].astype(bool), "lines"].sum())
    if nobody:
        note(f"{formats.count(nobody)} of them are not attributable to a client.")
    if sizes.get("quarantined", 0):
        draw(Button("See the rejected lines", on_click=to_reason), key="see_rejected")


def _days(view: View, part: Slice) -> None:
    days = lines.by_day(view, part)
    left, right = st.columns(2, gap="large")
    with left:
        heading("All lines per day")
        show(per_day(days, "lines", theme.current()), key="per_day", alt="Lines per day")
    with right:
        heading("Rejected per day")
        drawn = per_day(days, "rejected", theme.current(), is_trouble=True)
        show(drawn, key="rejected_per_day", alt="Rejected lines per day")


def _reasons(view: View, part: Slice, outcome: str, title: str) -> None:
    found = lines.by_reason(view, part, outcome)
    is_listed = outcome == "quarantined"
    heading(title, "Press a reason for its lines." if is_listed and not found.empty else "")
    if found.empty:
        note("None in these days.")
        return
    columns = (
        text("Why", "reason", reason),
        number("Lines", "lines", meaning=describe(view, "line_accounting.lines")),
        number("Of no client in particular", "not_attributable"),
    )
    table(view, found, columns, file_name=f"lines-{OUTCOMES[outcome].lower()}",
          on_pick=to_reason if is_listed else None, picks="reason")  # fmt: skip
