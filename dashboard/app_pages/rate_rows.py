"""The rows behind the numbers: a choice of what to list, a table and all of it as CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.app_pages.filters import choose
from dashboard.app_pages.lookup_words import seen_how, surely
from dashboard.components.markup import note
from dashboard.components.table import Column, number, table, text
from dashboard.queries import rate_rows, rates
from dashboard.queries.rates import Slice
from dashboard.queries.reading import View
from dashboard.wording import funnel_reason, movement

MOST = 100
"""Rows drawn; the CSV has all of them."""


def show_rows(view: View, partner_id: str, part: Slice) -> None:
    """Behind the rates of one choice of filters, on the newest day."""
    with _opened("Rows behind these numbers", "rows") as is_open:
        if not is_open:
            return
        if part.until < view.as_of_date:
            newest = formats.day(view.as_of_date)
            note(f"Rows are kept for the newest day only. Let the days end on {newest}.")
            return
        if partner_id == rates.CEP:
            _contacts(view, part)
            return
        kinds: dict[str, Callable[[View, str, Slice], None]] = {
            "Records, matched and not": _records,
            "Matches, one row per cookie id": _pairs,
            "Records gained and lost in 7 days": _moved,
            "Calls with a cookie id, by site and day": _calls,
        }
        left, _ = st.columns([2, 3])
        with left:
            kind = choose("Rows", {name: name for name in kinds}, key="rows_of")
        kinds[kind](view, partner_id, part)


def show_lost(view: View, partner_id: str, kind: str, losses: pd.DataFrame) -> None:
    """Behind the funnel: the records that stop for a reason, or arrive."""
    with _opened("Rows behind these numbers", "lost") as is_open:
        if not is_open:
            return
        codes = {"delivered": "Delivered"} | {
            code: funnel_reason(code) for code in losses["reason"]
        }
        left, _ = st.columns([2, 3])
        with left:
            reason = choose("Rows", codes, key="lost_because")
        found = rate_rows.lost(view, partner_id, kind, reason)
        columns = (text("CRM record", "crm_record_id"), _words("Why", lambda _: codes[reason]))
        _list(view, found, columns, f"records-{reason.replace('_', '-')}")


@contextmanager
def _opened(label: str, key: str) -> Iterator[bool]:
    """An expander whose rows are read only once it is open; the URL says whether it is."""
    box = st.expander(label, key=key, on_change="rerun", bind="query-params")
    with box:
        yield bool(box.open)


def _records(view: View, partner_id: str, part: Slice) -> None:
    found = rate_rows.records(view, partner_id, part)
    matched = int(found["is_matched"].sum())
    note(f"{formats.count(matched)} matched of {formats.count(len(found))} usable.")
    columns = [
        text("CRM record", "crm_record_id"),
        text("Matched", "is_matched", _yes),
        text("Last seen (UTC day)", "last_seen_at", formats.day_if_any),
    ]
    if partner_id != rates.ALL and found["is_known"].notna().any():
        columns.append(text("Known to the partner by itself", "is_known", _yes))
    _list(view, found, columns, "records")


def _pairs(view: View, partner_id: str, part: Slice) -> None:
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
    _list(view, found, columns, "matches")


def _moved(view: View, partner_id: str, part: Slice) -> None:
    found = rate_rows.moved(view, partner_id)
    note("Counted at all sites, with cookies seen in the last 30 days, as the sentence above.")
    columns = (
        text("CRM record", "crm_record_id"),
        text("Why", "reason", movement),
        number("Matched", "matched_change", _signed),
        number("Usable", "eligible_change", _signed),
    )
    _list(view, found, columns, "records-gained-and-lost")


def _calls(view: View, partner_id: str, part: Slice) -> None:
    note("Browsers are counted and never listed: this is where and when their calls came.")
    columns = (
        text("Day", "hit_date", formats.day),
        text("Site", "site_name"),
        text("Partner", "partner_name"),
        number("Calls", "hits"),
        number("Cookie ids", "cookies"),
    )
    _list(view, rate_rows.calls(view, partner_id, part), columns, "cookie-calls")


def _contacts(view: View, part: Slice) -> None:
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
    _list(view, found, columns, "cep-contacts")


def _list(view: View, found: pd.DataFrame, columns: Sequence[Column], name: str) -> None:
    if found.empty:
        note("None.")
        return
    if len(found) > MOST:
        note(f"The first {MOST} of {formats.count(len(found))}; the CSV has all of them.")
    table(view, found, columns, file_name=name, is_tall=True, most=MOST)


def _words(label: str, write: Callable[[pd.Series], str]) -> Column:
    return Column(label, write)


def _yes(value: Any) -> str:
    return formats.NOTHING if pd.isna(value) else "yes" if value else "no"


def _signed(value: float) -> str:
    return f"{int(value):+d}".replace("-", "−") if value else "0"
