"""The two feature switches in CEP: how they stand, and what one that is off costs."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from dashboard import formats, identity
from dashboard.components.markup import heading, note
from dashboard.components.row_card import RowCard, row_card
from dashboard.queries.integrations import Brought, brought
from dashboard.queries.reading import View
from dashboard.translate import errors_in_words
from matchbook import switches
from matchbook.access import Action
from matchbook.pushes import switch_requests

TITLES = {
    "link-click": ("Links in e-mails", "Every link of a mailing passes by here, and the browser "
                   "that clicks it is recognised."),
    "read-online": ("Reading online", "Whoever opens the browser version of an e-mail is "
                    "recognised."),
}  # fmt: skip


def feature_switches(view: View) -> None:
    """Both, with what each brings."""
    heading(
        "Two switches in CEP",
        "Your account manager at Mapp sets them on request. We advise both: together they are the "
        "only way in which contacts become recognisable.",
    )
    found = brought(view)
    asked = switch_requests.requested(view.settings, view.client.client_id)
    for switch, (title, meaning) in TITLES.items():
        with st.container(border=True):
            _switch(view, switch, title, meaning, found, asked.get(switch))
    if found.unused_calls:
        note(f"{formats.count(found.unused_calls)} clicks and reads of the last 30 days came while "
             "their switch was off: nobody was recognised by them.")  # fmt: skip


def _switch(
    view: View,
    switch: str,
    title: str,
    meaning: str,
    found: Brought,
    asked: tuple[datetime, str] | None,
) -> None:
    approval = switches.approval(view.client, switch)
    below = f"{meaning} {_share(switch, found, is_on=approval is not None)}"
    zone = view.client.time_zone
    if approval is not None:
        at = formats.moment(approval.approved_at, zone)
        row_card(RowCard(title, below, f"On since {at}, approved by {approval.approved_by}"))
        return
    state = "Off"
    if asked is not None:
        state = f"Requested {formats.moment(asked[0], zone)} by {asked[1]}"
    row_card(RowCard(title, below, state, is_trouble=asked is None))
    if asked is None:
        st.button("We have requested it", key=f"request_{switch}", on_click=_request,
                  args=(view, switch))  # fmt: skip
    note("When Mapp has set it, whoever answers for consent approves it with: "
         f"matchbook switch approve {view.client.client_id} {switch} --by … --basis …")  # fmt: skip


def _share(switch: str, found: Brought, *, is_on: bool) -> str:
    """`Of last month's 1,204 recognised contacts, 38 % came through it.`"""
    lately = found.clicked if switch == "link-click" else found.read
    if found.contacts < formats.SMALL:
        return "" if is_on else "While it is off, nobody is recognised this way."
    share = formats.rate(lately / found.contacts, found.contacts)
    whole = formats.count(found.contacts)
    if is_on or lately:
        lost = "" if is_on else " While it is off, no more come."
        return f"Of last month's {whole} recognised contacts, {share} came through it.{lost}"
    return f"It is off and brought none of last month's {whole} recognised contacts."


def _request(view: View, switch: str) -> None:
    settings, client_id = view.settings, view.client.client_id
    with (
        errors_in_words(),
        identity.acting(settings, client_id, Action.SETTINGS, "switch_asked", about=switch) as act,
    ):
        switch_requests.request(settings, client_id, switch, by=act.by)
