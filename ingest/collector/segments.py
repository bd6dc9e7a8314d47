"""The durable log: a hit is handed to the operating system before it is answered.

Lines go to `<home>/collector/<name>.part`; a closed segment is renamed into the inbox, and
only closed ones are picked up. The file is locked while its process lives, so that a start
closes what dead collectors left and nothing else.
"""

from __future__ import annotations

import asyncio
import fcntl
import itertools
import logging
import os
import secrets
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ingest.collector.closing import PART, close_segment, recover_segments
from matchbook.errors import ConfigError
from matchbook.settings import Settings

logger = logging.getLogger("matchbook.collector")

MAX_BYTES = 64 * 1024 * 1024
MAX_AGE_SECONDS = 60.0
MAX_TOGETHER = 64
"""Calls that wait for one write."""
SYNC_SECONDS = 0.5
"""Between two fsyncs: with a slow disk a hit still rests on it within a second."""


@dataclass(slots=True)
class _Open:
    path: Path
    descriptor: int
    since: float
    size: int = 0
    unsynced: bool = False


class SegmentLog:
    """One process's log. Lines come from one thread; a second one syncs and closes."""

    def __init__(
        self,
        settings: Settings,
        *,
        is_sync: bool = False,
        max_bytes: int = MAX_BYTES,
        max_age: float = MAX_AGE_SECONDS,
    ) -> None:
        self.is_sync = is_sync
        self.taken = 0
        self.lines = 0
        """Of those taken, how many the operating system has."""
        self.is_writable = True
        self._settings = settings
        self._folder = settings.collector
        self._max_bytes, self._max_age = max_bytes, max_age
        self._numbers = itertools.count(1)
        self._name = _process_name()
        self._open: _Open | None = None
        self._full: list[_Open] = []
        self._taken: list[bytes] = []
        self._waiting: list[asyncio.Future[bool]] = []
        self._unsafe: list[asyncio.Future[bool]] = []
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        _make_folders(settings)
        recover_segments(settings)
        self._thread = threading.Thread(target=self._keep_durable, name="log", daemon=True)
        self._thread.start()

    def append(self, line: bytes) -> None:
        """Take a line; it goes out with those of other calls that are under way."""
        self._taken.append(line)
        self.taken += 1

    def kept(self) -> asyncio.Future[bool]:
        """Whether what was appended is safe, once that is known; False: none of it was written.

        Safe is with the operating system, in sync mode on the disk. To be called by the loop's
        thread right after `append`: calls that wait together cost one write.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bool] = loop.create_future()
        self._waiting.append(answer)
        if len(self._waiting) == 1:
            loop.call_soon(self.write_out)
        elif len(self._waiting) >= MAX_TOGETHER:
            self.write_out()
        return answer

    def write_out(self) -> bool:
        """Hand what was appended to the operating system; False when it refuses."""
        lines, self._taken = self._taken, []
        waiting, self._waiting = self._waiting, []
        is_written = not lines or self._written(b"".join(lines))
        if is_written:
            self.lines += len(lines)
        if is_written and self.is_sync:
            with self._lock:
                self._unsafe += waiting
            self._wake.set()
        else:
            _settle(waiting, is_written)
        return is_written

    def close(self) -> None:
        """Sync and close the segment; the log takes no more lines."""
        self.write_out()
        self._stopping = True
        self._wake.set()
        self._thread.join()
        self._round(closing=True)

    def _written(self, content: bytes) -> bool:
        with self._lock:
            try:
                self._write(content)
            except OSError as error:
                self._refused(error)
                return False
        if not self.is_writable:
            self.is_writable = True
            logger.warning("the log can be written again")
        return True

    def _write(self, content: bytes) -> None:
        segment = self._open or self._opened()
        written = os.write(segment.descriptor, content)
        if written != len(content):
            # A torn line would swallow the beginning of the next one.
            os.ftruncate(segment.descriptor, segment.size)
            raise OSError("short write")
        segment.size += written
        segment.unsynced = True
        if segment.size >= self._max_bytes:
            self._full.append(segment)
            self._open = None
            self._wake.set()

    def _opened(self) -> _Open:
        stamp = self._settings.clock.now().strftime("%Y%m%dT%H%M%SZ")
        while True:
            path = self._folder / f"{stamp}-{self._name}{next(self._numbers)}{PART}"
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
                descriptor = os.open(path, flags, 0o600)
            except FileExistsError:
                continue
            if _is_locked(descriptor, path):
                break
            os.close(descriptor)
        self._open = _Open(path, descriptor, time.monotonic())
        return self._open

    def _refused(self, error: OSError) -> None:
        if self.is_writable:
            self.is_writable = False
            logger.error("the log cannot be written", extra={"reason": error.__class__.__name__})

    def _keep_durable(self) -> None:
        while not self._stopping:
            self._wake.wait(SYNC_SECONDS)
            self._wake.clear()
            self._round(closing=False)

    def _round(self, *, closing: bool) -> None:
        """Sync what was written since the last round; close what is full or old."""
        with self._lock:
            waiting, self._unsafe = self._unsafe, []
            current = self._open
            if current and (closing or time.monotonic() - current.since >= self._max_age):
                self._full.append(current)
                self._open = current = None
            full, self._full = self._full, []
            unsynced = [each for each in (*full, current) if each and each.unsynced]
            for segment in unsynced:
                segment.unsynced = False
        failed = [segment for segment in unsynced if not self._synced(segment)]
        _resolve(waiting, not failed)
        for segment in full:
            self._close(segment, for_good=closing)

    def _synced(self, segment: _Open) -> bool:
        try:
            os.fsync(segment.descriptor)
        except OSError as error:
            with self._lock:
                self._refused(error)
                # Nobody knows what the file holds after that: go on in a new one.
                if self._open is segment:
                    self._full.append(segment)
                    self._open = None
            return False
        return True

    def _close(self, segment: _Open, *, for_good: bool) -> None:
        try:
            close_segment(self._settings, segment.path, segment.descriptor)
        except OSError:
            if not for_good:
                with self._lock:
                    self._full.append(segment)  # tried again in the next round
                return
            logger.error("a segment could not be closed; the next start does it")
        os.close(segment.descriptor)


def _settle(waiting: list[asyncio.Future[bool]], is_safe: bool) -> None:
    for future in waiting:
        if not future.done():  # its caller may be gone
            future.set_result(is_safe)


def _resolve(waiting: list[asyncio.Future[bool]], is_safe: bool) -> None:
    """`_settle` from another thread."""
    for loop in {future.get_loop() for future in waiting}:
        mine = [future for future in waiting if future.get_loop() is loop]
        with suppress(RuntimeError):  # the loop has ended: nobody waits any more
            loop.call_soon_threadsafe(_settle, mine, is_safe)


def _process_name() -> str:
    """`<host>-<pid>-<random>-`: containers share process ids, and often start together."""
    host = "".join(c if c.isalnum() else "-" for c in socket.gethostname())[:63]
    return f"{host}-{os.getpid()}-{secrets.token_hex(4)}-"


def _is_locked(descriptor: int, path: Path) -> bool:
    """Lock a new segment; false if a starting neighbour took it for a dead one's."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.fstat(descriptor).st_ino == path.stat().st_ino
    except OSError:
        return False


def _make_folders(settings: Settings) -> None:
    try:
        settings.collector.mkdir(parents=True, exist_ok=True, mode=0o700)
        (settings.inbox / "pixels").mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError(
            "The collector's folders cannot be made.",
            todo=f"Make {settings.home} writable for this user.",
        ) from error
