"""The rule that pushes of many people wait for a second person; off until somebody wants it."""

from __future__ import annotations

import streamlit as st

from dashboard import formats, identity
from dashboard.components.markup import heading, note
from dashboard.components.notice import error_notice
from matchbook.access import Action
from matchbook.errors import MatchbookError
from matchbook.pushes import confirming
from matchbook.registry import Client
from matchbook.settings import Settings

USUAL = 10_000
"""Proposed to whoever switches it on."""
_SAID = "push_rule_said"


def push_rule(settings: Settings, client: Client) -> None:
    """How it stands; a manager can change it."""
    most = confirming.limit(settings, client.client_id)
    heading("A second person for large pushes", "Nothing leaves before somebody else has looked.")
    said = st.session_state.pop(_SAID, None)
    if isinstance(said, MatchbookError):
        error_notice(said)
    if not identity.may(settings, client.client_id, Action.SETTINGS):
        on = f"On for pushes that add more than {formats.count(most or 0)} people."
        note("Off." if most is None else on)
        return
    own = client.client_id
    left, right = st.columns([4, 3], vertical_alignment="center")
    with left:
        st.toggle(
            "A second person confirms large pushes", value=most is not None,
            key=f"push_rule_on_{own}", on_change=_changed, args=(settings, client),
        )  # fmt: skip
    if most is not None:
        with right:
            st.number_input("More people than", min_value=0, max_value=100_000_000, value=most,
                            step=100, key=f"push_rule_most_{own}", on_change=_changed,
                            args=(settings, client))  # fmt: skip


def _changed(settings: Settings, client: Client) -> None:
    own = client.client_id
    is_on = bool(st.session_state.get(f"push_rule_on_{own}"))
    most = int(st.session_state.get(f"push_rule_most_{own}", USUAL)) if is_on else None
    try:
        person = identity.require(settings, own, Action.SETTINGS, about="push_rule")
        confirming.set_limit(settings, own, most, by=person.name)
    except MatchbookError as error:
        st.session_state[_SAID] = error
