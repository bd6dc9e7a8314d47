"""Data quality: where every line went, and why some were not taken."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import formats, theme
from dashboard.app_pages.filters import choose, choose_days
from dashboard.app_pages.opening import open_page
from dashboard.charts.lines import per_day, waterfall
from dashboard.charts.template import show
from dashboard.components.empty import empty_state
from dashboard.components.markup import heading, note
from dashboard.components.table import number, table, text
from dashboard.components.tile import Tile, tiles
from dashboard.queries import lines
from dashboard.queries.descriptions import describe
from dashboard.queries.lines import Slice
from dashboard.queries.reading import View
from dashboard.wording import LIST_MODES, OUTCOMES, SOURCES, reason


def page() -> None:
    """The page."""
    view = open_page("Data quality")
    if view is None:
        return
    part = _filters(view)
    outcomes = lines.by_outcome(view, part)
    if outcomes.empty:
        empty_state(
            "No lines in these days.",
            "Give it a log to read.",
            command="matchbook ingest pixels LOG",
        )
        return
    _account(outcomes)
    _days(view, part)
    _reasons(view, part, "quarantined", "Why lines were rejected")
    _reasons(view, part, "untracked", "Why calls were not tracked")
    _uploads(view, part)


def _filters(view: View) -> Slice:
    columns = st.columns([3, 2, 4])
    with columns[0]:
        since, until = choose_days("Days (UTC)", lines.days(view), key="line_dates")
    with columns[1]:
        source = choose("Source", SOURCES, key="source")
    return Slice(since, until, source)


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
    show(drawn, key="waterfall", alt=f"{total:,} lines = {formula}")
    nobody = int(outcomes.loc[~outcomes["is_own"].astype(bool), "lines"].sum())
    if nobody:
        note(f"{formats.count(nobody)} of them are not attributable to a client.")


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
    heading(title)
    if found.empty:
        note("None in these days.")
        return
    columns = (
        text("Why", "reason", reason),
        number("Lines", "lines", meaning=describe(view, "line_accounting.lines")),
        number("Of no client in particular", "not_attributable"),
    )
    table(view, found, columns, file_name=f"lines-{OUTCOMES[outcome].lower()}")


def _uploads(view: View, part: Slice) -> None:
    found = lines.uploads(view, part)
    heading("CRM uploads")
    if found.empty:
        note("None in these days.")
        return
    zone = view.client.time_zone
    columns = (
        text("Landed", "landed_at", lambda value: formats.moment(value, zone)),
        text("List", "list_name"),
        text("What it did", "list_mode", lambda mode: LIST_MODES.get(mode, mode)),
        number("Rows", "lines", meaning=describe(view, "uploads.lines")),
        number("Accepted", "accepted", meaning=describe(view, "uploads.accepted")),
        number("Rejected", "quarantined", meaning=describe(view, "uploads.quarantined")),
    )
    table(view, found, columns, file_name="crm-uploads", is_tall=len(found) > 15)
