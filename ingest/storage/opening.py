"""Opening a storage location by the scheme of its URL; drivers are imported when needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ingest.storage.place import Place
from matchbook.registry import StorageLocation
from matchbook.settings import Settings


@contextmanager
def opened(settings: Settings, location: StorageLocation) -> Iterator[Place]:
    """The location, connected. Raises ConfigError, StorageUnavailable."""
    place = _open(settings, location)
    try:
        yield place
    finally:
        place.close()


def _open(settings: Settings, location: StorageLocation) -> Place:
    scheme, _, rest = location.url.partition("://")
    if scheme == "s3":
        from ingest.storage.bucket import open_bucket

        return open_bucket(settings, location)
    if scheme == "sftp":
        from ingest.storage.sftp import open_sftp

        return open_sftp(settings, location)
    from ingest.storage.folder import open_folder

    return open_folder(settings, rest)
