"""All audiences of a client: how large, how fresh, whose; and six ways to begin another."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard import formats, identity
from dashboard.app_pages.audience_address import SAID, to_audience, to_new
from dashboard.app_pages.audience_templates import EMPTY, TEMPLATES
from dashboard.app_pages.audience_words import owned, sizes, standing, trend_days
from dashboard.components.audience_rows import (
    ARCHIVE,
    COPY,
    OPEN,
    AudienceRow,
    Card,
    audience_rows,
    begin_cards,
)
from dashboard.components.empty import empty_state
from dashboard.components.markup import heading
from dashboard.components.matrix import matrix as draw_matrix
from dashboard.components.notice import error_notice, notice
from dashboard.components.table import csv_link
from dashboard.queries import audience_overlap
from dashboard.queries.reading import View
from matchbook.errors import MatchbookError
from matchbook.kept_audiences import sizes as kept_sizes
from matchbook.kept_audiences import store
from matchbook.kept_audiences.overlap import Overlap
from matchbook.kept_audiences.sizes import Told

TABS = ["Your audiences", "Overlap", "Archived"]
CSV_HEADER = ["Audience", "People", "Reachable in CEP", "Kept up to date", "As of", "Owner"]


def audience_list(view: View) -> None:
    """The list, or how to begin where there is none."""
    _say()
    told = kept_sizes.overview(view.settings, view.client.client_id)
    archived = _archived(view)
    if not told and not archived:
        empty_state(
            "No audience yet.",
            "Choose people by what they did and what your CRM says. You see at once how many they "
            "are, and how many each destination can take.",
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
            _put_away(view, archived)


def change(view: View, verb: str, audience_id: str) -> None:
    """Copy, archive or restore one; what became of it is said on the next page."""
    settings, client_id = view.settings, view.client.client_id
    try:
        if verb == COPY:
            made = store.duplicate(settings, client_id, audience_id, by=identity.who())
            to_audience(made.audience_id)
        elif verb == ARCHIVE:
            store.archive(settings, client_id, audience_id)
            st.session_state[SAID] = "Archived. It is refreshed and offered no more."
        else:
            store.restore(settings, client_id, audience_id)
            st.session_state[SAID] = "Restored. The next refresh fills it."
    except MatchbookError as error:
        st.session_state[SAID] = error


def _say() -> None:
    said = st.session_state.pop(SAID, None)
    if isinstance(said, MatchbookError):
        error_notice(said)
    elif said:
        notice("check", said)


def _list(view: View, told: list[Told]) -> None:
    if not told:
        empty_state("Every audience is archived.")
        return
    zone = view.client.time_zone
    rows = [_row(view, one) for one in told]
    audience_rows(rows, on_pick=_picked(view))
    cells = [
        [row.name, row.people, row.reachable, row.state,
         formats.moment(one.as_of, zone) if one.as_of else "", one.audience.definition.owner]
        for row, one in zip(rows, told, strict=True)
    ]  # fmt: skip
    csv_link(view, "audiences", CSV_HEADER, cells)


def _row(view: View, told: Told) -> AudienceRow:
    people, reachable = sizes(told)
    state, is_trouble = standing(told, view.client.time_zone)
    audience = told.audience
    points = kept_sizes.trend(view.settings, view.client.client_id, audience.audience_id)
    return AudienceRow(
        audience_id=audience.audience_id,
        name=audience.name,
        below=owned(audience.definition),
        people=people,
        reachable=reachable,
        trend=trend_days(points, view.client.time_zone),
        state=state,
        is_trouble=is_trouble,
    )


def _picked(view: View) -> Callable[[str], None]:
    def picked(said: str) -> None:
        verb, _, key = said.partition(" ")
        if verb == OPEN:
            to_audience(key)
        else:
            change(view, verb, key)

    return picked


def _begin() -> None:
    heading("New audience", "Begin with one of these; everything in it can be changed.")
    cards = [Card(key, one.title, one.text) for key, one in TEMPLATES.items()]
    begin_cards(cards, on_pick=lambda said: to_new(said.partition(" ")[2]))
    st.button("Begin empty", on_click=to_new, args=(EMPTY,))


def _overlap(view: View) -> None:
    found = audience_overlap.matrix(view)
    if not found:
        empty_state("Nothing to compare yet.", "Two audiences that were refreshed are needed.")
        return
    heading("Overlap", "Of the people in the row's audience, how many are in the column's too.")
    known = store.all_of(view.settings, view.client.client_id)
    shown = [a for a in known if any(a.audience_id in pair for pair in found)]
    draw_matrix(
        [audience.name for audience in shown],
        [[_cell(found.get((row.audience_id, column.audience_id))) for column in shown]
         for row in shown],
    )  # fmt: skip


def _cell(shared: Overlap | None) -> tuple[str, str]:
    if shared is None:
        return "", ""
    return formats.group(shared.people), "" if shared.share is None else formats.group_share(
        shared.share
    )


def _archived(view: View) -> list[store.Audience]:
    known = store.all_of(view.settings, view.client.client_id, archived=True)
    return [audience for audience in known if audience.archived_at]


def _put_away(view: View, archived: list[store.Audience]) -> None:
    if not archived:
        empty_state("Nothing is archived.")
    for audience in archived:
        left, right = st.columns([7, 1], vertical_alignment="center")
        with left:
            heading(audience.name, owned(audience.definition))
        with right:
            st.button(
                "Restore", key=f"restore_{audience.audience_id}", width="stretch",
                on_click=change, args=(view, "restore", audience.audience_id),
            )  # fmt: skip
