"""A folder of this machine as a storage location."""

from __future__ import annotations

import os
import posixpath
from pathlib import Path
from typing import Any

from fsspec.implementations.local import LocalFileSystem

from ingest.storage.failures import unavailable
from ingest.storage.place import Entry, Place
from matchbook.errors import ConfigError
from matchbook.settings import Settings


def open_folder(settings: Settings, path: str) -> Folder:
    """Raises ConfigError for a folder of Matchbook's own."""
    real, home = Path(path).resolve(), settings.home.resolve()
    if real.is_relative_to(home) or home.is_relative_to(real / "onboard"):
        raise ConfigError(
            "The storage location is a folder of MATCHBOOK_HOME.",
            kept="Nothing was read.",
            todo="Files that are put into the inbox need no storage location.",
        )
    return Folder(LocalFileSystem(skip_instance_cache=True), path)


class Folder(Place):
    """Links are not followed, whoever placed them."""

    def _list(self, path: str) -> list[dict[str, Any]]:
        if os.path.realpath(path) != os.path.realpath(self._base) + path[len(self._base) :]:
            raise unavailable("rights")
        return super()._list(path)

    def _entry(self, info: dict[str, Any]) -> Entry:
        is_link = bool(info.get("islink"))
        return Entry(
            name=posixpath.basename(info["name"]),
            is_folder=info["type"] == "directory" and not is_link,
            is_file=info["type"] == "file" and not is_link,
            bytes=info["size"] or 0,
            modified=info["mtime"],
            version=f"{info['size']}-{info['mtime']}-{info['ino']}",
        )

    def _move(self, path: str, target: str) -> None:
        os.makedirs(posixpath.dirname(target), exist_ok=True)
        if os.path.lexists(target):
            raise FileExistsError
        os.rename(path, target)
