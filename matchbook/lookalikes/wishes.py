"""Asking the worker to study a lookalike before it is saved."""

from __future__ import annotations

from uuid import uuid4

from matchbook import jobs
from matchbook.audiences import Definition, write
from matchbook.jobs import Job
from matchbook.settings import Settings

KIND = "study_lookalike"


def ask(settings: Settings, client_id: str, definition: Definition) -> int:
    """Ask for a study; the job's id. Its result is read with `read` by `Similar.study_key`."""
    return jobs.enqueue(
        settings, KIND, idempotency_key=f"{KIND} {uuid4().hex}", client_id=client_id,
        arguments={"definition": write(definition)},
    )  # fmt: skip


def asked(settings: Settings, client_id: str, definition: Definition) -> Job | None:
    """The last wish for this study that has not come true yet."""
    assert definition.similar is not None, "a study of what is no lookalike"
    key = definition.similar.study_key
    found = [
        job
        for job in jobs.unfinished(settings, KIND)
        if job.client_id == client_id and _key_of(job) == key
    ]
    return found[-1] if found else None


def _key_of(job: Job) -> str | None:
    similar = Definition.model_validate_json(job.arguments["definition"]).similar
    return similar.study_key if similar else None
