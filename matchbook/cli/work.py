"""`matchbook work`: do the jobs that pages and the demo have queued."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import timedelta
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from matchbook import jobs, state
from matchbook.cli.app import App, command, describe, place_of
from matchbook.cli.push import work_a_while
from matchbook.clock import Clock
from matchbook.demo_home import NIGHT_NOW
from matchbook.errors import Busy, MatchbookError
from matchbook.locks import only_one
from matchbook.settings import Settings

Say = Callable[[str], None]
Handler = Callable[[Settings, jobs.Job, Say], dict[str, Any]]

POLL_SECONDS = 1.0
REPORT_SECONDS = 5.0
"""Pages say that no worker is there after a minute of silence."""
REST = timedelta(seconds=10)
"""For how long a job is left alone that another worker's run stood in the way of."""


@command("work", example="matchbook work          (or from cron: matchbook work --once)")
@click.option("--once", is_flag=True, help="Do what is queued, then end.")
@click.option("--until-stdin-ends", is_flag=True, hidden=True)
def work(app: App, once: bool, until_stdin_ends: bool) -> None:
    """Do queued jobs, one after the other, and pushes in between, until stopped.

    One worker at a time, or several that share a PostgreSQL and this home; what a killed one
    had begun is begun again.
    """
    settings = app.settings
    if until_stdin_ends:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    with only_worker(settings):
        done = drain(settings, say=app.say if app.verbose else lambda _: None)
        is_busy = work_a_while(settings)
        while not once:
            if not is_busy:
                Clock().sleep(POLL_SECONDS)
            done += drain(settings, say=lambda _: None)
            is_busy = work_a_while(settings)
    app.emit({"jobs": done}, f"Did {done} jobs; none is waiting.")


def drain(settings: Settings, *, say: Say, stop_at_failure: bool = False) -> int:
    """Do all queued jobs; how many were done, failed ones included."""
    count = 0
    while job := jobs.claim(settings):
        perform(settings, job, say)
        count += 1
        if stop_at_failure and jobs.get(settings, job.job_id).status == "failed":
            break
    return count


def handlers() -> dict[str, Handler]:
    """What can be asked for, by kind."""
    from matchbook.cli.audiences import refresh_job
    from matchbook.cli.check_pixel import check_pixel_job
    from matchbook.cli.demo_nights import demo_night, night_now
    from matchbook.cli.erasing import trace_job
    from matchbook.cli.lookalikes import study_job
    from matchbook.cli.night import run_night
    from matchbook.cli.partner_profiles import sample_partner_job
    from matchbook.cli.partners import partner_test_job
    from matchbook.cli.push import check_cep_job
    from matchbook.cli.redeliver import redeliver_job
    from matchbook.cli.storage import storage_test_job

    def nightly(settings: Settings, job: jobs.Job, say: Say) -> dict[str, Any]:
        return run_night(settings, say=say).as_data()

    return {"nightly": nightly, "demo_night": demo_night, "check_pixel": check_pixel_job,
            NIGHT_NOW: night_now,
            "test_storage": storage_test_job, "sample_partner": sample_partner_job,
            "test_partner": partner_test_job, "redeliver": redeliver_job,
            "check_cep": check_cep_job, "refresh_audiences": refresh_job,
            "study_lookalike": study_job, "trace_requests": trace_job}  # fmt: skip


def perform(settings: Settings, job: jobs.Job, say: Say) -> None:
    """Do one claimed job and note how it ended."""

    def progress(text: str) -> None:
        jobs.progress(settings, job.job_id, text)
        say(text)

    try:
        result = handlers()[job.kind](settings, job, progress)
    except MatchbookError as error:
        if isinstance(error, Busy) and state.takes_several_workers(settings):
            jobs.put_back(settings, job.job_id, rest=REST)
            return
        jobs.finish(settings, job.job_id, status="failed", result={"error": describe(error)})
    except Exception as error:  # noqa: BLE001 - a job that breaks must not end the worker
        broken = {
            "kind": "Unexpected",
            "happened": f"Something unforeseen: {place_of(error)}.",
        }
        jobs.finish(settings, job.job_id, status="failed", result={"error": broken})
    else:
        jobs.finish(settings, job.job_id, status="done", result=result)


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    # In the middle of a night perhaps; the next one completes it.
    os._exit(0)


@contextmanager
def only_worker(settings: Settings) -> Iterator[None]:
    """Be a worker of this home. Raises Busy when there is one already and only one may be."""
    several = state.takes_several_workers(settings)
    with nullcontext() if several else worker_lock(settings):
        jobs.requeue_interrupted(settings)
        with _reporting(settings):
            yield


def worker_lock(settings: Settings) -> AbstractContextManager[None]:
    """Keep workers away from this home. Raises Busy when one is at work."""
    return only_one(settings.home / "worker.lock", "Another worker is already doing the jobs.")


@contextmanager
def _reporting(settings: Settings) -> Iterator[None]:
    stopped = threading.Event()
    jobs.report(settings, jobs.this_worker())

    def report() -> None:
        while not stopped.wait(REPORT_SECONDS):
            # A database that is away for a while must not make a worker look dead for ever.
            with suppress(SQLAlchemyError, MatchbookError):
                jobs.report(settings, jobs.this_worker())
                if state.takes_several_workers(settings):
                    jobs.requeue_interrupted(settings)

    thread = threading.Thread(target=report, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()
