"""Jobs: what a page asks for and `matchbook work` does.

A row per wish, made once per idempotency key. Times here are the wall clock's, because
all they answer is how long something has been waiting or silent. Several workers may share a
PostgreSQL: each takes a row that nobody has locked.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from matchbook import state
from matchbook.clock import Clock, utc_naive
from matchbook.settings import Settings

SILENT_AFTER = timedelta(minutes=1)
"""A worker that has not reported for so long is taken to be gone."""


@dataclass(frozen=True)
class Job:
    """One wish and what became of it; status is queued, running, done or failed."""

    job_id: int
    kind: str
    client_id: str | None
    arguments: dict[str, Any]
    idempotency_key: str
    status: str
    progress: str | None
    result: dict[str, Any] | None
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    worker_id: str | None = None
    not_before: datetime | None = None


def enqueue(
    settings: Settings,
    kind: str,
    *,
    idempotency_key: str,
    arguments: Mapping[str, Any] | None = None,
    client_id: str | None = None,
) -> int:
    """Ask for a job; the id of the one already there when the key has been used."""
    table = state.jobs
    by_key = sa.select(table.c.job_id).where(table.c.idempotency_key == idempotency_key)
    row = {
        "kind": kind,
        "client_id": client_id,
        "arguments": dict(arguments or {}),
        "idempotency_key": idempotency_key,
        "status": "queued",
        "queued_at": _now(),
    }
    with state.begin(settings) as connection:
        if connection.execute(by_key).first() is None:
            # Another process may be quicker: it is the same wish.
            with suppress(sa.exc.IntegrityError), connection.begin_nested():
                connection.execute(table.insert().values(row))
        return int(connection.execute(by_key).scalar_one())


def this_worker() -> str:
    """The name under which this process takes jobs and reports."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}"


def claim(settings: Settings) -> Job | None:
    """Take the oldest queued job whose time has come, or None when nothing waits."""
    table = state.jobs
    is_due = table.c.not_before.is_(None) | (table.c.not_before <= _now())
    waiting = (
        sa.select(table.c.job_id)
        .where(table.c.status == "queued", is_due)
        .order_by(table.c.job_id)
        .limit(1)
    )
    oldest = waiting.with_for_update(skip_locked=True)
    taking = (
        table.update()
        .where(table.c.job_id == oldest.scalar_subquery(), table.c.status == "queued")
        .values(status="running", started_at=_now(), progress=None, worker_id=this_worker())
        .returning(table)
    )
    with state.begin(settings) as connection:
        if connection.execute(waiting).first() is None:
            return None  # without a word to who writes meanwhile: this is asked every second
        row = connection.execute(taking).first()
    return Job(**row._mapping) if row else None


def put_back(settings: Settings, job_id: int, *, rest: timedelta) -> None:
    """Queue a job that could not begin; nobody takes it before it has rested."""
    _update(settings, job_id, status="queued", progress=None, not_before=_now() + rest)


def progress(settings: Settings, job_id: int, text: str) -> None:
    """Say in a few words how far a job is."""
    _update(settings, job_id, progress=text[:200])


def finish(settings: Settings, job_id: int, *, status: str, result: dict[str, Any]) -> None:
    """End a job as `done` or `failed`."""
    _update(settings, job_id, status=status, result=result, ended_at=_now())


def requeue_interrupted(settings: Settings) -> None:
    """Queue again what a worker that is gone left `running`: the one before, where there is only
    one at a time; else whoever has been silent for a minute."""
    is_left = state.jobs.c.status == "running"
    if state.takes_several_workers(settings):
        workers = state.workers.c
        alive = sa.select(workers.worker_id).where(workers.reported_at > _now() - SILENT_AFTER)
        is_left &= state.jobs.c.worker_id.is_(None) | state.jobs.c.worker_id.not_in(alive)
    _requeue(settings, is_left)


def requeue_failed(settings: Settings, job_ids: list[int]) -> None:
    """Queue again those of the jobs that failed."""
    _requeue(settings, state.jobs.c.job_id.in_(job_ids) & (state.jobs.c.status == "failed"))


def get(settings: Settings, job_id: int) -> Job:
    """One job as it stands now."""
    with state.begin(settings) as connection:
        row = connection.execute(sa.select(state.jobs).where(state.jobs.c.job_id == job_id)).one()
        return Job(**row._mapping)


def all_of(settings: Settings, kind: str | None = None) -> list[Job]:
    """All jobs, or those of one kind, oldest first."""
    query = sa.select(state.jobs).order_by(state.jobs.c.job_id)
    if kind is not None:
        query = query.where(state.jobs.c.kind == kind)
    with state.begin(settings) as connection:
        return [Job(**row._mapping) for row in connection.execute(query)]


def unfinished(settings: Settings, kind: str) -> list[Job]:
    """Jobs of a kind that wait or are being done, oldest first."""
    table = state.jobs
    still = (table.c.kind == kind) & table.c.status.in_(("queued", "running"))
    with state.begin(settings) as connection:
        found = connection.execute(sa.select(table).where(still).order_by(table.c.job_id))
        return [Job(**row._mapping) for row in found]


def report(settings: Settings, worker_id: str) -> None:
    """A worker says that it is alive."""
    table = state.workers
    with state.begin(settings) as connection:
        updated = connection.execute(
            table.update().where(table.c.worker_id == worker_id).values(reported_at=_now())
        )
        if not updated.rowcount:
            connection.execute(table.insert().values(worker_id=worker_id, reported_at=_now()))


def worker_is_alive(settings: Settings) -> bool:
    """Whether any worker has reported within the last minute."""
    with state.begin(settings) as connection:
        newest = connection.execute(sa.select(sa.func.max(state.workers.c.reported_at))).scalar()
    return newest is not None and bool(_now() - newest < SILENT_AFTER)


def _requeue(settings: Settings, condition: sa.ColumnElement[bool]) -> None:
    values = {"status": "queued", "progress": None, "result": None, "ended_at": None}
    with state.begin(settings) as connection:
        connection.execute(state.jobs.update().where(condition).values(values))


def _update(settings: Settings, job_id: int, **values: Any) -> None:
    table = state.jobs
    with state.begin(settings) as connection:
        connection.execute(table.update().where(table.c.job_id == job_id).values(**values))


def _now() -> datetime:
    return utc_naive(Clock().now())
