"""Removes what no kept publication names: old builds, unused history, leftovers of a kill."""

from __future__ import annotations

import shutil
from pathlib import Path

from matchbook.instance import FILE
from matchbook.settings import Settings
from matchbook.snapshots import POINTER, Publication, read_history

KEPT_BUILDS = 3
"""The newest and two before it: whoever is still reading one loses nothing."""


def remove_unreferenced(settings: Settings, newest: Publication) -> None:
    """Keep exactly the files of `newest` and of the publications it lists."""
    kept = (newest, *newest.previous)
    _remove_files(settings.published, _named_by(settings, kept))
    outboxes = {publication.outbox for publication in kept}
    for folder in _entries(settings.outbox):
        if folder.name not in outboxes:
            shutil.rmtree(folder)


def _named_by(settings: Settings, kept: tuple[Publication, ...]) -> set[Path]:
    names = {POINTER, FILE}
    for files in (files for publication in kept for files in publication.clients.values()):
        names |= {files.snapshot, files.history, *read_history(settings, files.history).files}
    return {settings.published / name for name in names}


def _remove_files(folder: Path, kept: set[Path]) -> None:
    """Remove files that are not kept, and folders that are empty then."""
    for entry in _entries(folder):
        if entry.is_dir():
            _remove_files(entry, kept)
            if not any(entry.iterdir()):
                entry.rmdir()
        elif entry not in kept:
            entry.unlink()


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []
