"""What a storage location offers: the files that follow the convention, in their order.

Folders are asked for by the client's own lists and the modes, so no name that the storage
makes up becomes part of a path before it is checked.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePosixPath

from ingest.landing import printable_name
from ingest.storage.failures import unavailable
from ingest.storage.place import Entry, Place
from matchbook.crm_files import MODES, parse_onboard_path
from matchbook.errors import InputRejected, MatchbookError

MARKERS = (".manifest.json", ".done")
_UNFINISHED = (".part", ".tmp", ".filepart")


@dataclass(frozen=True)
class Problem:
    """What went wrong with a location or with one file of it."""

    path: str
    """Below the location, escaped; empty for the location itself."""
    reason: str
    happened: str
    kept: str
    todo: str

    @classmethod
    def of(cls, error: MatchbookError, path: str = "") -> Problem:
        """An error as a problem."""
        reason = getattr(error, "reason", "settings")
        return cls(printable_name(path), reason, error.happened, error.kept, error.todo)


@dataclass(frozen=True)
class Offer:
    """A file that may be taken as soon as it is whole."""

    path: str
    """Below the location, by the convention."""
    entry: Entry
    markers: tuple[str, ...]
    """Paths of what stands beside it."""


def offers(place: Place, list_ids: Collection[str]) -> tuple[list[Offer], list[Problem]]:
    """All files for these lists by the time in their names, and what else was found."""
    found: list[Offer] = []
    problems = _strangers(place, "onboard", {f"audience={list_id}" for list_id in list_ids})
    for list_id in sorted(list_ids):
        folder = f"onboard/audience={list_id}"
        problems += _strangers(place, folder, set(MODES))
        for mode in MODES:
            offered, odd = _in_folder(place, f"{folder}/{mode}")
            found += offered
            problems += odd
    return sorted(found, key=lambda offer: (offer.entry.name, offer.path)), problems


def _strangers(place: Place, folder: str, known: set[str]) -> list[Problem]:
    problems = []
    for entry in place.entries(folder):
        if entry.name in known or entry.name.startswith("."):
            continue
        reason = "unknown_list" if folder == "onboard" else "unknown_mode"
        error = unavailable(reason if entry.is_folder else "file_name")
        problems.append(Problem.of(error, f"{folder}/{entry.name}"))
    return problems


def _in_folder(place: Place, folder: str) -> tuple[list[Offer], list[Problem]]:
    entries = {entry.name: entry for entry in place.entries(folder)}
    found, problems = [], []
    for name, entry in entries.items():
        path = f"{folder}/{name}"
        if name.startswith(".") or name.endswith((*_UNFINISHED, *MARKERS)):
            continue
        if not entry.is_file or not _is_conventional(path):
            problems.append(Problem.of(unavailable("file_name"), path))
            continue
        beside = tuple(path + suffix for suffix in MARKERS if name + suffix in entries)
        found.append(Offer(path, entry, beside))
    return found, problems


def _is_conventional(path: str) -> bool:
    try:
        parse_onboard_path(PurePosixPath(path))
    except InputRejected:
        return False
    return path.count("/") == 3
