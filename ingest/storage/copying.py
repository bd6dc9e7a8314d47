"""Copying one file to the inbox: whole or not at all, going on where a broken copy stopped."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

from ingest.storage.failures import unavailable
from ingest.storage.offers import Offer
from ingest.storage.place import Place
from ingest.verify import file_sha256
from matchbook.errors import ConfigError
from matchbook.failpoints import failpoint
from matchbook.files import sync_folder

MAX_FILE_BYTES = 8 << 30
"""As it is delivered; some 50 million rows."""
SPARE_BYTES = 1 << 30
"""What stays free on our disk."""
_MANIFEST_BYTES = 1 << 16


def copy(place: Place, offer: Offer, target: Path, *, marker: str, deadline: float) -> str:
    """Copy a file and return its SHA-256; `target` has then appeared, `marker` as its `.done`.

    What was copied before a break stands in `<target>.part`, and belongs to this version of
    the file. Raises StorageUnavailable, and ConfigError when our own disk is full.
    """
    part = _part_of(target)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _check_room(offer, target.parent, part)
    _append(place, offer, part, deadline)
    sha256 = file_sha256(part)
    try:
        _verify(place, offer, part, sha256)
    except BaseException:
        part.unlink()
        raise
    failpoint("storage.copied")
    os.replace(part, target)
    target.with_name(target.name + ".done").write_text(marker)
    sync_folder(target.parent)
    failpoint("storage.in_inbox")
    return sha256


def drop_part(target: Path) -> None:
    """Forget what was copied of another version."""
    _part_of(target).unlink(missing_ok=True)


def _part_of(target: Path) -> Path:
    return target.with_name(target.name + ".part")


def _check_room(offer: Offer, folder: Path, part: Path) -> None:
    if offer.entry.bytes > MAX_FILE_BYTES:
        raise unavailable("too_large")
    there = part.stat().st_size if part.exists() else 0
    if shutil.disk_usage(folder).free < offer.entry.bytes - there + SPARE_BYTES:
        raise _disk_full()


def _append(place: Place, offer: Offer, part: Path, deadline: float) -> None:
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "ab", buffering=0) as sink:
        there = os.fstat(descriptor).st_size
        if there < offer.entry.bytes:
            for block in place.blocks(offer.path, there):
                _write(sink.fileno(), block)
                there += len(block)
                if there > offer.entry.bytes:
                    break
                if time.monotonic() > deadline:
                    raise unavailable("slow")
        os.fsync(descriptor)


def _write(descriptor: int, block: bytes) -> None:
    rest = memoryview(block)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except OSError:
        raise _disk_full() from None


def _verify(place: Place, offer: Offer, part: Path, sha256: str) -> None:
    now = place.look(offer.path)
    size = part.stat().st_size
    if now is None or now.version != offer.entry.version or size != offer.entry.bytes:
        raise unavailable("changed")
    promised = _manifest(place, offer)
    found = {"bytes": size, "sha256": sha256}
    if any(promised[name] != found[name] for name in found if name in promised):
        raise unavailable("manifest_mismatch")


def _manifest(place: Place, offer: Offer) -> dict[str, object]:
    path = next((path for path in offer.markers if path.endswith(".json")), None)
    if path is None:
        return {}
    text = b""
    for block in place.blocks(path):
        text += block
        if len(text) > _MANIFEST_BYTES:
            raise unavailable("manifest_mismatch")
    try:
        return dict(json.loads(text))
    except (ValueError, TypeError):
        raise unavailable("manifest_mismatch") from None


def _disk_full() -> ConfigError:
    return ConfigError(
        "Our own disk is full, so nothing was picked up.",
        kept="What is in the storage stays there.",
        todo="Free disk space; the next poll goes on.",
    )
