"""A folder on this machine, or one that is mounted."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from exporters.destinations import LocalFolder
from exporters.transports.failures import away, no_place, no_rights
from exporters.transports.transport import FileDrop
from matchbook.clock import Clock


class Folder(FileDrop):
    """`.part`, fsync, rename."""

    def __init__(self, path: str, clock: Clock) -> None:
        super().__init__(clock)
        if not Path(path).is_dir():  # a mount that is missing is not to be filled underneath
            raise no_place()
        self._folder = LocalFolder(Path(path))

    def put(self, name: str, source: Path) -> None:
        """Copy it there."""
        with _told():
            self._folder.write(name, lambda part: _copy(source, part))

    def sha256(self, name: str) -> str | None:
        """Of the file as it stands."""
        with _told():
            return self._folder.sha256(name)

    def remove(self, name: str) -> None:
        """The file and its `.part`."""
        with _told():
            self._folder.remove(name)


def _copy(source: Path, part: Path) -> None:
    shutil.copyfile(source, part)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (PermissionError, FileExistsError, NotADirectoryError):
        raise no_rights() from None
    except OSError:
        raise away() from None
