"""All lookalikes of a client: like whom, how good, how large; and seeds to begin another."""

from __future__ import annotations

import streamlit as st

from dashboard import formats
from dashboard.app_pages.audience_address import to_new
from dashboard.app_pages.audience_changes import say
from dashboard.app_pages.audience_list import put_away
from dashboard.app_pages.audience_row import picked, row_of
from dashboard.app_pages.audience_unsaved import unsaved
from dashboard.app_pages.lookalike_draft import begun_with
from dashboard.app_pages.lookalike_words import label_of
from dashboard.components.audience_rows import (
    AudienceRow,
    Card,
    audience_rows,
    begin_cards,
)
from dashboard.components.empty import Button, empty_state
from dashboard.components.markup import heading, note
from dashboard.components.table import csv_link
from dashboard.queries import lookalikes
from dashboard.queries.reading import View
from matchbook.kept_audiences.names import named
from matchbook.kept_audiences.sizes import Told

TABS = ["Your lookalikes", "Archived"]
MOST_SEEDS = 9
CSV_HEADER = [
    "Lookalike", "Like", "Quality", "People", "Reachable in CEP", "Goes to", "Kept up to date",
]  # fmt: skip


def lookalike_list(view: View) -> None:
    """The list, or how to begin where there is none."""
    say()
    unsaved(view.client.client_id, lookalikes=True)
    told, archived = lookalikes.of_client(view), lookalikes.archived(view)
    if not told and not archived:
        heading("No lookalike yet.")
        note(
            "Choose an audience; Matchbook finds the visitors most like its people, and says how "
            "good that list is before you use it."
        )
        _begin(view)
        return
    tabs = st.tabs(TABS, key="tab", bind="query-params")
    if tabs[0].open:
        with tabs[0]:
            _list(view, told)
            _begin(view)
    if tabs[1].open:
        with tabs[1]:
            put_away(view, archived)


def _list(view: View, told: list[Told]) -> None:
    if not told:
        empty_state(
            "Every lookalike is archived.",
            "Those in use stand here.",
            Button("See the archived ones", sets={"tab": TABS[1]}),
        )
        return
    rows = [_row(view, one) for one in told]
    audience_rows(rows, on_pick=picked(view), what="Lookalike")
    cells = [
        [row.name, *_like(view, one), row.people, row.reachable, row.goes_to, row.state]
        for row, one in zip(rows, told, strict=True)
    ]
    csv_link(view, "lookalikes", CSV_HEADER, cells)


def _row(view: View, told: Told) -> AudienceRow:
    seed, label = _like(view, told)
    return row_of(view, told, below=f"{label} · like “{seed}”")


def _like(view: View, told: Told) -> tuple[str, str]:
    """Whom it is like, and how good it is."""
    similar = told.audience.definition.similar
    seed = similar.seed if similar else ""
    study = lookalikes.study_of(view, told.audience.definition)
    return named(view.settings, view.client.client_id)(seed), label_of(study)


def _begin(view: View) -> None:
    seeds = lookalikes.seeds(view)
    if not seeds:
        empty_state(
            "Needs a seed of 100 people or more.",
            "A lookalike begins with an audience of people you would like more of.",
            Button("Build an audience", "audiences"),
        )
        return
    heading("New lookalike", "Begin with the people you would like more of.")
    cards = [
        Card(one.audience.audience_id, one.audience.name, f"{formats.group(one.people)} people")
        for one in seeds[:MOST_SEEDS]
    ]
    begin_cards(cards, on_pick=lambda said: to_new(begun_with(said.partition(" ")[2])))
