"""Copying an audience, putting it away, bringing it back; and what a pressed button has to say."""

from __future__ import annotations

import streamlit as st

from dashboard import identity
from dashboard.app_pages.audience_address import SAID, to_audience
from dashboard.components.audience_rows import ARCHIVE, COPY
from dashboard.components.notice import error_notice, notice
from dashboard.queries.reading import View
from matchbook.access import Action
from matchbook.errors import MatchbookError
from matchbook.kept_audiences import store


def change(view: View, verb: str, audience_id: str) -> None:
    """Copy, archive or restore one; what became of it is said on the next page."""
    settings, client_id = view.settings, view.client.client_id
    what = f"audience_{verb}"
    try:
        with identity.acting(
            settings, client_id, Action.BUILD_AUDIENCE, what, about=audience_id
        ) as act:
            if verb == COPY:
                made = store.duplicate(settings, client_id, audience_id, by=act.by)
                to_audience(made.audience_id)
            elif verb == ARCHIVE:
                store.archive(settings, client_id, audience_id)
                st.session_state[SAID] = "Archived. It is refreshed and offered no more."
            else:
                store.restore(settings, client_id, audience_id)
                st.session_state[SAID] = "Restored. The next refresh fills it."
    except MatchbookError as error:
        st.session_state[SAID] = error


def say() -> None:
    """What the button pressed last has to say, once."""
    said = st.session_state.pop(SAID, None)
    if isinstance(said, MatchbookError):
        error_notice(said)
    elif said:
        notice("check", said)
