"""The tab *Check a page*: is the right pixel on it, and what to do if not."""

from __future__ import annotations

from uuid import uuid4

import streamlit as st

from dashboard import identity
from dashboard.app_pages.job_wait import ENDED, wait_for
from dashboard.app_pages.pixel_forms import show_snippet
from dashboard.components.markup import heading, quiet_line
from dashboard.components.notice import Tone, notice
from matchbook import jobs, registry
from matchbook.access import Action
from matchbook.jobs import Job
from matchbook.registry import Client
from matchbook.settings import Settings

KIND = "check_pixel"
ASKED = "pixel_check_job"
TONES: dict[str, Tone] = {"implemented": "check", "missing": "warning", "wrong_site": "warning",
                          "integration_missing": "warning"}  # fmt: skip


def check_a_page(settings: Settings, client: Client) -> None:
    """An address, a button, the answer."""
    heading(
        "Check a page",
        "Opens a page as a stranger would and looks for the pixel. Public pages only.",
    )
    left, right = st.columns([5, 1], vertical_alignment="bottom")
    with left:
        url = st.text_input(
            "Address", max_chars=2000, key="check_url", placeholder="https://www.shop.example/"
        )
    with right:
        is_asked = st.button("Check", type="primary", width="stretch")
    if is_asked and url.strip():
        st.session_state[ASKED] = _enqueue(settings, client, url.strip())
    asked = st.session_state.get(ASKED)
    if asked is None:
        return
    job = jobs.get(settings, int(asked))
    if job.client_id != client.client_id:
        return
    if job.status in ENDED:
        _show(settings, client, job)
    else:
        wait_for(settings, job.job_id, "check")


def _enqueue(settings: Settings, client: Client, url: str) -> int:
    with identity.acting(settings, client.client_id, Action.SETTINGS, KIND):
        return jobs.enqueue(
            settings,
            KIND,
            idempotency_key=f"{KIND} {uuid4().hex}",
            arguments={"url": url},
            client_id=client.client_id,
        )


def _show(settings: Settings, client: Client, job: Job) -> None:
    url = str(job.arguments["url"])
    quiet_line(f"Checked {url}", "info")
    found = job.result or {}
    if job.status == "failed":
        notice("error", "The check did not end.", "Try again.")
        return
    tone = TONES.get(found["result"], "error")
    notice(tone, found["happened"], "" if tone == "check" else found["todo"])
    site = next(
        (
            site
            for site in registry.current(settings).sites
            if (site.client_id, site.site_id) == (client.client_id, found["site_id"])
        ),
        None,
    )
    if tone == "warning" and site and site.pixel:
        show_snippet(settings, client, site)
