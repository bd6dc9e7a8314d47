"""A push that waits for a second person: how many it is about, and the button for somebody else."""

from __future__ import annotations

import streamlit as st

from dashboard import formats, identity
from dashboard.app_pages.push_address import SAID
from dashboard.app_pages.push_places import ids
from dashboard.app_pages.push_words import place
from dashboard.components.markup import note
from dashboard.components.notice import notice
from dashboard.queries.reading import View
from matchbook.access import Action
from matchbook.errors import MatchbookError
from matchbook.pushes import confirming
from matchbook.pushes.outbox import Push


def push_confirm(view: View, push: Push) -> None:
    """What is asked for and by whom; nothing has left yet."""
    adds = int((push.funnel or {}).get("add", 0))
    where = place(view.settings, push.destination)
    whom = formats.plural(adds, ids(push.destination))
    notice("info", "It waits for a second person.",
           f"{whom} would be added at {where}. Nothing has been sent yet.")  # fmt: skip
    if not identity.may(view.settings, view.client.client_id, Action.PUSH):
        return
    st.button("Confirm and push", type="primary", key="push_confirm", on_click=_confirm,
              args=(view, push))  # fmt: skip
    note(f"Anybody but {push.asked_by} may confirm it.")


def _confirm(view: View, push: Push) -> None:
    try:
        person = identity.require(
            view.settings, view.client.client_id, Action.PUSH, about="push_confirm"
        )
        confirming.confirm(view.settings, push, by=person.name)
    except MatchbookError as error:
        st.session_state[SAID] = error
