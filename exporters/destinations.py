"""Where files go. A destination makes a file appear whole under its name, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from matchbook.failpoints import failpoint
from matchbook.files import whole_file


class Destination(Protocol):
    """What delivery asks of a channel; the conformance tests hold for every one."""

    def write(self, name: str, fill: Callable[[Path], None]) -> None:
        """Let `fill` write a local path, then make it appear whole under `name`."""

    def sha256(self, name: str) -> str | None:
        """Read back what stands under `name`; None if nothing does."""

    def read(self, name: str) -> bytes | None:
        """A small file's bytes, such as a manifest's; None if it is not there."""

    def remove(self, name: str) -> None:
        """Take a file back, and what an interrupted write left of it."""


class LocalFolder:
    """A folder on this machine, or one that is mounted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, fill: Callable[[Path], None]) -> None:
        """`.part`, fsync, rename."""
        with whole_file(self.folder / name) as part:
            part.unlink(missing_ok=True)
            fill(part)
            part.chmod(0o440)
            failpoint("deliver.file_part_written")

    def sha256(self, name: str) -> str | None:
        """Of the file as it stands."""
        path = self.folder / name
        return sha256_of(path) if path.exists() else None

    def read(self, name: str) -> bytes | None:
        """The whole file."""
        path = self.folder / name
        return path.read_bytes() if path.exists() else None

    def remove(self, name: str) -> None:
        """The file and its `.part`."""
        (self.folder / name).unlink(missing_ok=True)
        (self.folder / f"{name}.part").unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
