"""Durable files: written whole under a temporary name, then renamed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Yield a `.part` path beside `target`; on success fsync it and rename it there.

    On failure the part file is removed and `target` is untouched.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    try:
        yield part
        sync_file(part)
        os.replace(part, target)
        sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)


def write_whole(target: Path, content: bytes | str) -> None:
    """Replace `target` with `content` in one step."""
    with whole_file(target) as part:
        part.write_bytes(content.encode() if isinstance(content, str) else content)


def remove_tree(folder: Path) -> None:
    """Remove a folder and all in it, also what nobody may write (published files)."""
    for inner, _, _ in os.walk(folder):
        os.chmod(inner, 0o700)
    shutil.rmtree(folder)


def sync_file(path: Path) -> None:
    """Hand a file's bytes to the disk."""
    with path.open("rb") as handle:
        os.fsync(handle.fileno())


def sync_folder(path: Path) -> None:
    """Make renames in a folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
