"""The tab *History*: every CRM file, who handed it in and what became of its rows."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import formats, theme
from dashboard.app_pages.filters import choose
from dashboard.charts.template import show
from dashboard.charts.uploads import uploads_over_time
from dashboard.components.empty import Button, empty_state
from dashboard.components.markup import heading, note, quiet_line
from dashboard.components.notice import notice
from dashboard.components.table import Column, number, table, text
from dashboard.queries import arrivals, uploads
from dashboard.queries.descriptions import describe
from dashboard.queries.reading import View
from dashboard.wording import LIST_MODES
from matchbook.registry import Client, CrmList
from matchbook.settings import Settings

EVERY_LIST = "All lists"
SHOWN_REFUSALS = 3


def upload_history(
    settings: Settings, client: Client, lists: Sequence[CrmList], view: View | None
) -> None:
    """What is on its way, then what landed; an empty state before anything did."""
    _on_the_way(settings, client, {entry.list_id: entry.name for entry in lists})
    _landed(view)


def _on_the_way(settings: Settings, client: Client, names: dict[str, str]) -> None:
    zone = client.time_zone
    for file in arrivals.waiting(settings, names):
        by = f" by {file.uploaded_by}" if file.uploaded_by else ""
        said = f"{names[file.list_id]} ({LIST_MODES[file.mode].lower()}), handed in"
        quiet_line(
            f"{said} {formats.moment(file.since, zone)}{by}, waits for tonight's run.", "running"
        )
    for gone in arrivals.refused(settings, names)[:SHOWN_REFUSALS]:
        at = formats.moment(gone.refused_at, zone)
        notice(
            "warning",
            f"{names[gone.list_id]}: a file was refused on {at}. {gone.happened}",
            gone.todo,
        )


def _landed(view: View | None) -> None:
    if view is None or uploads.history(view).empty:
        empty_state(
            "No upload has landed yet.",
            "What you upload is put on its list by tonight's run and shown here from then on.",
            Button("Upload a file", sets={"tab": "Upload"}),
        )
        return
    lists = uploads.history(view).drop_duplicates("list_id").sort_values("list_name")
    names = dict(zip(lists["list_id"], lists["list_name"], strict=True))
    with st.columns([2, 5])[0]:
        list_id = choose("List", {"": EVERY_LIST, **names}, key="upload_list")
    days = uploads.per_day(view, list_id)
    heading(
        "Uploads over time",
        "Records that were added, updated or replaced on each day (UTC), and how many of them "
        "are matched by now.",
    )
    if days.empty:
        note("This list had only removals.")
    else:
        show(uploads_over_time(days, theme.current()), key="uploads", alt=_in_words(days))
    _files(view, list_id)


def _files(view: View, list_id: str) -> None:
    found = uploads.history(view, list_id)
    heading("Every file", "Newest first. Matched: at one partner or more in the last 30 days.")
    table(view, found, _columns(view), file_name="crm-uploads", is_tall=len(found) > 12)


def _columns(view: View) -> tuple[Column, ...]:
    zone = view.client.time_zone
    return (
        text("When", "landed_at", lambda value: formats.moment(value, zone)),
        text("Who", "uploaded_by", lambda who: who or formats.NOTHING,
             meaning=describe(view, "uploads.uploaded_by")),
        text("List", "list_name"),
        text("What it did", "list_mode", lambda mode: LIST_MODES.get(mode, mode)),
        number("Rows", "lines", meaning=describe(view, "uploads.lines")),
        number("Rejected", "quarantined", meaning=describe(view, "uploads.quarantined")),
        number("Records", "records", meaning=describe(view, "uploads.records")),
        number("Matched so far", "matched_records",
               meaning=describe(view, "uploads.matched_records")),
        Column("Share", _share, is_number=True),
    )  # fmt: skip


def _share(row: pd.Series) -> str:
    if row["list_mode"] == "opt-out" or not row["records"]:
        return formats.NOTHING
    return formats.rate(row["matched_share"], int(row["records"]))


def _in_words(days: pd.DataFrame) -> str:
    sums = days[["matched", "unmatched", "rejected"]].sum()
    return (
        f"{formats.count(sums['matched'])} records matched, {formats.count(sums['unmatched'])} "
        f"not yet, {formats.count(sums['rejected'])} rows rejected"
    )
