"""What an audience was at each save, in plain words, and the way back."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard import formats
from dashboard.app_pages.audience_draft import Draft, from_definition
from dashboard.app_pages.audience_unsaved import begin, leave
from dashboard.components.markup import heading, note
from dashboard.components.row_card import RowCard, row_card
from dashboard.queries.reading import View
from matchbook.audiences.sentences import describe
from matchbook.kept_audiences import store
from matchbook.kept_audiences.names import named
from matchbook.kept_audiences.store import Audience, Version


def versions(view: View, draft: Draft, audience: Audience | None) -> None:
    """Newest first."""
    if audience is None:
        note("No version yet. Each save is one, and none is ever overwritten.")
        return
    heading("Versions", "Each save is one; going back to one opens it here, to be saved again.")
    called = named(view.settings, view.client.client_id)
    for one in store.history(view.settings, view.client.client_id, audience.audience_id):
        at = f"Saved {formats.moment(one.saved_at, view.client.time_zone)} by {one.saved_by}"
        words = describe(one.definition, called)
        left, right = st.columns([7, 1], vertical_alignment="center")
        with left:
            title = f"Version {one.version}: {one.definition.name}"
            row_card(RowCard(title, at, "", remark=words))
        with right:
            if one.version != audience.version and st.button(
                "Open", key=f"version_{one.version}", width="stretch"
            ):
                leave(draft, partial(_open, view, audience, one))


def _open(view: View, audience: Audience, version: Version) -> None:
    origin = (view.client.client_id, audience.audience_id, "")
    for key in [k for k in st.session_state if str(k).endswith("_".join(origin))]:
        del st.session_state[key]
    now = from_definition(origin, audience.definition)
    begin(from_definition(origin, version.definition), saved=now, version=audience.version)
