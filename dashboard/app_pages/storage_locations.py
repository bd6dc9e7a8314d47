"""The tab *Storage locations*: where files are picked up, tested and paused here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import streamlit as st

from dashboard import formats, identity
from dashboard.app_pages.job_wait import ENDED, wait_for
from dashboard.app_pages.storage_form import MADE, secret_words, storage_form
from dashboard.components.markup import heading, note
from dashboard.components.notice import notice
from dashboard.components.row_card import RowCard, row_card
from dashboard.translate import errors_in_words
from matchbook import jobs, storage
from matchbook.access import Action
from matchbook.jobs import Job
from matchbook.registry import Client, CrmList, StorageLocation
from matchbook.settings import Settings

KIND = "test_storage"
TESTED = "storage_test_job"
SHOWN_PROBLEMS = 5


def storage_locations(settings: Settings, client: Client, lists: Sequence[CrmList]) -> None:
    """The client's locations, then the form for another one."""
    if not identity.may(settings, client.client_id, Action.SETTINGS):
        note("Storage locations are looked after by managers.")
        return
    heading("Storage locations", "Hashed files are picked up there by every night's run.")
    if not client.storage:
        note(
            "No storage location yet. With one, your systems put a hashed file there every day and "
            "nobody uploads by hand. Enter one below."
        )
    polls = storage.last_polls(settings)
    for location in client.storage:
        with st.container(border=True):
            _location(settings, client, location, polls.get(location.location_id))
    storage_form(settings, client, lists)


def _location(
    settings: Settings, client: Client, location: StorageLocation, poll: dict[str, Any] | None
) -> None:
    left, test, switch = st.columns([9, 2, 2], vertical_alignment="center")
    with left:
        row_card(_card(client, location, poll))
    name = location.location_id
    with test:
        st.button("Test", key=f"test_{name}", width="stretch", on_click=_test,
                  args=(settings, client, name))  # fmt: skip
    with switch:
        st.button("Resume" if location.paused else "Pause", key=f"pause_{name}", width="stretch",
                  on_click=_switch, args=(settings, client, location))  # fmt: skip
    if st.session_state.get(MADE) == name and _asked(name) is None:
        note("Entered. Test it: nothing is changed there by that.")
    _outcome(settings, client, name)


def _card(client: Client, location: StorageLocation, poll: dict[str, Any] | None) -> RowCard:
    after = {"delete": "deleted when landed", "archive": "moved to archive/ when landed"}
    below = f"{location.url} · {secret_words(location.credentials)} · {after[location.after]}"
    if location.paused:
        return RowCard(location.location_id, below, "Paused: left alone until it is resumed")
    if poll is None:
        return RowCard(location.location_id, below, "Not looked at yet")
    at = formats.moment(poll["polled_at"], client.time_zone)
    if poll["failures"]:
        times = formats.plural(int(poll["failures"]), "time")
        return RowCard(location.location_id, below, f"Failed {times}, last {at}", is_trouble=True,
                       remark=_first(poll))  # fmt: skip
    if poll["problems"]:
        problems = formats.plural(len(poll["problems"]), "problem")
        return RowCard(location.location_id, below, f"Looked {at}: {problems}", is_trouble=True,
                       remark=_first(poll))  # fmt: skip
    return RowCard(location.location_id, below, f"Looked {at}: fine")


def _first(poll: dict[str, Any]) -> str:
    first = next(iter(poll["problems"]), None)
    return f"{first['happened']} {first['todo']}" if first else ""


def _outcome(settings: Settings, client: Client, location_id: str) -> None:
    asked = _asked(location_id)
    if asked is None:
        return
    job = jobs.get(settings, asked)
    if job.client_id != client.client_id:
        return
    if job.status in ENDED:
        _show(job)
    else:
        wait_for(settings, job.job_id, "test")


def _show(job: Job) -> None:
    found = job.result or {}
    if job.status == "failed":
        error = found.get("error", {})
        notice("error", str(error.get("happened") or "The test did not end."),
               str(error.get("todo") or "Try again."))  # fmt: skip
        return
    if found["is_reached"]:
        files = formats.plural(len(found["waiting"]), "file")
        notice("check", f"It can be read: {files} there to pick up.")
    for problem in found["problems"][:SHOWN_PROBLEMS]:
        where = f"{problem['path']}: " if problem["path"] else ""
        tone = "warning" if found["is_reached"] else "error"
        notice(tone, f"{where}{problem['happened']}", problem["todo"])  # type: ignore[arg-type]
    more = len(found["problems"]) - SHOWN_PROBLEMS
    if more > 0:
        note(f"And {formats.plural(more, 'more problem')}.")


def _test(settings: Settings, client: Client, location_id: str) -> None:
    with (
        errors_in_words(),
        identity.acting(settings, client.client_id, Action.SETTINGS, KIND, about=location_id),
    ):
        st.session_state.setdefault(TESTED, {})[location_id] = jobs.enqueue(
            settings,
            KIND,
            idempotency_key=f"{KIND} {uuid4().hex}",
            arguments={"location_id": location_id},
            client_id=client.client_id,
        )


def _asked(location_id: str) -> int | None:
    found: int | None = st.session_state.get(TESTED, {}).get(location_id)
    return found


def _switch(settings: Settings, client: Client, location: StorageLocation) -> None:
    change = storage.resume if location.paused else storage.pause
    what, name = f"storage_{change.__name__}", location.location_id
    with (
        errors_in_words(),
        identity.acting(settings, client.client_id, Action.SETTINGS, what, about=name) as act,
    ):
        change(settings, name, by=act.by)
