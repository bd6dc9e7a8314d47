"""A bucket behind an S3 API as a storage location."""

from __future__ import annotations

import posixpath
from typing import Any

from s3fs import S3FileSystem

from ingest.storage.place import BLOCK_BYTES, Entry, Place, told
from ingest.storage.secrets import access_key
from matchbook.registry import StorageLocation
from matchbook.settings import Settings

_WAITS = {"connect_timeout": 10, "read_timeout": 30, "retries": {"total_max_attempts": 1}}
"""Seconds; what fails is tried again by the next poll."""


def open_bucket(settings: Settings, location: StorageLocation) -> Bucket:
    """Without credentials: those that the machine has from Amazon."""
    given: dict[str, Any] = {}
    if location.credentials:
        given["key"], given["secret"] = access_key(settings, location.credentials)
    fs = S3FileSystem(
        **given,
        endpoint_url=location.endpoint,
        config_kwargs=_WAITS,
        use_listings_cache=False,
        skip_instance_cache=True,
    )
    fs.retries = 1
    return Bucket(fs, location.url.removeprefix("s3://"))


class Bucket(Place):
    """An object appears whole or not at all."""

    writes_whole = True

    def check(self) -> None:
        """An empty folder of a bucket does not exist; that is no failure."""
        with told():
            try:
                self._list(self._base)
            except FileNotFoundError as error:
                if error.__cause__ is not None:
                    raise

    def _open(self, path: str) -> Any:
        # Reads of one file all name its ETag: a file that is replaced meanwhile fails.
        return self._fs.open(path, "rb", block_size=BLOCK_BYTES, cache_type="readahead")

    def _list(self, path: str) -> list[dict[str, Any]]:
        # The folder's own marker, if a tool made one, is not in it.
        return [info for info in super()._list(path) if info["name"].rstrip("/") != path]

    def _entry(self, info: dict[str, Any]) -> Entry:
        is_folder = info["type"] == "directory"
        moment = info.get("LastModified")
        return Entry(
            name=posixpath.basename(info["name"].rstrip("/")),
            is_folder=is_folder,
            is_file=not is_folder,
            bytes=info["size"] or 0,
            modified=moment.timestamp() if moment else 0.0,
            version=f"{info['size']}-{info.get('ETag', '')}-{moment and int(moment.timestamp())}",
        )

    def _move(self, path: str, target: str) -> None:
        # The target's name says its content: what stands there is this file, copied before.
        self._fs.copy(path, target)
        self._fs.rm_file(path)

    def close(self) -> None:
        """End the session with the server."""
        creator = getattr(self._fs, "_s3creator", None)
        if creator is not None:
            self._fs.close_session(self._fs.loop, creator)
