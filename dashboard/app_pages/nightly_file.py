"""One file of one night: its state, its rows, what went to the partner, and doing it again."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard import downloads, formats, identity
from dashboard.app_pages.job_wait import ENDED, wait_for
from dashboard.components.markup import escape, note
from dashboard.components.notice import notice
from dashboard.components.row_card import RowCard, row_card
from dashboard.components.table import number, table, text
from dashboard.icons import icon
from dashboard.queries.nightly import counted, outcome
from dashboard.queries.reading import View
from dashboard.translate import errors_in_words
from dashboard.wording import FILE_STATES
from matchbook import deliveries, jobs, stored_files
from matchbook.access import Action
from matchbook.deliveries import Delivery
from matchbook.jobs import Job

KIND = "redeliver"
ASKED = "redeliver_jobs"
FILE_KINDS = {"matches": "Matches", "removals": "Removals", "manifest": "Manifest"}


def one_file(view: View, partner: str, done: Delivery) -> None:
    """Everything known of it."""
    with st.container(border=True):
        left, right = st.columns([3.2, 1], vertical_alignment="center")
        with left:
            row_card(_card(view, partner, done))
        with right:
            _again(view, done)
        _outcome(view, done)
        manifest = stored_files.manifest(view.settings, done)
        if manifest is None and done.is_taken:
            note("Its bytes are no longer stored: they are kept for 30 days.")
        if manifest:
            _manifest_link(view, done, manifest)
    _files(view, done)


def _card(view: View, partner: str, done: Delivery) -> RowCard:
    kind = outcome(done)
    return RowCard(
        title=f"{partner}: {_rows(done)}",
        below=" · ".join(_facts(view, done)),
        state=_state(view, done),
        is_trouble=kind in ("rejected", "unknown"),
        remark=done.reason or "",
    )


def _rows(done: Delivery) -> str:
    if done.rows_added is None:
        return "not made yet"
    parts = (
        f"{formats.count(done.rows_added)} new, {formats.count(done.rows_seen)} seen again, "
        f"{formats.count(done.rows_removed)} removed"
    )
    return f"{formats.plural(counted(done), 'row')}: {parts}"


def _facts(view: View, done: Delivery) -> list[str]:
    facts = [done.channel or "Folder on this server"]
    if done.attempts:
        facts.append(formats.plural(done.attempts, "attempt"))
    if done.rows_suppressed:
        facts.append(f"{formats.count(done.rows_suppressed)} left out: opted out meanwhile")
    if done.next_attempt_at:
        zone = view.client.time_zone
        facts.append(f"tried again from {formats.moment(done.next_attempt_at, zone)}")
    return facts


def _state(view: View, done: Delivery) -> str:
    said = FILE_STATES[outcome(done)]
    if not done.confirmed_at:
        return said
    return f"{said} {formats.moment(done.confirmed_at, view.client.time_zone)}"


def _again(view: View, done: Delivery) -> None:
    if done.is_taken and identity.may(view.settings, done.client_id, Action.SETTINGS):
        st.button("Deliver again", key=f"again_{done.partner_id}_{done.build_id}", width="stretch",
                  on_click=_ask, args=(view, done),
                  help="Sends the stored bytes once more; nothing is computed anew.")  # fmt: skip


def _ask(view: View, done: Delivery) -> None:
    asked = st.session_state.setdefault(ASKED, {})
    earlier = asked.get(_key(done))
    # Pressed twice while it runs: one job.
    if earlier and jobs.get(view.settings, earlier).status not in ENDED:
        return
    count = len(jobs.all_of(view.settings, KIND))
    with (
        errors_in_words(),
        identity.acting(
            view.settings, done.client_id, Action.SETTINGS, KIND, about=done.partner_id
        ),
    ):
        asked[_key(done)] = jobs.enqueue(
            view.settings,
            KIND,
            idempotency_key=f"{KIND} {_key(done)} {count}",
            arguments={"partner_id": done.partner_id, "day": done.as_of.date().isoformat()},
            client_id=done.client_id,
        )


def _outcome(view: View, done: Delivery) -> None:
    asked = st.session_state.get(ASKED, {}).get(_key(done))
    if asked is None:
        return
    job = jobs.get(view.settings, asked)
    if job.status not in ENDED:
        wait_for(view.settings, job.job_id, "delivery")
        return
    _show(job)


def _show(job: Job) -> None:
    found = job.result or {}
    if job.status == "done":
        names = ", ".join(found.get("files", ()))
        notice("check", f"Sent again, byte for byte: {names}.")
        return
    error = found.get("error", {})
    notice("error", str(error.get("happened") or "It was not sent again."),
           str(error.get("todo") or "Try again."))  # fmt: skip


@st.fragment(run_every="8m")
def _manifest_link(view: View, done: Delivery, manifest: bytes) -> None:
    # Signed anew while the page is open, so that the link never grows old under the mouse.
    with errors_in_words():
        name = f"manifest-{done.partner_id}-{done.as_of:%Y%m%d-%H%M%S}.json"
        link = downloads.offer(view.settings, done.client_id, name, manifest)
        st.html(
            f'<a class="mb-download" href="{escape(link)}" download>{icon("download")} '
            "Download the manifest</a>"
        )


def _files(view: View, done: Delivery) -> None:
    files = deliveries.files(view.settings, done)
    if not files:
        return
    frame = pd.DataFrame([vars(file) for file in files])
    columns = (
        text("File", "name"),
        text("What", "kind", lambda kind: FILE_KINDS.get(kind, kind)),
        number("Rows", "rows"),
        number("Bytes", "bytes"),
        number("Rows refused", "rows_refused"),
        text("SHA-256", "sha256", lambda digest: f"{digest[:12]}…"),
    )
    table(view, frame, columns, file_name=f"files-{done.partner_id}")


def _key(done: Delivery) -> str:
    return f"{done.client_id} {done.partner_id} {done.build_id}"
