"""In the demo: run the night now, see its steps, and what it did to the match rate."""

from __future__ import annotations

import streamlit as st

from dashboard import formats, identity
from dashboard.components.empty import Button, draw
from dashboard.components.markup import escape, heading, note, quiet_line
from dashboard.components.notice import notice
from dashboard.icons import icon
from dashboard.translate import errors_in_words
from matchbook import jobs, runs
from matchbook.access import Action
from matchbook.demo_home import NIGHT_NOW, is_demo
from matchbook.registry import Client
from matchbook.settings import Settings

STEPS = {
    "land": "Files that wait are landed, line by line accounted for",
    "build": "Matches and match rates are built and tested",
    "publish": "The pages get the new build",
    "deliver": "Each partner gets what is new",
    "audiences": "Audiences are refreshed",
}
BEFORE = {"privacy": "land", "fetch": "land", "mirror": "build"}
"""Steps too small to be shown belong to the one after them."""
LABEL = "Run the night now"


def night_now(settings: Settings, client: Client) -> None:
    """Nothing outside a demo; else the button, or the night that runs, or what it did."""
    if not is_demo(settings):
        return
    asked = jobs.all_of(settings, NIGHT_NOW)
    with st.container(border=True, key="night_now"):
        heading(LABEL, "This is a demo: you need not wait for 03:10. It takes about a minute.")
        if asked and asked[-1].status in ("queued", "running"):
            _steps(settings, asked[-1].job_id)
            return
        if identity.may(settings, client.client_id, Action.UPLOAD):
            st.button(LABEL, key="run_the_night", type="primary", on_click=_ask,
                      args=(settings, client.client_id))  # fmt: skip
        if asked:
            _outcome(client, asked[-1])


def run_button(settings: Settings, client: Client) -> Button | None:
    """The same as the button of a first step; None outside a demo."""
    if not is_demo(settings) or not identity.may(settings, client.client_id, Action.UPLOAD):
        return None
    return Button(LABEL, on_click=_ask, args=(settings, client.client_id))


def _ask(settings: Settings, client_id: str) -> None:
    with errors_in_words(), identity.acting(settings, client_id, Action.UPLOAD, "night_now"):
        ask(settings)


def ask(settings: Settings) -> None:
    """One night at a time, however often it is pressed."""
    asked = jobs.all_of(settings, NIGHT_NOW)
    done = sum(job.status in ("done", "failed") for job in asked)
    jobs.enqueue(settings, NIGHT_NOW, idempotency_key=f"{NIGHT_NOW}:{done}")


@st.fragment(run_every="1s")
def _steps(settings: Settings, job_id: int) -> None:
    with errors_in_words():
        job = jobs.get(settings, job_id)
        if job.status in ("done", "failed"):
            st.rerun()
        if not jobs.worker_is_alive(settings):
            notice("warning", "The night waits, and nothing works on it.", "Start the worker:",
                   command="matchbook work")  # fmt: skip
        elif job.status == "queued":
            quiet_line("Waiting for the night that runs; what waits lands in it already", "running")
        else:
            newest = runs.latest(settings, limit=1)
            st.html(_list(newest[0].step if newest else None, job.progress or ""))


def _list(step: str | None, detail: str) -> str:
    names = list(STEPS)
    now = BEFORE.get(step or "", step or "")
    at = names.index(now) if now in STEPS else len(names) - 1 if step else 0
    lines = []
    for number, text in enumerate(STEPS.values()):
        mark = icon("check") if number < at else str(number + 1)
        state = "mb-done" if number < at else ""
        more = f' <small class="mb-note">{escape(detail)}</small>' if number == at else ""
        lines.append(
            f'<li class="{state}"><span class="mb-mark">{mark}</span>'
            f"<span>{escape(text)}{more}</span></li>"
        )
    return f'<ol class="mb-steps" aria-live="polite">{"".join(lines)}</ol>'


def _outcome(client: Client, job: jobs.Job) -> None:
    if job.status == "failed":
        error = (job.result or {}).get("error", {})
        notice("error", str(error.get("happened", "The night failed.")), str(error.get("todo", "")))
        return
    rates = (job.result or {}).get("rates", {}).get(client.client_id)
    if not rates:
        return
    before, after = rates
    took = (job.ended_at - job.started_at).total_seconds() if job.ended_at and job.started_at else 0
    notice(
        "check",
        f"Match rate over all partners: {formats.rate(before['rate'])} before, "
        f"{formats.rate(after['rate'])} now.",
        f"{formats.count(before['matched'])} records were matched, "
        f"{formats.count(after['matched'])} are. The night took {formats.duration(took)}.",
    )
    note("Every number of the pages is of the new build now.")
    draw(Button("See the match rates", "match_rates"), key="see_rates")
