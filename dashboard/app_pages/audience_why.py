"""Why a CRM record is, or is not, in an audience."""

from __future__ import annotations

import streamlit as st

from dashboard import identity
from dashboard.components.markup import heading, note
from dashboard.components.notice import notice
from dashboard.components.plain_table import plain_table
from dashboard.queries.reading import View
from matchbook.access import Action
from matchbook.kept_audiences.store import Audience
from matchbook.kept_audiences.why import Why, why

BOXES = {"enter": "To be in it", "leave": "To leave it"}


def why_in_it(view: View, audience: Audience | None) -> None:
    """Asks for a record id and answers condition by condition."""
    if audience is None:
        note("Once it is saved, you can ask here of any CRM record why it is in it, or not.")
        return
    if not identity.may(view.settings, view.client.client_id, Action.LOOK_UP):
        note("Why somebody is in it, or not, is for managers to look up.")
        return
    heading("Why is somebody in it, or not?", "By CRM record id, as saved. Who asks is logged.")
    record = st.text_input(
        "CRM record id", max_chars=200, key=f"why_{audience.audience_id}",
        placeholder="as in your CRM file",
    )  # fmt: skip
    if record.strip():
        _answer(_asked(view, audience, record.strip()))


def _asked(view: View, audience: Audience, record: str) -> Why:
    """The answer, asked once: a page that is drawn again is no second question."""
    key = (view.client.client_id, audience.audience_id, audience.version, view.build_id, record)
    known = st.session_state.get("audience_why_answer")
    if known is None or known[0] != key:
        settings, client_id = view.settings, view.client.client_id
        person = identity.require(settings, client_id, Action.LOOK_UP, about="why in an audience")
        found = why(settings, client_id, audience.audience_id, record, by=person.name)
        known = st.session_state["audience_why_answer"] = (key, found)
    answer: Why = known[1]
    return answer


def _answer(found: Why) -> None:
    notice("check" if found.is_in else "info", found.verdict)
    if found.is_held_out:
        note("It is in the share that is held out of every push.")
    if found.conditions:
        rows = [(BOXES[one.box], one.text, "yes" if one.holds else "no")
                for one in found.conditions]  # fmt: skip
        plain_table(("", "Condition", "Holds"), rows)
