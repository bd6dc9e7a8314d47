"""Uploaded lists of CRM record ids: choose one, replace what is on it, or upload another."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from dashboard import formats, uploads
from dashboard.app_pages.audience_frame import may_build
from dashboard.app_pages.hasher_config import hasher_config
from dashboard.app_pages.upload_words import REMARKS
from dashboard.components.crm_hasher import asked, crm_hasher
from dashboard.components.markup import heading, note
from dashboard.components.table import number, table, text
from dashboard.queries.reading import View
from matchbook.audiences import references
from matchbook.errors import MatchbookError
from matchbook.kept_audiences import lists, store
from matchbook.kept_audiences.lists import AudienceList

TICKET = "audience_list_ticket"
NEW = "+"
"""Chosen where another list is to be uploaded: no list is called so."""


@dataclass(frozen=True)
class Target:
    """The list that a file becomes."""

    list_id: str
    name: str
    is_new: bool


def list_field(view: View, chosen: str, key: str) -> str:
    """A list's id, or nothing until there is one; a file may replace it or become another."""
    known = {one.list_id: one for one in lists.all_of(view.settings, view.client.client_id)}
    options = [*known, NEW]
    found = st.selectbox(
        "List", options, index=options.index(chosen) if chosen in known else None if known else 0,
        format_func=lambda option: _label(known.get(option)), key=f"{key}_list",
        placeholder="Choose a list",
        help="Whoever was never recognised in a browser counts from the day on that they are.",
    )  # fmt: skip
    if found == NEW:
        name = st.text_input("Name of the new list", max_chars=120, key=f"{key}_new_name",
                             placeholder="Guests of the spring fair")  # fmt: skip
        if name.strip():
            list_id = lists.new_id(view.settings, view.client.client_id, name)
            _upload(view, Target(list_id, name.strip(), is_new=True), f"{key}_list")
    elif found:
        with st.expander("Replace what is on it"):
            _upload(view, Target(found, known[found].name, is_new=False), f"{key}_list")
    return found if found in known else ""


def uploaded_lists(view: View) -> None:
    """All lists with who uploaded them and which audiences use them; and a place to upload."""
    known = lists.all_of(view.settings, view.client.client_id)
    if known:
        heading("Uploaded lists", "CRM record ids; a new file replaces the old one whole.")
        _table(view, known)
    else:
        heading("No list yet.")
        note(
            "A file with CRM record ids: guests of a fair, readers of a printed mailing. "
            "Audiences can ask who is on it. Upload one below."
        )
    heading("Upload", "Audiences that use the list are refreshed at once.")
    list_field(view, "", "lists")


def _table(view: View, known: list[AudienceList]) -> None:
    users = {
        a.name: references.lists_named(a.definition)
        for a in store.all_of(view.settings, view.client.client_id)
    }
    rows = [
        {
            "name": one.name,
            "records": one.records,
            "at": one.uploaded_at,
            "by": one.uploaded_by,
            "users": ", ".join(name for name, used in users.items() if one.list_id in used),
        }
        for one in known
    ]
    columns = (
        text("List", "name"),
        number("Records", "records", formats.count),
        text("Uploaded", "at", lambda at: formats.moment(at, view.client.time_zone)),
        text("By", "by"),
        text("Audiences that use it", "users"),
    )
    table(view, pd.DataFrame(rows), columns, file_name="audience-lists")


def _upload(view: View, target: Target, chooser: str) -> None:
    if not may_build(view):
        note("Lists are uploaded by marketers and managers.")
        return
    note(f"The file becomes the whole list “{target.name}”."
         if target.is_new else "Whoever is not in the new file leaves the list.")  # fmt: skip
    crm_hasher(
        {
            "takes": "ids",
            "isNew": target.is_new,
            "config": hasher_config(view.client.region),
            "isCountryAssumed": False,
            "lists": [(target.list_id, target.name)],
            "countries": [],
            "reasons": REMARKS,
            "ticket": st.session_state.get(TICKET),
        },
        on_asks=lambda: _permit(view, target),
        on_sent=lambda: st.session_state.update({chooser: target.list_id}),
    )


def _permit(view: View, target: Target) -> None:
    """A signed ticket for the upload the component asks leave for."""
    said = asked()
    if not said:
        return
    answer = {"nonce": said["nonce"], "ticket": "", "refusal": ""}
    try:
        answer["ticket"] = uploads.permit_audience_list(
            view.settings, view.client.client_id, target.list_id, target.name
        )
    except MatchbookError as error:
        answer["refusal"] = f"{error.happened} {error.todo}"
    st.session_state[TICKET] = answer


def _label(known: AudienceList | None) -> str:
    if known is None:
        return "Upload another list …"
    return f"{known.name} · {formats.count(known.records)} records"
