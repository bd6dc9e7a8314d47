"""The lake and the snapshots of a home, copied to an object store, and brought back from there.

What names other files goes last: a load's ledger entry after its rows, the pointer after the
snapshots. So whoever reads the store meets whole loads and whole publications, whenever the copying
was cut short; the next one goes on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from matchbook.files import write_whole
from matchbook.object_store import ObjectStore
from matchbook.publishing.folders import writable
from matchbook.settings import Settings
from matchbook.snapshots import POINTER

FOLDERS = ("lake", "published")
_LAST = ("lake/loads/", f"published/{POINTER}")
_UNFINISHED = (".part", ".tmp", ".wal")

Stamp = list[int]
"""Bytes and time of change: another one means other content, even under the same name."""


@dataclass(frozen=True)
class Copied:
    """What one copying did."""

    files: int
    bytes: int
    removed: int


def push(settings: Settings, store: ObjectStore) -> Copied:
    """Bring the store to what stands here. Raises StorageUnavailable when its patience ends.

    Only objects that this home has copied itself are replaced or removed.
    """
    here, copied = _here(settings), _copied(settings)
    there = {name: size for folder in FOLDERS for name, size in store.sizes(folder).items()}
    wanted = [n for n, stamp in here.items() if copied.get(n) != stamp or there.get(n) != stamp[0]]
    gone = sorted(copied.keys() - here.keys(), key=_place, reverse=True)
    # Before the first of them: what is copied and goes here before it is noted would stay there.
    _note(settings, copied | {name: [] for name in wanted})
    for name in sorted(wanted, key=_place):
        store.put(settings.home / name, name)
    for name in gone:
        store.remove(name)
    _note(settings, here)
    return Copied(len(wanted), sum(here[name][0] for name in wanted), len(gone))


def pull(settings: Settings, store: ObjectStore, folders: tuple[str, ...] = FOLDERS) -> Copied:
    """Bring here what the store has and this home lacks; nothing that stands here is changed but
    the pointer. For an empty home, and for one that only reads snapshots.
    """
    there = {name: size for folder in folders for name, size in store.sizes(folder).items()}
    pointer = f"published/{POINTER}"
    wanted = [name for name in there if name == pointer or not (settings.home / name).exists()]
    with writable(settings.published):
        for name in sorted(wanted, key=_place):
            store.get(name, settings.home / name)
    return Copied(len(wanted), sum(there[name] for name in wanted), 0)


def _here(settings: Settings) -> dict[str, Stamp]:
    found = {}
    for folder in FOLDERS:
        for path in sorted((settings.home / folder).rglob("*")):
            if path.is_file() and not path.name.endswith(_UNFINISHED):
                stat = path.stat()
                name = path.relative_to(settings.home).as_posix()
                found[name] = [stat.st_size, stat.st_mtime_ns]
    return found


def _place(name: str) -> tuple[bool, str]:
    return name.startswith(_LAST), name


def _record(settings: Settings) -> Path:
    return settings.home / "copied.json"


def _note(settings: Settings, copied: dict[str, Stamp]) -> None:
    write_whole(_record(settings), json.dumps(copied))


def _copied(settings: Settings) -> dict[str, Stamp]:
    try:
        found: dict[str, Stamp] = json.loads(_record(settings).read_text())
    except FileNotFoundError:
        return {}
    return found
