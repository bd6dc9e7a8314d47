"""Follows the key files: a version that was added or retired counts within seconds."""

from __future__ import annotations

import logging
import threading

from matchbook.errors import ConfigError
from matchbook.keys import NAMES, load_keys
from matchbook.settings import Settings

logger = logging.getLogger("matchbook.collector")

POLL_SECONDS = 1.0

Stamps = tuple[tuple[int, int], ...]


class KeyWatch:
    """Holds the newest readable keys. Raises ConfigError when there are none to begin with."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.keys
        self._stopping = threading.Event()
        self.keys = load_keys(self._folder)
        self._seen = self._stamps()
        self._thread = threading.Thread(target=self._follow, name="keys", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Stop following."""
        self._stopping.set()

    def look(self) -> None:
        """Read the keys if their files changed; unreadable ones keep the last."""
        stamps = self._stamps()
        if not stamps or stamps == self._seen:
            return
        try:
            self.keys = load_keys(self._folder)
        except (OSError, ConfigError):
            logger.warning("the keys cannot be read; the last ones stay in force")
            return
        self._seen = stamps

    def _follow(self) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            self.look()

    def _stamps(self) -> Stamps:
        """Nothing where one is missing: a key that was lost is not made anew by looking."""
        try:
            found = [(self._folder / f"{name}.key").stat() for name in NAMES]
        except OSError:
            return ()
        return tuple((one.st_mtime_ns, one.st_ino) for one in found)
