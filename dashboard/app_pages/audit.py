"""Audit: who did what, when and to how many; never who was in it."""

from __future__ import annotations

import streamlit as st

from dashboard import context, downloads, formats, identity
from dashboard.app_pages.audit_words import in_words
from dashboard.app_pages.filters import choose
from dashboard.app_pages.opening import open_client
from dashboard.components.header import plain_header
from dashboard.components.markup import escape, heading, note
from dashboard.components.plain_table import plain_table
from dashboard.icons import icon
from dashboard.translate import errors_in_words
from matchbook import audit
from matchbook.access import Action
from matchbook.audit import Event
from matchbook.registry import Client
from matchbook.settings import Settings

SHOWN = 100
EVERYTHING, EVERYBODY = "Everything", "Everybody"
HEADER = ("When", "Who", "What", "About", "How many")


def page() -> None:
    """The page; for operators, what belongs to no client."""
    settings = context.settings()
    if identity.chosen_client(settings) is None:
        plain_header("Audit", "The whole installation")
        _installation(settings)
        return
    opened = open_client("Audit")
    if opened is None:
        return
    client, _ = opened
    if identity.may(settings, client.client_id, Action.AUDIT):
        _of_client(settings, client)
    if identity.may(settings, None, Action.HEALTH):
        _installation(settings)


def _of_client(settings: Settings, client: Client) -> None:
    heading("Who did what", "Written once and never changed; kept for 24 months.")
    events = audit.events(settings, client_id=client.client_id)
    if not events:
        note("Nothing yet. Look-ups, downloads, uploads, pushes and changes stand here with who, "
             "when and how many.")  # fmt: skip
        return
    found = _chosen(events)
    _table(found, client.time_zone)
    _export(settings, client, found)


def _chosen(events: list[Event]) -> list[Event]:
    left, right, _ = st.columns([2, 2, 3])
    with left:
        actions = {EVERYTHING: EVERYTHING} | {one.action: in_words(one.action) for one in events}
        action = choose("What", actions, key="what")
    with right:
        # Not in the address, which ends up in logs and bookmarks.
        people = [EVERYBODY, *sorted({one.actor for one in events})]
        actor = st.selectbox("Who", people, key="audit_who", filter_mode=None)
    return [
        one for one in events
        if action in (EVERYTHING, one.action) and actor in (EVERYBODY, one.actor)
    ]  # fmt: skip


def _installation(settings: Settings) -> None:
    heading("The installation", "Sign-ins, operators, and what was asked of clients not one's own.")
    events = audit.of_installation(settings)
    if not events:
        note("Nothing yet.")
        return
    _table(events, "UTC")
    note("All of it, as CSV: matchbook audit --csv")


def _table(events: list[Event], zone: str) -> None:
    plain_table(HEADER, [_cells(event, zone) for event in events[:SHOWN]])
    if len(events) > SHOWN:
        note(f"The newest {SHOWN} of {formats.count(len(events))}; the export has all of them.")


def _cells(event: Event, zone: str) -> tuple[str, ...]:
    how_many = formats.count(event.subjects) if event.subjects else ""
    at = formats.moment(event.happened_at, zone)
    return at, event.actor, in_words(event.action), event.about, how_many


@st.fragment(run_every="8m")
def _export(settings: Settings, client: Client, events: list[Event]) -> None:
    with errors_in_words():
        identity.require(settings, client.client_id, Action.AUDIT)
        link = downloads.offer_csv(settings, client.client_id, "audit-log", audit.HEADER,
                                   [audit.as_row(event) for event in events])  # fmt: skip
        st.html(
            f'<a class="mb-download" href="{escape(link)}" download>{icon("download")} '
            f"Download CSV ({formats.count(len(events))} events)</a>"
        )
