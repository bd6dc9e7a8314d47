"""The conditions of an audience: groups joined by AND, in each conditions joined by OR."""

from __future__ import annotations

import streamlit as st

from dashboard import formats
from dashboard.app_pages.audience_draft import (
    Draft,
    Row,
    alone,
    condition_of,
    is_unfinished,
)
from dashboard.app_pages.audience_fields import edit
from dashboard.app_pages.audience_kinds import begin
from dashboard.components.condition_line import condition_line, joint
from dashboard.components.markup import heading, note
from dashboard.components.notice import notice
from dashboard.queries import audiences
from dashboard.queries.reading import View
from matchbook.audiences.sentences import Named, sentence, told
from matchbook.errors import MatchbookError
from matchbook.kept_audiences.names import named

CHOOSE = "Choose what they did, or what the CRM says"
DEEP = "These conditions nest deeper than this page can show. They stay as they are stored:"


def conditions(view: View, draft: Draft, *, own_id: str) -> None:
    """Who enters, and, folded away until used, who leaves."""
    called = named(view.settings, view.client.client_id)
    heading("Who is in it", "Everyone for whom each of these groups holds.")
    _box(view, draft, "enter", called, own_id)
    has_leave = bool(draft.groups["leave"]) or "leave" in draft.deep
    with st.expander("People leave when …", expanded=has_leave):
        note("Without a condition here, people leave when they no longer meet those above. With "
             "one, they stay until it holds.")  # fmt: skip
        _box(view, draft, "leave", called, own_id)


def _box(view: View, draft: Draft, box: str, called: Named, own_id: str) -> None:
    if box in draft.deep:
        text = told(draft.deep[box], draft.settings["look_back_days"], called)
        notice("info", DEEP, text)
        return
    groups = draft.groups[box]
    for place, group in enumerate(groups):
        if place:
            joint("and")
        with st.container(border=True, gap="small"):
            for number, row in enumerate(group):
                if number:
                    joint("or")
                _row(view, draft, row, called, own_id)
            st.button("or …", key=f"or_{box}_{place}", type="tertiary",
                      on_click=_add, args=(draft, group))  # fmt: skip
    label = "and …" if groups else "Add a condition"
    st.button(label, key=f"and_{box}", on_click=_add_group, args=(draft, box))


def _row(view: View, draft: Draft, row: Row, called: Named, own_id: str) -> None:
    look_back = int(draft.settings["look_back_days"])
    is_open = draft.edited == row.uid
    line, verbs = st.columns([7, 2], vertical_alignment="top", gap="small")
    if is_open:
        edit(view, row, look_back, own_id=own_id)
    with line:
        condition = condition_of(row)
        if condition is None:
            condition_line(CHOOSE, "", is_unfinished=True)
        else:
            words = sentence(condition, look_back, has=row.has, named=called)
            condition_line(words, _people(view, draft, row), is_unfinished=False)
    with verbs, st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        st.button("Done" if is_open else "Edit", key=f"edit_{row.uid}", type="tertiary",
                  on_click=_open, args=(draft, 0 if is_open else row.uid))  # fmt: skip
        st.button("Remove", key=f"remove_{row.uid}", type="tertiary",
                  on_click=_remove, args=(draft, row))  # fmt: skip


def _people(view: View, draft: Draft, row: Row) -> str:
    definition = None if is_unfinished(row) else alone(draft, row)
    if definition is None:
        return ""
    try:
        return f"{formats.group(audiences.people_alone(view, definition))} people"
    except MatchbookError:
        return ""


def _open(draft: Draft, uid: int) -> None:
    draft.edited = uid


def _add(draft: Draft, group: list[Row]) -> None:
    row = Row(begin("visited"))
    group.append(row)
    draft.edited = row.uid


def _add_group(draft: Draft, box: str) -> None:
    group: list[Row] = []
    draft.groups[box].append(group)
    _add(draft, group)


def _remove(draft: Draft, row: Row) -> None:
    for box, groups in draft.groups.items():
        kept = [[one for one in group if one.uid != row.uid] for group in groups]
        draft.groups[box] = [group for group in kept if group]
