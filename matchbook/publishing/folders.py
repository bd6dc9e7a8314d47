"""Published files and their folders are nobody's to write, but while a publication is on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE, FOLDER, OPEN_FOLDER = 0o440, 0o550, 0o750


@contextmanager
def writable(published: Path) -> Iterator[None]:
    """Files can be added and removed below `published` as long as the block runs.

    The folder itself stays open to its owner: the pointer is swapped there.
    """
    published.mkdir(parents=True, exist_ok=True, mode=OPEN_FOLDER)
    for folder, _, _ in os.walk(published):
        _set_mode(Path(folder), OPEN_FOLDER)
    try:
        yield
    finally:
        _close(published)


def _close(published: Path) -> None:
    for folder, _, names in os.walk(published):
        if Path(folder) == published:
            continue
        for name in names:
            _set_mode(Path(folder, name), FILE)
        _set_mode(Path(folder), FOLDER)


def _set_mode(path: Path, mode: int) -> None:
    if path.stat().st_mode & 0o777 != mode:
        path.chmod(mode)
