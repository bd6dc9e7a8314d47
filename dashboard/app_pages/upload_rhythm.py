"""How often each list is uploaded, and how late the next upload is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

import pandas as pd
import streamlit as st

from dashboard import formats, identity
from dashboard.app_pages.upload_words import RHYTHMS
from dashboard.components.markup import heading
from dashboard.components.row_card import RowCard, row_card
from dashboard.queries import uploads
from dashboard.queries.reading import View
from dashboard.translate import as_far_as_built, errors_in_words
from matchbook import crm_lists
from matchbook.access import Action
from matchbook.registry import Client, CrmList, UploadEvery
from matchbook.settings import Settings


def rhythms(
    settings: Settings, client: Client, lists: Sequence[CrmList], view: View | None
) -> None:
    """One row per list: when it is due, and how often it is to be."""
    heading(
        "Kept up to date",
        "Say how often each list is uploaded: a late one is shown here and on the Overview.",
    )
    known: dict[str, Any] = {}
    if view:
        with as_far_as_built():
            known = {row.list_id: row for row in uploads.schedules(view).itertuples()}
    for entry in lists:
        with st.container(border=True):
            left, right = st.columns([5, 2], vertical_alignment="center")
            with left:
                row_card(_card(entry, known.get(entry.list_id), view))
            with right:
                _choose(settings, client, entry)


def due(row: Any, as_of: date) -> str:
    """`Upload 3 days overdue`, `Next upload due in 2 days`; as of the data shown."""
    if _is_late(row):
        return f"Upload {formats.plural(int(row.days_overdue), 'day')} overdue"
    if pd.isna(row.due_date):
        return "No fixed rhythm"
    days = (pd.Timestamp(row.due_date).date() - as_of).days
    when = {0: "today", 1: "tomorrow"}.get(days, f"in {formats.plural(days, 'day')}")
    return f"Next upload due {when}"


def _card(entry: CrmList, row: Any, view: View | None) -> RowCard:
    if row is None or view is None:
        return RowCard(entry.name, "Nothing uploaded yet", "")
    is_uploaded = not pd.isna(row.last_uploaded_date)
    below = (
        f"Last upload {formats.day(pd.Timestamp(row.last_uploaded_date).date())}"
        if is_uploaded
        else "Nothing uploaded yet"
    )
    counted = row.upload_every if isinstance(row.upload_every, str) else None
    if counted != entry.upload_every:
        return RowCard(entry.name, below, "Counted from tonight's run on")
    if not is_uploaded:
        return RowCard(entry.name, below, "Due once the first file is there" if counted else "")
    return RowCard(entry.name, below, due(row, view.as_of.date()), is_trouble=_is_late(row))


def _choose(settings: Settings, client: Client, entry: CrmList) -> None:
    # A key with the value in it: what somebody else chose meanwhile is shown, not undone.
    key = f"every_{entry.list_id}_{entry.upload_every}"
    st.selectbox(
        f"How often {entry.name} is uploaded",
        list(RHYTHMS),
        index=list(RHYTHMS).index(entry.upload_every or ""),
        format_func=lambda every: RHYTHMS[every],
        key=key,
        label_visibility="collapsed",
        filter_mode=None,
        disabled=not identity.may(settings, client.client_id, Action.UPLOAD),
        on_change=_set,
        args=(settings, client, entry.list_id, key),
    )


def _set(settings: Settings, client: Client, list_id: str, key: str) -> None:
    every = cast("UploadEvery | None", st.session_state[key] or None)
    with (
        errors_in_words(),
        identity.acting(
            settings, client.client_id, Action.UPLOAD, "upload_rhythm", about=list_id
        ) as act,
    ):
        crm_lists.set_upload_every(settings, client.client_id, list_id, every, by=act.by)


def _is_late(row: Any) -> bool:
    return not pd.isna(row.days_overdue) and row.days_overdue > 0
