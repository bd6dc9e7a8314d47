"""`matchbook onboard`: pick up CRM files from clients' storage, land them, clear the source."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from matchbook import registry, runs
from matchbook import storage as owner
from matchbook.cli.app import App, command
from matchbook.cli.loads import as_data, summed
from matchbook.cli.progress import spinning
from matchbook.cli.storage import lines, test_location
from matchbook.clock import Clock, utc_naive
from matchbook.errors import Busy, StorageUnavailable
from matchbook.locks import only_one
from matchbook.settings import Settings
from matchbook.warehouse import run_lock

if TYPE_CHECKING:
    from ingest.landing import LoadResult
    from ingest.storage import Poll

Say = Callable[[str], None]

LONGEST_PAUSE = timedelta(hours=6)
"""A location that keeps failing is tried ever more rarely, but at least this often."""


@command("onboard", example="matchbook onboard --once          (cron: */15 * * * *)")
@click.option("--once", is_flag=True, help="Poll every location once, then end.")
@click.option("--every", type=click.IntRange(min=1), default=15, show_default=True,
              help="Minutes between polls without --once.")  # fmt: skip
@click.option("--test", "location", metavar="LOCATION", help="Only connect and look.")
def onboard(app: App, once: bool, every: int, location: str | None) -> None:
    """Pick up CRM files from clients' storage, land them, then delete or archive the source.

    Files stand at onboard/audience=<list>/<opt-in|opt-out|replace>/<YYYYMMDD_HHmmss>.csv[.gz|.zip]
    below each location (matchbook storage list). Killed at any point, the next poll completes
    it. `matchbook nightly` polls once by itself.
    """
    if location is not None:
        test_location(app, location)
        return
    while not once:
        try:
            _poll(app, only=_due(app.settings, timedelta(minutes=every)))
        except Busy as error:
            app.say(error.happened)
        Clock().sleep(every * 60)
    failed = _poll(app, only=None)
    if failed:
        raise click.exceptions.Exit(StorageUnavailable.exit_code)


def fetch_all(settings: Settings, *, say: Say, only: Collection[str] | None = None) -> list[Poll]:
    """Copy what is whole to the inbox; nothing when there are no locations. Raises Busy."""
    document = registry.current(settings)
    if not any(client.storage for client in document.clients):
        return []
    from ingest.storage import fetch

    with only_poll(settings):
        return fetch(settings, document, only=only, progress=say)


def clear_all(settings: Settings, polls: list[Poll]) -> list[Poll]:
    """Delete or archive the sources of what is landed or refused. Raises Busy."""
    document = registry.current(settings)
    if any(client.storage for client in document.clients):
        from ingest.storage import clear

        with only_poll(settings):
            clear(settings, document, polls)
    return polls


@contextmanager
def only_poll(settings: Settings) -> Iterator[None]:
    """One poll of this home at a time. Raises Busy."""
    happened = "Another poll of the storage locations is going on."
    with only_one(settings.home / "onboard.lock", happened):
        yield


def _poll(app: App, *, only: Collection[str] | None) -> bool:
    """One round; whether a location could not be reached. Raises Busy after telling."""
    settings, busy = app.settings, None
    loads: list[LoadResult] = []
    with spinning(app, "Onboarding") as say:
        polls = fetch_all(settings, say=say, only=only)
        try:
            loads = _land(settings, say)
        except Busy as error:
            busy = error
        clear_all(settings, polls)
    _tell(app, polls, loads)
    if busy is not None:
        raise busy
    return not all(poll.is_reached for poll in polls)


def _land(settings: Settings, say: Say) -> list[LoadResult]:
    """Land what is in the inbox, if any of it came from a storage: else it is the night's."""
    from ingest.storage import is_landing_due
    from matchbook.cli.night import land_waiting

    if not is_landing_due(settings):
        return []
    with run_lock(settings, command="matchbook onboard"), runs.recorded(settings, "onboard"):
        return land_waiting(settings, say=say)


def _tell(app: App, polls: list[Poll], loads: list[LoadResult]) -> None:
    data = {"storage": [as_data(poll) for poll in polls], **summed(loads)}
    data["loads"] = [as_data(load) for load in loads]
    copied, removed = (sum(len(getattr(p, n)) for p in polls) for n in ("copied", "removed"))
    app.emit(
        data,
        f"Looked at {len(polls)} locations: {copied} files picked up, {len(loads)} landed, "
        f"{removed} deleted or archived there.",
    )
    for poll in data["storage"]:
        for problem in poll["problems"]:
            for line in lines(problem):
                app.say(f"{poll['location_id']}: {line}")


def _due(settings: Settings, every: timedelta) -> set[str]:
    polls, now = owner.last_polls(settings), utc_naive(Clock().now())
    locations = {x.location_id for c in registry.current(settings).clients for x in c.storage}

    def is_due(location_id: str) -> bool:
        last = polls.get(location_id)
        if last is None or last["failures"] < 2:
            return True
        pause = min(every * 2 ** min(last["failures"] - 1, 16), LONGEST_PAUSE)
        return bool(now - last["polled_at"] >= pause)

    return {location_id for location_id in locations if is_due(location_id)}
