"""`matchbook demo`: a world with known truth, its nights, and the dashboard on top."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from matchbook import jobs
from matchbook.cli import demo_cep
from matchbook.cli.app import App, command
from matchbook.cli.demo_nights import enqueue_nights, read_options, write_options
from matchbook.cli.progress import spinning
from matchbook.cli.summary import summary, told
from matchbook.cli.work import drain, only_worker, perform, worker_lock
from matchbook.clock import Clock
from matchbook.errors import ConfigError, MatchbookError
from matchbook.files import remove_tree
from matchbook.settings import Settings

if TYPE_CHECKING:
    from ingest.demo import WorldOptions


@command("demo", example="matchbook demo --visitors 5000 --no-serve")
@click.option("--serve/--no-serve", default=True, help="Serve the dashboard, or only run.")
@click.option("--visitors", type=click.IntRange(100), help="Browsers in the world.")
@click.option("--days", type=click.IntRange(2), help="Days the world spans; default 120.")
@click.option("--seed", type=int, help="Same seed and end, same world; default 1.")
@click.option("--end", type=click.DateTime(["%Y-%m-%d"]), help="Last day; default yesterday.")
@click.option("--fresh", is_flag=True, help="Throw the demo world away and make a new one.")
def demo(
    app: App,
    serve: bool,
    visitors: int | None,
    days: int | None,
    seed: int | None,
    end: datetime | None,
    fresh: bool,
) -> None:
    """Make a synthetic world, run its nights and serve the dashboard.

    Three invented companies, nine partners, four months. The first months land at once, the
    last fourteen nights one by one, behind the open dashboard. Everything stays in the home
    folder: a second `demo` goes on with the world that is there.
    """
    settings = app.settings
    last = end.date() if end else None
    given = {"visitors": visitors, "days": days, "seed": seed, "end": last}
    options = _prepare(settings, {k: v for k, v in given.items() if v is not None}, fresh)
    _first_night(app, settings, options)
    if serve:
        _serve(app, settings)
        return
    with only_worker(settings), spinning(app, "Running the nights") as say:
        drain(settings, say=say, stop_at_failure=True)
    _conclude(app, settings)


def _prepare(settings: Settings, given: dict[str, object], fresh: bool) -> WorldOptions:
    from ingest.demo import WorldOptions

    if fresh:
        throw_away(settings)
    found = read_options(settings)
    if found is None:
        if settings.warehouse.exists():
            raise _not_a_demo("It holds data that is not a demo's.")
        yesterday = settings.clock.now().date() - timedelta(days=1)
        found = WorldOptions(**{"end": yesterday} | given)  # type: ignore[arg-type]
        write_options(settings, found)
    elif any(getattr(found, name) != value for name, value in given.items()):
        raise ConfigError(
            f"{settings.home} holds a demo world with other options.",
            kept="It was not changed.",
            todo="Add --fresh to throw it away, or choose another folder with --home.",
        )
    return found


def throw_away(settings: Settings) -> None:
    """Remove a demo's home. Raises ConfigError when it is none, Busy while its worker runs."""
    if not settings.home.exists():
        return
    if read_options(settings) is None and any(settings.home.iterdir()):
        raise _not_a_demo("It is not a demo's folder, so --fresh does not empty it.")
    # Not as the worker: it would open the state that is to go.
    with worker_lock(settings):
        remove_tree(settings.home)


def _not_a_demo(why: str) -> ConfigError:
    return ConfigError(
        why, kept="Nothing was changed.", todo="Choose an empty folder: matchbook --home DIR demo"
    )


def _first_night(app: App, settings: Settings, options: WorldOptions) -> None:
    # The dashboard opens on this one, so it is done here, before anything is served.
    first = enqueue_nights(settings, options)[0]
    if first.status == "done":
        return
    with only_worker(settings), spinning(app, "Making the world") as say:
        enqueue_nights(settings, options)
        job = jobs.claim(settings)
        assert job is not None
        perform(settings, job, say)
    _raise_failed(jobs.get(settings, first.job_id))


def _serve(app: App, settings: Settings) -> None:
    from dashboard.server import serve

    with demo_cep.beside(settings), _worker(settings):
        threading.Thread(target=_watch, args=(app, settings), daemon=True).start()
        serve(settings, host=settings.host, port=settings.port)


@contextmanager
def _worker(settings: Settings) -> Iterator[None]:
    # It ends with its stdin, so that it outlives this process by no kind of death.
    arguments = [sys.executable, "-m", "matchbook", "--home", str(settings.home)]
    arguments += ["work", "--until-stdin-ends"]
    worker = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    try:
        yield
    finally:
        worker.terminate()
        worker.wait()


def _watch(app: App, settings: Settings) -> None:
    told = {job.job_id for job in jobs.all_of(settings, "demo_night") if job.status == "done"}
    while True:
        nights = jobs.all_of(settings, "demo_night")
        for job in nights:
            if job.status in ("done", "failed") and job.job_id not in told:
                told.add(job.job_id)
                if job.arguments["night"]:
                    app.say(f"Night {job.arguments['night']} of {len(nights) - 1} {job.status}.")
        if len(told) == len(nights):
            break
        Clock().sleep(1)
    try:
        _conclude(app, settings)
    except MatchbookError as error:
        app.say(str(error))


def _conclude(app: App, settings: Settings) -> None:
    for job in jobs.all_of(settings, "demo_night"):
        _raise_failed(job)
    found = summary(settings)
    app.emit(found, *told(found))


def _raise_failed(job: jobs.Job) -> None:
    if job.status != "failed":
        return
    error = (job.result or {}).get("error", {})
    raise MatchbookError(
        f"Night {job.arguments['night']} of the demo failed: {error.get('happened', 'unknown')}",
        kept="The nights before it are kept.",
        todo=error.get("todo") or "Run the command again to go on from there.",
    )
