"""The rows behind the numbers: a choice of what to list, a table and all of it as CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.app_pages import rate_row_lists as lists
from dashboard.app_pages.filters import choose
from dashboard.components.markup import note
from dashboard.components.table import Column, text
from dashboard.queries import rate_rows, rates
from dashboard.queries.rates import Slice
from dashboard.queries.reading import View
from dashboard.wording import funnel_reason

Kinds = Mapping[str, Callable[[View, str, Slice], None]]

NEWEST: Kinds = {
    "Records, matched and not": lists.records,
    "Matches, one row per cookie id": lists.pairs,
    "Records gained and lost in 7 days": lists.moved,
    "Records gained and lost since the first day": lists.gained,
    "Cookie ids and browsers, by when last seen": lists.last_seen,
    "Calls with a cookie id, by site and day": lists.calls,
    "Records of one upload, matched or not": lists.cohort,
    "Matches audited in 30 days": lists.audited,
}
PAST: Kinds = {
    "Records, matched and not": lists.stated,
    "Records gained and lost since the first day": lists.gained,
}
"""Of an earlier day than the newest."""


def show_rows(view: View, partner_id: str, part: Slice) -> None:
    """Behind the rates of one choice of filters."""
    with _opened("Rows behind these numbers", "rows") as is_open:
        if not is_open:
            return
        is_past = part.until < view.as_of_date
        if is_past and (partner_id == rates.CEP or not part.is_headline):
            newest = formats.day(view.as_of_date)
            note(
                "Of past days the rows of the match rate itself are kept, over all sites and types "
                f"and the last 30 days. For these rows let the days end on {newest}."
            )
        elif partner_id == rates.CEP:
            lists.contacts(view, part)
        else:
            kinds = PAST if is_past else NEWEST
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
        columns = (text("CRM record", "crm_record_id"), Column("Why", lambda _: codes[reason]))
        lists.listed(view, found, columns, f"records-{reason.replace('_', '-')}")


@contextmanager
def _opened(label: str, key: str) -> Iterator[bool]:
    """An expander whose rows are read only once it is open; the URL says whether it is."""
    box = st.expander(label, key=key, on_change="rerun", bind="query-params")
    with box:
        yield bool(box.open)
