"""The tab *Records*: what they can be recognised by, and what became of them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import formats, identity
from dashboard.app_pages.upload_words import STANDINGS
from dashboard.components.empty import Button, empty_state
from dashboard.components.markup import heading, note
from dashboard.components.notice import notice
from dashboard.components.table import Column, number, table, text
from dashboard.queries import uploads
from dashboard.queries.descriptions import describe
from dashboard.queries.reading import View
from dashboard.translate import as_far_as_built
from dashboard.wording import identifier_type
from matchbook.access import Action

NEXT_WORDS = {
    "email": "e-mail address",
    "phone": "phone number",
    "postal": "postal address",
    "cep_contact": "CEP contact id",
}
LONGEST_ID = 200
LOOKED_UP = "record_looked_up"


def upload_records(view: View | None) -> None:
    """Identifier coverage, the lists' records in numbers, and the life of one of them."""
    if view is None:
        empty_state(
            "No record yet.",
            "What your records can be recognised by, and each record's life on its lists, stand "
            "here after the night that follows an upload.",
            Button("Upload a file", sets={"tab": "Upload"}),
        )
        return
    with as_far_as_built():
        _coverage(view)
    with as_far_as_built():
        _lists(view)
        _one_record(view)


def _coverage(view: View) -> None:
    heading(
        "What your records can be recognised by",
        "Usable records with and without each identifier, and how many of them are matched "
        "(last 30 days).",
    )
    found = uploads.coverage(view)
    if found.empty:
        note("No usable record yet.")
        return
    hint = next_identifier(found)
    if hint:
        notice("info", hint, "A comparison, not a forecast: people who give it may differ.")
    table(view, found, _coverage_columns(view), file_name="identifier-coverage")


def next_identifier(found: pd.DataFrame) -> str:
    """What the identifier that could add most would add; empty when none could be compared."""
    gains = found[found["matched_if_alike"].fillna(0) > 0]
    if gains.empty:
        return ""
    best = gains.sort_values("matched_if_alike", ascending=False).iloc[0]
    word = NEXT_WORDS.get(best["identifier_type"], best["identifier_type"])
    missing, more = int(best["records_without"]), int(best["matched_if_alike"])
    return (
        f"{formats.plural(missing, 'record')} lack {_a(word)}. If they matched as often as those "
        f"with one, {formats.plural(more, 'more record')} would be matched."
    )


def _a(word: str) -> str:
    return f"an {word}" if word[0] in "aeio" else f"a {word}"


def _coverage_columns(view: View) -> tuple[Column, ...]:
    def meaning(column: str) -> str:
        return describe(view, f"identifier_coverage.{column}")

    return (
        text("Identifier", "identifier_type", identifier_type),
        number("With it", "records_with", meaning=meaning("records_with")),
        number("Matched", "matched_with", meaning=meaning("matched_with")),
        Column("Rate", _rate("with"), is_number=True),
        number("Matched by it", "matched_by", meaning=meaning("matched_by")),
        number("Without it", "records_without", meaning=meaning("records_without")),
        Column("Rate without", _rate("without"), is_number=True),
        number("Could add", "matched_if_alike", meaning=meaning("matched_if_alike")),
    )


def _rate(side: str) -> Any:
    def write(row: pd.Series) -> str:
        records = int(row[f"records_{side}"])
        return formats.rate(row[f"rate_{side}"], records) if records else formats.NOTHING

    return write


def _lists(view: View) -> None:
    heading("What became of them", "Every record that a file ever named, by list.")
    found = uploads.per_list(view)
    if found.empty:
        note("No record yet.")
        return
    columns = (
        text("List", "list_name"),
        number("On the list", "live"),
        number("Withdrawn", "withdrawn"),
        number("Left out", "left_out", meaning="Missing from a file that replaced the list"),
        number("Came back", "came_back", meaning="Left the list and were uploaded again"),
        number("First upload", "first_uploaded_date", formats.day_if_any),
        number("Last update", "last_uploaded_date", formats.day_if_any),
    )
    table(view, found, columns, file_name="records-by-list")


def _one_record(view: View) -> None:
    if not identity.may(view.settings, view.client.client_id, Action.LOOK_UP):
        note("The life of one record is for managers to look up.")
        return
    heading("The life of one record", "By the CRM record id that your files use.")
    left, _ = st.columns([2, 3])
    with left:
        typed = st.text_input(
            "CRM record id", max_chars=LONGEST_ID, key="crm_record_id", placeholder="C-1001"
        )
    note("Each look-up is logged: who, when and how many records, not which.")
    record_id = typed.strip()
    if not record_id:
        st.session_state.pop(LOOKED_UP, None)
        return
    identity.require(view.settings, view.client.client_id, Action.LOOK_UP, about="record_lookup")
    found = uploads.life(view, record_id)
    _log(view, record_id, is_known=not found.empty)
    if found.empty:
        notice(
            "info", "No file has named a record of this id.", "Ids are compared letter by letter."
        )
        return
    columns = (
        text("List", "list_name"),
        text("Now", "standing", lambda standing: STANDINGS.get(standing, standing)),
        number("First uploaded", "first_uploaded_date", formats.day_if_any),
        number("Last updated", "last_uploaded_date", formats.day_if_any),
        number("Left", "last_left_date", formats.day_if_any,
             meaning=describe(view, "record_lives.last_left_date")),
        number("Files with it", "uploads", meaning=describe(view, "record_lives.uploads")),
        number("Times on the list", "stays", meaning=describe(view, "record_lives.stays")),
    )  # fmt: skip
    table(view, found, columns, file_name="record-life")


def _log(view: View, record_id: str, *, is_known: bool) -> None:
    """Once for what was typed: drawn again is not looked up again."""
    asked = (view.client.client_id, record_id)
    if st.session_state.get(LOOKED_UP) == asked:
        return
    settings, client_id = view.settings, view.client.client_id
    with identity.acting(settings, client_id, Action.LOOK_UP, "record_lookup") as act:
        act.subjects = int(is_known)
    st.session_state[LOOKED_UP] = asked
