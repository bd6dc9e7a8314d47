"""Events beside a chart: what its dotted lines stand for."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import formats
from dashboard.components.markup import escape
from dashboard.queries.rates import Event


def event_list(events: Sequence[Event]) -> None:
    """One line per event, newest first; nothing when there are none."""
    items = "".join(
        f"<div><span>{formats.short_day(event.day)}</span>{escape(event.text)}</div>"
        for event in events
    )
    if items:
        st.html(
            f'<div class="mb-section"><h2>Events</h2><div class="mb-events">{items}</div></div>'
        )
