"""All audiences of a client: how large, how fresh, whose; and six ways to begin another."""

from __future__ import annotations

import streamlit as st

from dashboard import formats
from dashboard.app_pages.audience_address import to_new
from dashboard.app_pages.audience_changes import change, say
from dashboard.app_pages.audience_lists import uploaded_lists
from dashboard.app_pages.audience_row import picked, row_of
from dashboard.app_pages.audience_templates import EMPTY, TEMPLATES
from dashboard.app_pages.audience_unsaved import unsaved
from dashboard.app_pages.audience_words import owned
from dashboard.components.audience_rows import (
    Card,
    audience_rows,
    begin_cards,
)
from dashboard.components.empty import Button, empty_state
from dashboard.components.markup import heading, note
from dashboard.components.matrix import Cell, matrix
from dashboard.components.table import csv_link
from dashboard.queries import audience_overlap
from dashboard.queries.reading import View
from matchbook.kept_audiences import sizes as kept_sizes
from matchbook.kept_audiences import store
from matchbook.kept_audiences.overlap import Overlap
from matchbook.kept_audiences.sizes import Told

TABS = ["Your audiences", "Overlap", "Uploaded lists", "Archived"]
CSV_HEADER = [
    "Audience", "People", "Reachable in CEP", "Goes to", "Kept up to date", "As of", "Owner",
]  # fmt: skip


def audience_list(view: View) -> None:
    """The list, or how to begin where there is none."""
    say()
    unsaved(view.client.client_id)
    every = kept_sizes.overview(view.settings, view.client.client_id)
    told = [one for one in every if one.audience.kind == "custom"]
    archived = _archived(view)
    if not told and not archived:
        empty_state(
            "No audience yet.",
            "Choose people by what they did and what your CRM says. You see at once how many they "
            "are, and how many each destination can take.",
            Button("Begin with an empty one", on_click=to_new, args=(EMPTY,)),
        )
        _begin()
        return
    tabs = st.tabs(TABS, key="tab", bind="query-params")
    if tabs[0].open:
        with tabs[0]:
            _list(view, told)
            _begin()
    if tabs[1].open:
        with tabs[1]:
            _overlap(view)
    if tabs[2].open:
        with tabs[2]:
            uploaded_lists(view)
    if tabs[3].open:
        with tabs[3]:
            put_away(view, archived)


def _list(view: View, told: list[Told]) -> None:
    if not told:
        empty_state(
            "Every audience is archived.",
            "Those in use stand here.",
            Button("See the archived ones", sets={"tab": TABS[3]}),
        )
        return
    zone = view.client.time_zone
    rows = [row_of(view, one, below=owned(one.audience.definition)) for one in told]
    audience_rows(rows, on_pick=picked(view))
    cells = [
        [row.name, row.people, row.reachable, row.goes_to, row.state,
         formats.moment(one.as_of, zone) if one.as_of else "", one.audience.definition.owner]
        for row, one in zip(rows, told, strict=True)
    ]  # fmt: skip
    csv_link(view, "audiences", CSV_HEADER, cells)


def _begin() -> None:
    heading("New audience", "Begin with one of these; everything in it can be changed.")
    cards = [Card(key, one.title, one.text) for key, one in TEMPLATES.items()]
    begin_cards(cards, on_pick=lambda said: to_new(said.partition(" ")[2]))
    st.button("Begin empty", on_click=to_new, args=(EMPTY,))


def _overlap(view: View) -> None:
    found = audience_overlap.matrix(view)
    if not found:
        empty_state(
            "Nothing to compare yet.",
            "How many people two audiences share stands here once two were refreshed.",
            Button("Begin an audience", on_click=to_new, args=(EMPTY,)),
        )
        return
    heading("Overlap", "Of the people in the row's audience, how many are in the column's too.")
    known = store.all_of(view.settings, view.client.client_id)
    shown = [a for a in known if any(a.audience_id in pair for pair in found)]
    matrix(
        [audience.name for audience in shown],
        [[_cell(found.get((row.audience_id, column.audience_id))) for column in shown]
         for row in shown],
    )  # fmt: skip


def _cell(shared: Overlap | None) -> Cell:
    if shared is None:
        return Cell()
    if shared.share is None:
        return Cell(formats.group(shared.people))
    return Cell(formats.group(shared.people), formats.group_share(shared.share), shared.share)


def _archived(view: View) -> list[store.Audience]:
    known = store.all_of(view.settings, view.client.client_id, archived=True)
    return [one for one in known if one.archived_at and one.kind == "custom"]


def put_away(view: View, archived: list[store.Audience]) -> None:
    """Those that were archived, each with the way back."""
    if not archived:
        note("Nothing is archived.")
    for audience in archived:
        left, right = st.columns([7, 1], vertical_alignment="center")
        with left:
            heading(audience.name, owned(audience.definition))
        with right:
            st.button(
                "Restore", key=f"restore_{audience.audience_id}", width="stretch",
                on_click=change, args=(view, "restore", audience.audience_id),
            )  # fmt: skip
