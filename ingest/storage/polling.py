"""Polling: every location by itself, every file by itself; none holds up the others."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ingest.storage.clearing import clear_away
from ingest.storage.failures import unavailable
from ingest.storage.noted import DONE_WITH, forget, inbox_copy, note_poll, noted
from ingest.storage.offers import Offer, Problem, offers
from ingest.storage.opening import opened
from ingest.storage.place import Place
from ingest.storage.taking import take
from matchbook.errors import ConfigError, StorageUnavailable
from matchbook.registry import Registry, StorageLocation
from matchbook.settings import Settings

logger = logging.getLogger("matchbook.storage")

Say = Callable[[str], None]

POLL_SECONDS = 900
"""For one location; what is not copied by then is the next poll's."""
MAX_BREAKS = 3
"""How often a connection may break in one poll before the location is left alone."""


@dataclass
class Poll:
    """What one poll did at one location. Paths are below the location."""

    location_id: str
    client_id: str
    copied: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    """Not settled yet, or copied before and not landed yet."""
    removed: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    is_reached: bool = True


def fetch(
    settings: Settings,
    registry: Registry,
    *,
    only: Collection[str] | None = None,
    progress: Say = lambda _: None,
) -> list[Poll]:
    """Copy what is whole to the inbox, from each location that is not paused."""
    polls = []
    for client_id, location in _locations(registry):
        if only is not None and location.location_id not in only:
            continue
        progress(f"Looking at {location.location_id}")
        poll = Poll(location.location_id, client_id)
        with _by_itself(poll):
            _take_all(settings, location, poll, _lists(registry, client_id))
        note_poll(settings, poll.location_id, poll.problems, ok=poll.is_reached)
        polls.append(poll)
    return polls


def clear(settings: Settings, registry: Registry, polls: list[Poll]) -> None:
    """Delete or archive what is landed or refused where it came from; completes `polls`."""
    by_location = {poll.location_id: poll for poll in polls}
    for client_id, location in _locations(registry):
        files = [f for f in noted(settings, location.location_id) if f.status in DONE_WITH]
        if not files:
            continue
        poll = by_location.get(location.location_id)
        if poll is None:
            poll = Poll(location.location_id, client_id)
            polls.append(poll)
        if not poll.is_reached:
            continue
        with _by_itself(poll), opened(settings, location) as place:
            for file in files:
                try:
                    clear_away(settings, place, file, after=location.after)
                    poll.removed.append(file.path)
                except StorageUnavailable as error:
                    poll.problems.append(Problem.of(error, file.path))
        note_poll(settings, poll.location_id, poll.problems, ok=poll.is_reached)


def test(settings: Settings, registry: Registry, client_id: str, location: StorageLocation) -> Poll:
    """Connect and look, changing nothing; `waiting` are the files that would be taken."""
    poll = Poll(location.location_id, client_id)
    with _by_itself(poll), opened(settings, location) as place:
        place.check()
        found, poll.problems = offers(place, _lists(registry, client_id))
        poll.waiting = [offer.path for offer in found]
    return poll


def _take_all(
    settings: Settings, location: StorageLocation, poll: Poll, list_ids: set[str]
) -> None:
    deadline = time.monotonic() + POLL_SECONDS
    tried: set[str] = set()
    strangers: list[Problem] = []
    for _ in range(MAX_BREAKS):
        with opened(settings, location) as place:
            place.check()
            found, strangers = offers(place, list_ids)
            _forget_gone(settings, location.location_id, found)
            left = [offer for offer in found if offer.path not in tried]
            if _take_each(settings, place, left, poll, tried, deadline):
                break
    poll.problems += strangers


def _take_each(
    settings: Settings,
    place: Place,
    left: list[Offer],
    poll: Poll,
    tried: set[str],
    deadline: float,
) -> bool:
    """Whether it came to the end; False when the connection broke."""
    rows = {file.path: file for file in noted(settings, poll.location_id)}
    for offer in left:
        tried.add(offer.path)
        try:
            if time.monotonic() > deadline:
                raise unavailable("slow")
            row = rows.get(offer.path)
            done = take(settings, place, offer, poll.location_id, row, deadline=deadline)
        except StorageUnavailable as error:
            poll.problems.append(Problem.of(error, offer.path))
            if error.reason in ("slow", "unreachable"):
                return error.reason == "slow"
        else:
            {"copied": poll.copied, "waiting": poll.waiting}.get(done, []).append(offer.path)
    return True


def _forget_gone(settings: Settings, location_id: str, found: list[Offer]) -> None:
    """Files that are no longer offered: what was seen or removed of them is over."""
    offered = {offer.path for offer in found}
    for file in noted(settings, location_id):
        if file.path not in offered and file.status != "fetched":
            copy = inbox_copy(settings, location_id, file.path)
            copy.with_name(copy.name + ".part").unlink(missing_ok=True)
            forget(settings, file)


@contextmanager
def _by_itself(poll: Poll) -> Iterator[None]:
    """What goes wrong with a location is reported and ends there."""
    try:
        yield
    except (StorageUnavailable, ConfigError) as error:
        _failed(poll, error)
    except Exception:  # noqa: BLE001 - one location must not stop the night of all clients
        _failed(poll, unavailable("unforeseen"))


def _failed(poll: Poll, error: StorageUnavailable | ConfigError) -> None:
    problem = Problem.of(error)
    logger.warning("a storage location failed", extra={"reason": problem.reason})
    poll.problems.append(problem)
    poll.is_reached = False


def _locations(registry: Registry) -> Iterator[tuple[str, StorageLocation]]:
    for client in registry.clients:
        for location in client.storage:
            if not location.paused:
                yield client.client_id, location


def _lists(registry: Registry, client_id: str) -> set[str]:
    return {one.list_id for one in registry.lists if one.client_id == client_id}
