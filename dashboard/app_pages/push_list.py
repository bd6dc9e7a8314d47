"""All pushes of a client: running and waiting first, then what became of the others."""

from __future__ import annotations

import streamlit as st

from dashboard import formats, identity, navigation
from dashboard.app_pages.push_address import to_new, to_push
from dashboard.app_pages.push_words import (
    KINDS,
    TROUBLE,
    not_begun,
    outcome_line,
    place,
    standing,
    sums_of,
)
from dashboard.components.empty import Button, empty_state
from dashboard.components.markup import heading, note
from dashboard.components.notice import notice
from dashboard.components.row_card import RowCard, row_card
from dashboard.components.table import csv_link
from dashboard.queries.reading import View
from matchbook import jobs
from matchbook.kept_audiences import store
from matchbook.pushes import asking, outbox, targets
from matchbook.pushes.outbox import OPEN, UNCONFIRMED, Push
from matchbook.pushes.targets import Target

SHOWN = 20
WAITS = (*OPEN, UNCONFIRMED)
HEADER = [
    "Push",
    "Audience",
    "To",
    "Group",
    "State",
    "Added",
    "Removed",
    "Not taken",
    "Asked",
    "By",
]


def push_list(view: View) -> None:
    """The list, and how to begin."""
    client_id = view.client.client_id
    found = outbox.of_client(view.settings, client_id)
    known = {target.key: target for target in targets.of_client(view.settings, client_id)}
    if not found:
        _nothing_yet(view)
    open_ones = [push for push in found if push.state in WAITS or push.state in TROUBLE]
    newest = {push.target: push.push_id for push in reversed(found)}
    first = [p for p in open_ones if p.state in WAITS or newest[p.target] == p.push_id]
    if first:
        _running(view, first, known)
    rest = [push for push in found if push not in first]
    if rest:
        heading("Earlier")
        for push in rest[:SHOWN]:
            _line(view, push, known[push.target])
    if found:
        csv_link(view, "pushes", HEADER, [_cells(view, push, known[push.target]) for push in found])
    _begin(view)


def _running(view: View, first: list[Push], known: dict[tuple[str, str, str], Target]) -> None:
    heading("Running and waiting")
    if any(p.state in OPEN for p in first) and not jobs.worker_is_alive(view.settings):
        notice("warning", "Nothing works on them.", "Start the worker:",
               command="matchbook push --drain")  # fmt: skip
    _follow(view, [push.push_id for push in first], known)


@st.fragment(run_every="2s")
def _follow(view: View, numbers: list[int], known: dict[tuple[str, str, str], Target]) -> None:
    pushes = [outbox.get(view.settings, number) for number in numbers]
    for push in pushes:
        _line(view, push, known[push.target])
    if all(push.state not in OPEN for push in pushes) and st.session_state.get("push_live"):
        st.session_state["push_live"] = False
        st.rerun()
    st.session_state["push_live"] = any(push.state in OPEN for push in pushes)


def _line(view: View, push: Push, target: Target) -> None:
    left, right = st.columns([10, 2], vertical_alignment="center")
    with left:
        sums = sums_of(view.settings, push)
        said = outcome_line(sums) if push.planned_at else not_begun(push)
        if sums["left"] and push.planned_at:
            said += f", {formats.count(sums['left'])} to go"
        number = f", no. {target.group_id}" if target.group_id else ""
        row_card(
            RowCard(
                f"{target.name}{KINDS.get(push.kind, '')}",
                f"{said} · {place(view.settings, push.destination)}{number}",
                standing(push, view.client.time_zone),
                is_trouble=push.state in TROUBLE,
                remark=push.reason or "" if push.state in TROUBLE else "",
            )
        )
    with right:
        st.button("Open", key=f"open_push_{push.push_id}", width="stretch",
                  on_click=to_push, args=(push.push_id,))  # fmt: skip


def _cells(view: View, push: Push, target: Target) -> list[str]:
    sums = sums_of(view.settings, push)
    zone = view.client.time_zone
    where = place(view.settings, push.destination)
    return [str(push.push_id), push.audience_id, where, target.name, standing(push, zone),
            str(sums["added"]), str(sums["removed"]), str(sums["not_taken"]),
            formats.moment(push.asked_at, zone), push.asked_by]  # fmt: skip


def _nothing_yet(view: View) -> None:
    if not store.all_of(view.settings, view.client.client_id):
        empty_state(
            "Build an audience first.",
            "What you push stands here with its outcome: an audience goes to CEP as a group.",
            Button("Build an audience", "audiences"),
        )
        return
    heading("Nothing was pushed yet.")
    note("An audience becomes a group in CEP, filled with the contacts who can be recognised, and "
         "kept up to date if you like. Its outcome then stands here.")  # fmt: skip


def _begin(view: View) -> None:
    audiences = store.all_of(view.settings, view.client.client_id)
    if not audiences:
        return
    heading("Push an audience")
    if not asking.destinations(view.settings, view.client.client_id):
        notice(
            "info",
            "No destination is active yet.",
            "Activate Mapp Digital – Email, or a partner's channel.",
        )
        navigation.link("integrations", "Integrations",
                        identity.label(view.settings, view.client))  # fmt: skip
        return
    names = {audience.audience_id: audience.name for audience in audiences}
    left, right = st.columns([9, 2], vertical_alignment="bottom")
    with left:
        chosen = str(st.selectbox("Audience", list(names), key="push_audience", filter_mode=None,
                                  format_func=lambda one: names[one]))  # fmt: skip
    with right:
        st.button("Prepare", key="prepare_push", width="stretch", on_click=to_new, args=(chosen,))
