"""Waiting for a job that the page has asked for."""

from __future__ import annotations

import streamlit as st

from dashboard.components.markup import quiet_line
from dashboard.components.notice import notice
from dashboard.translate import errors_in_words
from matchbook import jobs
from matchbook.settings import Settings

ENDED = ("done", "failed")


@st.fragment(run_every="1s")
def wait_for(settings: Settings, job_id: int, what: str) -> None:
    """Says how far the job is, and draws the page anew when it has ended."""
    with errors_in_words():
        job = jobs.get(settings, job_id)
        if job.status in ENDED:
            st.rerun()
        if jobs.worker_is_alive(settings):
            quiet_line(job.progress or "Waiting for its turn", "running")
        else:
            notice(
                "warning",
                f"The {what} waits, and nothing works on it.",
                "Start the worker:",
                command="matchbook work",
            )
