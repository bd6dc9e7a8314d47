"""An open storage location, whatever is behind it: list, look, read, remove, archive.

Its drivers are fsspec file systems. Every failure below is a StorageUnavailable.
"""

from __future__ import annotations

import posixpath
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ingest.storage.failures import failure
from matchbook.errors import StorageUnavailable

MAX_ENTRIES = 10_000
"""Of one folder that are looked at in one poll."""

BLOCK_BYTES = 4 << 20


@dataclass(frozen=True)
class Entry:
    """One name in a folder of a storage."""

    name: str
    is_folder: bool
    is_file: bool
    """Neither: a link, a device, a socket."""
    bytes: int
    modified: float
    """By the storage's clock, seconds since 1970."""
    version: str
    """Another one whenever the content is another one."""


class Place(ABC):
    """A location that was opened; `close` it."""

    writes_whole = False
    """No name stands for a file that is still being written."""

    def __init__(self, fs: Any, base: str) -> None:
        self._fs = fs
        self._base = base

    def entries(self, folder: str) -> list[Entry]:
        """What stands in a folder below the location, by name; nothing if there is none."""
        try:
            with told():
                found = self._list(self._path(folder))
        except StorageUnavailable as error:
            if error.reason == "not_found":
                return []
            raise
        return sorted((self._entry(info) for info in found), key=lambda entry: entry.name)

    def look(self, path: str) -> Entry | None:
        """One file as it is now; None when it is gone."""
        try:
            with told():
                return self._entry(self._fs.info(self._path(path)))
        except StorageUnavailable as error:
            if error.reason == "not_found":
                return None
            raise

    def blocks(self, path: str, offset: int = 0) -> Iterator[bytes]:
        """The bytes of a file from an offset on."""
        with told(), self._open(self._path(path)) as remote:
            remote.seek(offset)
            while block := self._read(remote):
                yield block

    def remove(self, path: str) -> None:
        """Delete a file; one that is gone already is no failure."""
        try:
            with told():
                self._fs.rm_file(self._path(path))
        except StorageUnavailable as error:
            if error.reason != "not_found":
                raise

    def archive(self, path: str, target: str) -> None:
        """Move a file to a name that nothing has yet, making its folders."""
        with told():
            self._move(self._path(path), self._path(target))

    def check(self) -> None:
        """Raise StorageUnavailable unless the location's own folder can be listed."""
        with told():
            self._list(self._base)

    def close(self) -> None:  # noqa: B027 - a folder has no connection
        """Let go of connections."""

    def _path(self, relative: str) -> str:
        return f"{self._base}/{relative}".rstrip("/")

    def _list(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._fs.ls(path, detail=True)
        return found[:MAX_ENTRIES]

    def _open(self, path: str) -> Any:
        return self._fs.open(path, "rb")

    def _read(self, remote: Any) -> bytes:
        block: bytes = remote.read(BLOCK_BYTES)
        return block

    def _move(self, path: str, target: str) -> None:
        self._fs.makedirs(posixpath.dirname(target), exist_ok=True)
        self._fs.mv(path, target)

    @abstractmethod
    def _entry(self, info: dict[str, Any]) -> Entry: ...


@contextmanager
def told() -> Iterator[None]:
    """Whatever a driver raises, as what it means."""
    try:
        yield
    except (StorageUnavailable, GeneratorExit):
        raise
    except Exception as error:
        known = failure(error)
        if known is None:
            raise
        raise known from None
