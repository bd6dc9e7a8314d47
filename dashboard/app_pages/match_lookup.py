"""The tab *Match lookup*: why one record is matched, down to the log lines."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import formats, identity
from dashboard.app_pages.lookup_words import (
    CLEARLY,
    how_surely,
    log_lines,
    reason,
    recognised_how,
    rival_words,
    seen_how,
    sentence,
)
from dashboard.app_pages.match_conflicts import decide, show_conflicts
from dashboard.components.markup import heading, note, numbered
from dashboard.components.table import Column, number, table, text
from dashboard.queries import lookup
from dashboard.queries.descriptions import describe
from dashboard.queries.lookup import Found
from dashboard.queries.reading import View
from dashboard.translate import as_far_as_built
from matchbook.access import Action

LONGEST = 200
ASKED = "looked_up"


def show_lookup(view: View) -> None:
    """The search field, and what was found for the text last searched for."""
    if not identity.may(view.settings, view.client.client_id, Action.LOOK_UP):
        note("Single records are looked up by managers. Each look-up is logged.")
        return
    with st.form("lookup", border=False):
        left, right = st.columns([3, 1], vertical_alignment="bottom")
        with left:
            typed = st.text_input(
                "CRM record id or partner cookie id", max_chars=LONGEST, key="lookup_text"
            )
        with right:
            asked = st.form_submit_button("Look up", type="primary", width="stretch")
    note("Each look-up is logged: who, when and how many records, not which.")
    with as_far_as_built():
        if asked and typed.strip():
            _remember(view, typed.strip())
        text_asked = st.session_state.get(ASKED, {}).get(view.client.client_id)
        if text_asked:
            _show(view, text_asked, lookup.find(view, text_asked))
    with as_far_as_built():
        show_conflicts(view)


def _remember(view: View, typed: str) -> None:
    settings, client_id = view.settings, view.client.client_id
    with identity.acting(settings, client_id, Action.LOOK_UP, "match_lookup") as act:
        act.subjects = len(lookup.find(view, typed).records)
    # Kept out of the URL, which ends up in logs and bookmarks; a client's own stays with it.
    st.session_state[ASKED] = {view.client.client_id: typed}


def _show(view: View, typed: str, found: Found) -> None:
    if not found.is_known:
        heading("Nothing has this id.")
        note(
            "Neither a record of your CRM files nor a partner cookie of the last months. "
            "Ids are compared letter by letter."
        )
        return
    if found.partners:
        _cookie(found)
    for record_id in found.records:
        _record(view, record_id)


def _cookie(found: Found) -> None:
    partners = " and ".join(found.partners)
    if not found.records:
        heading(f"A cookie of {partners} that matches no record.")
        note("Nobody was recognised in its browsers in the look-back, or too many people were.")
        return
    records = formats.plural(len(found.records), "record")
    note(f"A cookie of {partners}, matched to {records}.")


def _record(view: View, record_id: str) -> None:
    browsers = lookup.browsers(view, record_id)
    heading(f"Record {record_id}")
    if browsers.empty:
        note(
            "Not recognised on the web. In the look-back nobody clicked, read online or signed in "
            "as this record."
        )
        return
    evidence = lookup.evidence(view, record_id)
    rivals = lookup.rivals(view, record_id)
    for row in browsers.itertuples(index=False):
        mine = evidence[evidence["browser_number"] == row.browser_number]
        numbered(row.browser_number, sentence(row, mine), reason(row.confidence_reason))
        decide(view, record_id, row)
    _partners(view, record_id)
    _evidence(view, evidence, len(browsers))
    _rivals(view, rivals, len(browsers))
    _rules(view)


def _rules(view: View) -> None:
    told = f"As built {formats.moment(view.as_of, view.client.time_zone)}, build {view.build_id}"
    with as_far_as_built():
        rules = lookup.rules(view)
        told += (
            f", by the rules of version {rules['rules_version']}: evidence counts for "
            f"{formats.plural(int(rules['evidence_days']), 'day')}, and matches are delivered "
            f"from a confidence of {formats.decimals(rules['confidence_threshold'])} on"
        )
    note(f"{told}.")


def _partners(view: View, record_id: str) -> None:
    found = lookup.partners(view, record_id)
    heading("Who was told", "The partners whose cookies were seen in these browsers.")
    if found.empty:
        note("No partner's cookie was seen in these browsers: nothing was delivered.")
        return
    zone = view.client.time_zone
    columns = (
        text("Partner", "partner_name"),
        Column("Match", how_surely, meaning=describe(view, "matches.confidence")),
        number("Last seen", "last_seen_at", _moment(zone),
               meaning=describe(view, "matches.last_seen_at")),
        Column("Delivered", lambda row: f"{row['cookies_delivered']} of {row['cookies']}",
               is_number=True,
               meaning="Cookies of this record that the partner holds, before this build's files."),
        number("First", "first_delivered_at", _day(zone),
               meaning=describe(view, "match_deliveries.first_delivered_at")),
        number("Last", "last_delivered_at", _day(zone),
               meaning=describe(view, "match_deliveries.last_delivered_at")),
    )  # fmt: skip
    table(view, found, columns, file_name="match-partners")


def _evidence(view: View, found: pd.DataFrame, browsers: int) -> None:
    heading("What speaks for it", "Every day of evidence in the look-back, and its log lines.")
    zone = view.client.time_zone
    columns = (
        text("When", "first_hit_at", _moment(zone)),
        *_browser_column(browsers),
        Column("How", recognised_how),
        number("Calls", "hits", meaning=describe(view, "match_evidence.hits")),
        Column("Log line", log_lines),
    )
    table(view, found, columns, file_name="match-evidence", is_tall=len(found) > CLEARLY)


def _rivals(view: View, found: pd.DataFrame, browsers: int) -> None:
    heading("Who else", "Other records recognised in the same browsers.")
    if found.empty:
        note("Nobody else.")
        return
    columns = (
        text("CRM record", "crm_record_id"),
        *_browser_column(browsers),
        text("How", "evidence_types", seen_how),
        number("Days", "evidence_days"),
        number("Last", "last_evidence_date", lambda day: formats.day(pd.Timestamp(day).date())),
        Column("There", rival_words),
    )
    table(view, found, columns, file_name="match-rivals", is_tall=len(found) > CLEARLY)


def _browser_column(browsers: int) -> tuple[Column, ...]:
    return (number("Browser", "browser_number"),) if browsers > 1 else ()


def _day(zone: str) -> Any:
    """The day of a moment (naive UTC) in a zone."""
    return lambda at: (
        formats.NOTHING
        if pd.isna(at)
        else formats.day(formats.in_zone(pd.Timestamp(at), zone).date())
    )


def _moment(zone: str) -> Any:
    return lambda at: formats.NOTHING if pd.isna(at) else formats.moment(pd.Timestamp(at), zone)
