"""Conflicts: browsers that several records lay claim to, and a person's word on one."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import formats, identity
from dashboard.app_pages.lookup_words import surely
from dashboard.components.markup import heading, note
from dashboard.components.table import Column, number, table, text
from dashboard.queries import conflicts
from dashboard.queries.descriptions import describe
from dashboard.queries.reading import View
from dashboard.translate import errors_in_words
from matchbook import decisions
from matchbook.access import Action

MOST = 50
WORDS = {
    "open": "By the evidence",
    "this_record": "This record's alone",
    "not_this_record": "Not this record's",
}


def show_conflicts(view: View) -> None:
    """The closest contests; each is decided where one of its records is looked up."""
    found = conflicts.undecided(view)
    heading(
        "Conflicts",
        "Browsers in which several records are recognised, the closest contests first. "
        "To decide one, look up one of its records.",
    )
    if found.empty:
        note("None: nobody shares a browser with anybody else.")
        return
    columns = (
        Column("Surest record", _claim("best")),
        Column("Next", _claim("next")),
        number("Records", "candidates", meaning=describe(view, "match_conflicts.candidates")),
        number("Last evidence", "last_evidence_date", formats.day_if_any),
        text("What becomes of it", "outcome_reason"),
    )
    table(view, found, columns, file_name="match-conflicts", is_tall=True, most=MOST)
    if len(found) > MOST:
        note(f"The first {MOST} of {formats.count(len(found))}; the CSV has all.")


def decide(view: View, record_id: str, browser: Any) -> None:
    """Whose browser it is: the evidence decides unless a person does."""
    visitor_key = int(browser.visitor_key)
    standing = decisions.standing(view.settings, view.client.client_id)
    said = standing.get((visitor_key, record_id), "open")
    if int(browser.records_on_browser) < 2 and said == "open":
        return
    key = f"whose_{visitor_key}_{record_id}_{said}"
    st.segmented_control(
        f"Whose browser {browser.browser_number} is",
        list(WORDS),
        default=said,
        format_func=lambda word: WORDS[word],
        key=key,
        required=True,
        on_change=_decide,
        args=(view, record_id, visitor_key, key),
    )
    note("A decision counts from the next build on, with your name.")


def _decide(view: View, record_id: str, visitor_key: int, key: str) -> None:
    settings, client_id = view.settings, view.client.client_id
    with (
        errors_in_words(),
        identity.acting(settings, client_id, Action.LOOK_UP, "match_decision") as act,
    ):
        act.subjects = 1
        decisions.decide(
            settings,
            client_id,
            visitor_key=visitor_key,
            crm_record_id=record_id,
            decision=str(st.session_state[key]),
            by=act.by,
        )


def _claim(which: str) -> Any:
    """Writes a record and how sure it is."""

    def write(row: pd.Series) -> str:
        confidence = row[f"{which}_confidence"]
        if formats.is_missing(confidence):
            return formats.NOTHING
        told = f"{surely(confidence).lower()} ({formats.decimals(confidence)})"
        return f"{row[f'{which}_record_id']}: {told}"

    return write
