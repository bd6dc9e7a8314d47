"""Closing a segment: on the disk first, then in the inbox in one step."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
from contextlib import suppress
from pathlib import Path

from matchbook.files import sync_file, sync_folder
from matchbook.settings import Settings

logger = logging.getLogger("matchbook.collector")

PART = ".part"
_BLOCK = 64 * 1024


def close_segment(settings: Settings, path: Path, descriptor: int) -> None:
    """Move a locked, synced segment into the inbox, marked as complete; remove an empty one."""
    if os.fstat(descriptor).st_size == 0:
        path.unlink(missing_ok=True)
        return
    target = settings.inbox / "pixels" / f"{path.name.removesuffix(PART)}.jsonl"
    # The marker goes first: ingest may take the segment the moment it is there.
    with suppress(OSError):  # without it ingest waits half a minute longer
        target.with_name(target.name + ".done").touch()
    _move(path, target)
    sync_folder(target.parent)
    sync_folder(path.parent)


def recover_segments(settings: Settings) -> int:
    """Close the segments of dead collectors; those of living ones are locked. Returns how many."""
    closed = 0
    for path in sorted(settings.collector.glob(f"*{PART}")):
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            if _is_ours_now(descriptor, path):
                _cut_torn_line(descriptor)
                os.fsync(descriptor)
                close_segment(settings, path, descriptor)
                closed += 1
        except OSError:
            logger.error("a segment of a dead collector could not be closed; the next start tries")
        finally:
            os.close(descriptor)
    return closed


def _is_ours_now(descriptor: int, path: Path) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.fstat(descriptor).st_ino == path.stat().st_ino
    except OSError:
        return False


def _cut_torn_line(descriptor: int) -> None:
    """Remove a last line without its end: it was never answered."""
    size = end = os.fstat(descriptor).st_size
    while end > 0:
        start = max(0, end - _BLOCK)
        found = os.pread(descriptor, end - start, start).rfind(b"\n")
        if found >= 0:
            end = start + found + 1
            break
        end = start
    if end != size:
        os.ftruncate(descriptor, end)


def _move(path: Path, target: Path) -> None:
    try:
        os.replace(path, target)
    except OSError:
        # The inbox may be another file system.
        part = target.with_name(target.name + PART)
        shutil.copyfile(path, part)
        sync_file(part)
        os.replace(part, target)
        path.unlink()
