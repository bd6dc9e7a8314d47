"""Collectors' log segments by way of an object store.

Machines without a warehouse send them; the one that has it takes them, and removes them there only
when what was landed of them is in the store too.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from matchbook.files import write_whole
from matchbook.object_store import ObjectStore
from matchbook.settings import Settings

FOLDER = "segments"
_MARK = ".done"


def send(settings: Settings, store: ObjectStore) -> int:
    """Send every closed segment, and keep none of those that arrived; how many.

    Raises StorageUnavailable: what is not sent yet stays here.
    """
    found = sorted((settings.inbox / "pixels").glob("*.jsonl"))
    for path in found:
        with path.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
        store.put(path, f"{FOLDER}/{path.stem}-{digest[:12]}.jsonl")
        path.unlink()
        path.with_name(path.name + _MARK).unlink(missing_ok=True)
    return len(found)


def take(settings: Settings, store: ObjectStore) -> int:
    """Put every segment that was not taken yet into the inbox; how many."""
    taken = _taken(settings)
    fresh = sorted(store.sizes(FOLDER).keys() - taken)
    for name in fresh:
        path = _inbox(settings, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_name(path.name + _MARK).touch()
        store.get(name, path)
        taken.add(name)
        _note(settings, taken)
    return len(fresh)


def settle(settings: Settings, store: ObjectStore) -> int:
    """After the lake was copied: remove the segments that left the inbox; how many."""
    taken = _taken(settings)
    landed = sorted(name for name in taken if not _inbox(settings, name).exists())
    for name in landed:
        store.remove(name)
    if landed:
        _note(settings, taken - set(landed))
    return len(landed)


def _inbox(settings: Settings, name: str) -> Path:
    return settings.inbox / "pixels" / name.removeprefix(f"{FOLDER}/")


def _taken(settings: Settings) -> set[str]:
    try:
        return set(json.loads((settings.home / "taken.json").read_text()))
    except FileNotFoundError:
        return set()


def _note(settings: Settings, taken: set[str]) -> None:
    write_whole(settings.home / "taken.json", json.dumps(sorted(taken)))
