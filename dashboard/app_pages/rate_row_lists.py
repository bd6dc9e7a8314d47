"""The lists of rows behind the match rates; each says how its rows make the number above."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.app_pages.filters import choose
from dashboard.app_pages.lookup_words import seen_how, surely
from dashboard.components.markup import note
from dashboard.components.table import Column, number, table, text
from dashboard.queries import more_rates, rate_rows, rates
from dashboard.queries.descriptions import describe
from dashboard.queries.more_rates import MILESTONES
from dashboard.queries.rates import Slice
from dashboard.queries.reading import View
from dashboard.wording import movement

MOST = 100
"""Rows drawn; the CSV has all of them."""


def records(view: View, partner_id: str, part: Slice) -> None:
    """Every usable record on the newest day."""
    found = rate_rows.records(view, partner_id, part)
    _matched_of_usable(found)
    columns = [
        text("CRM record", "crm_record_id"),
        text("Matched", "is_matched", _yes),
        text("Last seen (UTC day)", "last_seen_at", formats.day_if_any),
    ]
    if partner_id != rates.ALL and found["is_known"].notna().any():
        columns.append(text("Known to the partner by itself", "is_known", _yes))
    listed(view, found, columns, "records")


def stated(view: View, partner_id: str, part: Slice) -> None:
    """Every usable record on an earlier day."""
    found = rate_rows.stated(view, partner_id, part.until)
    _matched_of_usable(found)
    columns = (
        text("CRM record", "crm_record_id"),
        text("Matched", "is_matched", _yes),
        text("Since", "matched_since", formats.day_if_any),
    )
    listed(view, found, columns, f"records-{part.until}")


def pairs(view: View, partner_id: str, part: Slice) -> None:
    """Deliverable matches seen in the look-back."""
    if part.breakdown != rates.ALL:
        note("Of all sites and identifier types: a match is not split by them.")
    found = rate_rows.pairs(view, partner_id, part)
    columns = (
        text("CRM record", "crm_record_id"),
        text("Partner", "partner_name"),
        text("How recognised", "evidence_types", seen_how),
        text("How surely", "confidence", surely),
        text("Last seen (UTC day)", "last_seen_at", formats.day_if_any),
    )
    listed(view, found, columns, "matches")


def moved(view: View, partner_id: str, part: Slice) -> None:
    """Why the rate changed in a week, record by record."""
    note("Counted at all sites, with cookies seen in the last 30 days, as the sentence above.")
    columns = (
        text("CRM record", "crm_record_id"),
        text("Why", "reason", movement),
        number("Matched", "matched_change", _signed),
        number("Usable", "eligible_change", _signed),
    )
    listed(view, rate_rows.moved(view, partner_id), columns, "records-gained-and-lost")


def gained(view: View, partner_id: str, part: Slice) -> None:
    """Records that count on the last of the days and did not on the first, or the other way."""
    found = rate_rows.gained(view, partner_id, part)
    matched, usable = (int(found[f"{name}_change"].sum()) for name in ("matched", "eligible"))
    note(
        f"From {formats.day(part.since)} to {formats.day(part.until)}: "
        f"{formats.more(matched)} matched, {formats.more(usable)} usable, counted at all sites, "
        "with cookies seen in the last 30 days."
    )
    columns = (
        text("CRM record", "crm_record_id"),
        number("Matched", "matched_change", _signed),
        number("Usable", "eligible_change", _signed),
    )
    listed(view, found, columns, "records-gained-and-lost-since")


def last_seen(view: View, partner_id: str, part: Slice) -> None:
    """What the cookie match rate and the sync rate are counted from."""
    found = rate_rows.last_seen(view, partner_id, part)
    ids, matched, browsers, seen = (
        formats.count(found[name].sum())
        for name in ("cookies", "matched_cookies", "browsers", "seen_browsers")
    )
    note(
        f"{matched} matched of {ids} cookie ids; {browsers} browsers with a cookie id of {seen} "
        "seen on all sites. Each counts once, when it was last seen; none is listed by itself."
    )
    if part.breakdown == "identifier_type":
        note("Of all identifier types: cookie ids and browsers are not split by them.")
    columns = (
        number("Days ago, at most", "days_ago"),
        number("Cookie ids", "cookies", meaning=describe(view, "last_sightings.cookies")),
        number("Matched", "matched_cookies",
               meaning=describe(view, "last_sightings.matched_cookies")),
        number("Browsers with one", "browsers", meaning=describe(view, "last_sightings.browsers")),
        number("All browsers", "seen_browsers", meaning=describe(view, "more_rates.seen_browsers")),
    )  # fmt: skip
    listed(view, found, columns, "cookie-ids-and-browsers")


def calls(view: View, partner_id: str, part: Slice) -> None:
    """Where and when cookie ids came."""
    note("Browsers are counted and never listed: this is where and when their calls came.")
    columns = (
        text("Day", "hit_date", formats.day),
        text("Site", "site_name"),
        text("Partner", "partner_name"),
        number("Calls", "hits"),
        number("Cookie ids", "cookies"),
    )
    listed(view, rate_rows.calls(view, partner_id, part), columns, "cookie-calls")


def cohort(view: View, partner_id: str, part: Slice) -> None:
    """The records that one upload was the first to name."""
    uploads = more_rates.cohorts(view, partner_id, formats.SMALL)
    if uploads.empty:
        note("No upload has brought enough new records yet.")
        return
    names = {
        str(row.upload_seq): f"{row.list_name}, {formats.day(row.uploaded_date)} ({row.upload_seq})"
        for row in uploads.itertuples()
    }
    left, _ = st.columns([2, 3])
    with left:
        upload = int(choose("Upload", names, key="upload"))
    note(
        "Of the records usable on a day, those with a yes are matched. Dash: not usable or to come."
    )
    columns = [text("CRM record", "crm_record_id")]
    columns += [text(more_rates.after(days), f"day_{days}", _yes) for days in MILESTONES]
    listed(view, rate_rows.cohort(view, partner_id, upload), columns, f"upload-{upload}")


def audited(view: View, partner_id: str, part: Slice) -> None:
    """The matches that later evidence tested."""
    found = rate_rows.audited(view)
    right = int(found["is_confirmed"].sum())
    note(f"{formats.count(right)} right of {formats.count(len(found))} tested, at all partners.")
    columns = (
        text("Day", "as_of_date", formats.day),
        text("CRM record", "crm_record_id"),
        text("Was it who we said", "is_confirmed", _yes),
    )
    listed(view, found, columns, "matches-audited")


def contacts(view: View, part: Slice) -> None:
    """CEP contacts we know of."""
    found = rate_rows.contacts(view, part)
    linked = int(found["is_linked"].sum())
    note(f"{formats.count(linked)} linked of {formats.count(len(found))} contacts.")
    columns = (
        text("CEP contact", "cep_contact_id"),
        text("Linked", "is_linked", _yes),
        text("Last click", "last_click_at", formats.day_if_any),
        text("Last read online", "last_read_at", formats.day_if_any),
        text("Last sign-in on the site", "last_identify_at", formats.day_if_any),
    )
    listed(view, found, columns, "cep-contacts")


def listed(view: View, found: pd.DataFrame, columns: Sequence[Column], name: str) -> None:
    """The first rows as a table, all of them as CSV."""
    if found.empty:
        note("None.")
        return
    if len(found) > MOST:
        note(f"The first {MOST} of {formats.count(len(found))}; the CSV has all of them.")
    table(view, found, columns, file_name=name, is_tall=True, most=MOST)


def _matched_of_usable(found: pd.DataFrame) -> None:
    matched = int(found["is_matched"].sum())
    note(f"{formats.count(matched)} matched of {formats.count(len(found))} usable.")


def _yes(value: Any) -> str:
    return formats.NOTHING if pd.isna(value) else "yes" if value else "no"


def _signed(value: float) -> str:
    return f"{int(value):+d}".replace("-", "−") if value else "0"
