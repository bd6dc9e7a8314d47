"""Before a partner's first night: test its connection, send it a sample file, activate it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from uuid import uuid4

import streamlit as st

from dashboard import downloads, formats, identity
from dashboard.app_pages.job_wait import ENDED, wait_for
from dashboard.components.markup import escape, note
from dashboard.components.notice import notice
from dashboard.icons import icon
from dashboard.identity import Act
from dashboard.translate import errors_in_words
from matchbook import jobs, partner_channels, registry
from matchbook.access import Action
from matchbook.jobs import Job
from matchbook.partner_channels import Channel
from matchbook.settings import Settings

TEST, SAMPLE = "test_partner", "sample_partner"
ASKED = "partner_jobs"


def trials(settings: Settings, channel: Channel) -> None:
    """Both buttons, and what came of them."""
    left, right, _ = st.columns([1, 1, 2])
    with left:
        st.button("Test connection", key=TEST, width="stretch", on_click=_ask,
                  args=(settings, channel, TEST),
                  help="Writes a small file there and removes it again.")  # fmt: skip
    with right:
        st.button("Sample file", key=SAMPLE, width="stretch", on_click=_ask,
                  args=(settings, channel, SAMPLE),
                  help="100 invented rows in this partner's form, for its support.")  # fmt: skip
    tested = _job(settings, channel, TEST)
    if tested:
        _follow(settings, tested, "test")
    elif channel.tested_at:
        _last_test(settings, channel)
    sampled = _job(settings, channel, SAMPLE)
    if sampled:
        _follow(settings, sampled, "sample")


def activation(settings: Settings, channel: Channel) -> None:
    """What stands in the way, or the button."""
    name = partner_channels.partner(channel.partner_id).name
    target = (channel.client_id, channel.partner_id)
    with errors_in_words():
        if channel.is_active:
            notice("check", f"{name} is active since {_at(settings, channel)}.",
                   f"By {channel.activated_by}.")  # fmt: skip
            if st.button("Pause", key="pause_partner"):
                with _acting(settings, channel, "partner_pause") as act:
                    partner_channels.pause(settings, *target, by=act.by)
                st.rerun()
            return
        _confirmation(settings, channel, name)
        reasons = partner_channels.why_not(settings, channel)
        for reason in reasons:
            notice("warning", f"{name} cannot be activated yet: {reason}")
        if st.button("Activate", type="primary", key="activate_partner", disabled=bool(reasons)):
            with _acting(settings, channel, "partner_activate") as act:
                partner_channels.activate(settings, *target, by=act.by)
            st.rerun()
    if not reasons and channel.tested_at is None:
        note("It was not tested yet.")


def _confirmation(settings: Settings, channel: Channel, name: str) -> None:
    """What the client has to confirm at some partners, with who and when."""
    wanted = channel.profile.confirmation
    if not wanted:
        return
    if channel.confirmed_at:
        at = formats.moment(channel.confirmed_at, _zone(settings, channel))
        note(f"Confirmed by {channel.confirmed_by}, {at}: {wanted}")
        return
    is_so = st.checkbox(wanted, key=f"confirm_{channel.partner_id}")
    by = st.text_input("Your name", key=f"confirm_by_{channel.partner_id}", max_chars=100,
                       help="It is kept with the confirmation.")  # fmt: skip
    if st.button("Confirm", key="confirm_partner", disabled=not (is_so and by.strip())):
        with _acting(settings, channel, "partner_confirm"):
            partner_channels.confirm(settings, channel.client_id, channel.partner_id, by=by)
        st.rerun()


def _ask(settings: Settings, channel: Channel, kind: str) -> None:
    asked = st.session_state.setdefault(ASKED, {})
    with errors_in_words(), _acting(settings, channel, kind):
        asked[_key(channel, kind)] = jobs.enqueue(
            settings,
            kind,
            idempotency_key=f"{kind} {uuid4().hex}",
            arguments={"partner_id": channel.partner_id},
            client_id=channel.client_id,
        )


def _acting(settings: Settings, channel: Channel, what: str) -> AbstractContextManager[Act]:
    return identity.acting(
        settings, channel.client_id, Action.SETTINGS, what, about=channel.partner_id
    )


def _job(settings: Settings, channel: Channel, kind: str) -> Job | None:
    asked = st.session_state.get(ASKED, {}).get(_key(channel, kind))
    job = jobs.get(settings, asked) if asked else None
    return job if job and job.client_id == channel.client_id else None


def _follow(settings: Settings, job: Job, what: str) -> None:
    if job.status not in ENDED:
        wait_for(settings, job.job_id, what)
        return
    found = job.result or {}
    if job.status == "failed":
        error = found.get("error", {})
        notice("error", str(error.get("happened") or f"The {what} did not end."),
               str(error.get("todo") or "Try again."))  # fmt: skip
    elif job.kind == SAMPLE:
        _sample(settings, job)
    elif found.get("ok"):
        notice("check", "Connected: a small file was written and removed again.")
    else:
        notice("error", str(found.get("problem") or "The connection could not be made."))


def _sample(settings: Settings, job: Job) -> None:
    """The link to what the job has made."""
    path = settings.home / str((job.result or {})["path"])
    if not path.is_relative_to(settings.home) or not path.is_file():
        note("The sample is gone. Ask for it again.")
        return
    name = f"sample-{Path(str(job.arguments['partner_id'])).name}.zip"
    link = downloads.offer(settings, str(job.client_id), name, path.read_bytes())
    st.html(
        f'<a class="mb-download" href="{escape(link)}" download>{icon("download")} '
        "Download the sample: 100 invented rows</a>"
    )


def _last_test(settings: Settings, channel: Channel) -> None:
    at = formats.moment(channel.tested_at, _zone(settings, channel)) if channel.tested_at else ""
    if channel.test_problem:
        notice("error", f"The test of {at} failed. {channel.test_problem}")
    else:
        notice("check", f"Tested {at}: it works.")


def _at(settings: Settings, channel: Channel) -> str:
    at = channel.activated_at or channel.changed_at
    return formats.moment(at, _zone(settings, channel))


def _zone(settings: Settings, channel: Channel) -> str:
    clients = registry.current(settings).clients
    return next(c.time_zone for c in clients if c.client_id == channel.client_id)


def _key(channel: Channel, kind: str) -> str:
    return f"{kind} {channel.client_id} {channel.partner_id}"
