"""The guided first run: what will stand on a page, and the three steps that bring it."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.night_now import run_button
from dashboard.components.empty import Button, Step, first_steps
from dashboard.components.markup import quiet_line
from dashboard.queries.health import health, onboarding
from dashboard.queries.reading import open_view
from dashboard.translate import errors_in_words
from matchbook.errors import SnapshotUnavailable
from matchbook.registry import Client
from matchbook.settings import Settings

TITLE = "No contacts yet."
STANDS_HERE = {
    "Overview": "Your match rate against last week, and what needs you, will stand here.",
    "Match rates": "The match rate at each partner, why it changed and where records are lost "
    "will stand here.",
    "Partners": "Each partner's match rate, last call and last file will stand here.",
    "CRM uploads": "Your uploads and how much of each is matched will stand here.",
    "Pixels": "Your sites with their last call will stand here.",
    "Audiences": "Your audiences and how many each destination can take will stand here.",
    "Lookalikes": "People like those of an audience, and how good that list is, will stand here.",
    "Pushes": "What you sent to CEP and to partners, with its outcome, will stand here.",
    "Nightly files": "Each night's file for each partner, with its rows, will stand here.",
    "Data quality": "Every line that came in, and what became of it, will stand here.",
    "Integrations": "Mapp CEP and the switches that feed it are activated here.",
    "Privacy": "Requests of people, and what became of each, will stand here.",
}
UPLOAD, PIXEL = "Upload your CRM file", "Put a pixel on your site"
WAIT = "Come back after tonight's run"


def first_run(settings: Settings, client: Client | None, title: str, built: str = "") -> None:
    """The steps, ticked off as they are done; drawn anew by the first build after `built`."""
    first_steps(TITLE, STANDS_HERE.get(title, ""), _steps(settings, client))
    if client:
        _wait(settings, client, built)


def next_step(settings: Settings, client: Client) -> None:
    """One line on pages that can be used before the first night: what is done and what is next."""
    done = onboarding(settings, client)
    told = [
        f"{'✓' if is_done else number} {text}"
        for number, (text, is_done) in enumerate(
            ((UPLOAD, done.has_uploads), (PIXEL, done.has_calls), (WAIT, False)), start=1
        )
    ]
    quiet_line("First run: " + " · ".join(told), "info")
    if done.has_uploads and (button := run_button(settings, client)):
        _wait(settings, client, "")
        st.button(button.label, key="first_night", on_click=button.on_click, args=button.args)


def _steps(settings: Settings, client: Client | None) -> tuple[Step, ...]:
    done = onboarding(settings, client)
    if client is None:
        named = Step("Name your client with its sites and lists", "matchbook registry apply FILE")
        look = Step("Or look around with invented ones", "matchbook demo")
        return named, Step(UPLOAD), Step(PIXEL), Step(WAIT), look
    return (
        Step(UPLOAD, "", done.has_uploads, Button("Upload a file", "crm_uploads")),
        Step(PIXEL, "", done.has_calls, Button("Make a pixel", "pixels")),
        Step(WAIT, "", False, run_button(settings, client)),
    )


@st.fragment(run_every="3s")
def _wait(settings: Settings, client: Client, built: str) -> None:
    with errors_in_words():
        if _build(settings, client) != built:
            st.rerun()
        if running := health(settings).running:
            quiet_line(running, "running")


def _build(settings: Settings, client: Client) -> str:
    try:
        return open_view(settings, client).build_id
    except SnapshotUnavailable:
        return ""
