"""Databases that stay open between questions, as opening one costs more than most questions."""

from __future__ import annotations

import atexit
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb


@dataclass
class _Open:
    connection: duckdb.DuckDBPyConnection
    users: int = 0
    last_used: float = 0.0


class KeptOpen:
    """At most `most` databases, each closed when nobody has used it for a while.

    One that is in use is never closed, so for a moment there may be more.
    """

    def __init__(self, *, most: int, idle_seconds: float) -> None:
        self._most = most
        self._idle_seconds = idle_seconds
        self._open: OrderedDict[Hashable, _Open] = OrderedDict()
        """The one used longest ago first."""
        self._lock = threading.Lock()
        self._looks_again = False
        atexit.register(self.close)

    @contextmanager
    def cursor(
        self, key: Hashable, connect: Callable[[], duckdb.DuckDBPyConnection]
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own to the database of this key, which `connect` opens if need be."""
        with self._lock:
            found = self._open.get(key) or _Open(connect())
            self._open[key] = found
            self._open.move_to_end(key)
            found.users += 1
        try:
            with found.connection.cursor() as cursor:
                yield cursor
        finally:
            with self._lock:
                found.users -= 1
                found.last_used = time.monotonic()
                self._close_some()

    def close(self) -> None:
        """Close all that nobody uses."""
        with self._lock:
            for key, one in list(self._open.items()):
                if not one.users:
                    self._open.pop(key).connection.close()

    def _close_some(self) -> None:
        oldest = time.monotonic() - self._idle_seconds
        for key, one in list(self._open.items()):
            if not one.users and (len(self._open) > self._most or one.last_used <= oldest):
                self._open.pop(key).connection.close()
        if self._open and not self._looks_again:
            self._looks_again = True
            timer = threading.Timer(self._idle_seconds, self._look_again)
            timer.daemon = True
            timer.start()

    def _look_again(self) -> None:
        with self._lock:
            self._looks_again = False
            self._close_some()
