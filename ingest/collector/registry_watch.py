"""Follows the published registry: a change counts within a second, without a restart."""

from __future__ import annotations

import logging
import threading

from ingest.collector.directory import Directory
from matchbook import registry
from matchbook.settings import Settings

logger = logging.getLogger("matchbook.collector")

POLL_SECONDS = 0.5


class RegistryWatch:
    """Holds the directory of the newest readable registry."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pointer = settings.registry / "current.json"
        self._stopping = threading.Event()
        self._seen = self._stamp()
        self.directory = Directory(registry.current(settings), settings.collector_hosts)
        self._thread = threading.Thread(target=self._follow, name="registry", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Stop following."""
        self._stopping.set()

    def look(self) -> None:
        """Read the registry if its pointer changed; an unreadable one keeps the last."""
        stamp = self._stamp()
        if stamp == self._seen:
            return
        try:
            found = registry.current(self._settings)
        except (OSError, ValueError, KeyError):
            logger.warning("the registry cannot be read; the last one stays in force")
            return
        self.directory = Directory(found, self._settings.collector_hosts)
        self._seen = stamp

    def _follow(self) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            self.look()

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = self._pointer.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino
