"""The tab *Rejected lines*: each line, masked, with the reason and the place where it stands."""

from __future__ import annotations

from pathlib import PurePath

import pandas as pd
import streamlit as st

from dashboard import formats
from dashboard.app_pages.filters import choose
from dashboard.components.markup import note
from dashboard.components.table import Column, table, text
from dashboard.formats import NOTHING
from dashboard.queries import rejected
from dashboard.queries.descriptions import describe
from dashboard.queries.lines import Slice
from dashboard.queries.reading import View
from dashboard.wording import reason as in_words

TAB, REASON = "tab", "reason"
EVERY = "Every reason"
MOST = 100
"""Rows drawn; the CSV has all of them."""


def to_reason(code: str = "") -> None:
    """Open the tab on one reason, or on all of them."""
    st.session_state[TAB] = "Rejected lines"
    st.session_state[REASON] = in_words(code) if code else EVERY


def rejected_lines(view: View, part: Slice) -> None:
    """The client's own; what names no client is listed for nobody."""
    reasons = rejected.reasons(view, part)["reason"]
    with st.columns([3, 4])[0]:
        words = {"": EVERY} | {code: in_words(code) for code in reasons}
        code = choose("Why", words, key=REASON)
    found = rejected.lines(view, part, code)
    shown = f" The newest {MOST} are shown, the CSV has all." if len(found) > MOST else ""
    note(
        f"{formats.plural(len(found), 'line')} of this client. Ids, addresses and long numbers "
        f"are masked; of CRM files, and where readable personal data was refused, nothing is kept."
        f"{shown} Lines that name no client are counted on the tab Lines only."
    )
    if found.empty:
        return
    columns = (
        text("Day (UTC)", "hit_date", formats.day_if_any),
        text("Why", "reason", in_words),
        Column("Named", _named),
        Column("Stands in", _place),
        text("How it begins", "excerpt", _or_nothing,
             meaning=describe(view, "rejected_lines.excerpt")),
    )  # fmt: skip
    table(view, found, columns, file_name="rejected-lines", is_tall=True, most=MOST)


def _named(row: pd.Series) -> str:
    """The partner and the site that the line named."""
    return " on ".join(one for one in (row["partner_name"], row["site_name"]) if one) or NOTHING


def _place(row: pd.Series) -> str:
    name = PurePath(str(row["file_name"])).name
    return f"{name}, line {formats.count(row['line_number'])}"


def _or_nothing(value: object) -> str:
    return str(value) if isinstance(value, str) and value else NOTHING
