"""Asking the worker to refresh audiences at once: after a save, after an upload of a list."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from matchbook import jobs
from matchbook.audiences import references
from matchbook.jobs import Job
from matchbook.kept_audiences import store
from matchbook.settings import Settings

KIND = "refresh_audiences"


def refresh(settings: Settings, client_id: str, audience_ids: Sequence[str]) -> int:
    """Ask for these and all that refer to them; the job's id."""
    return jobs.enqueue(
        settings, KIND, idempotency_key=f"{KIND} {uuid4().hex}", client_id=client_id,
        arguments={"audience_ids": list(audience_ids)},
    )  # fmt: skip


def refresh_users_of(settings: Settings, client_id: str, list_id: str) -> tuple[str, ...]:
    """Ask for the audiences that use an uploaded list; their ids."""
    found = tuple(
        audience.audience_id
        for audience in store.all_of(settings, client_id)
        if list_id in references.lists_named(audience.definition)
    )
    if found:
        refresh(settings, client_id, found)
    return found


def waiting(settings: Settings, client_id: str, audience_id: str) -> Job | None:
    """The last wish for an audience that has not come true yet."""
    unfinished = [
        job
        for job in jobs.unfinished(settings, KIND)
        if job.client_id == client_id and audience_id in job.arguments.get("audience_ids", ())
    ]
    return unfinished[-1] if unfinished else None
