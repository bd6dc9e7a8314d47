"""What every channel owes: a file is at the partner whole under its name, or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal, Protocol

from exporters.destinations import sha256_of
from exporters.transports.failures import name_taken, not_as_sent
from matchbook.clock import Clock, utc_naive
from matchbook.delivery_rows import DeliveryFile

Receipt = Literal["channel", "partner", "answers"]
Note = Callable[[DeliveryFile], None]

PROBE = b"Matchbook writes and removes this file to test the connection.\n"


class Transport(Protocol):
    """An open channel; every failure is a RetryLater or a PushAborted."""

    reads_back: bool
    """Whether what stands there can be looked at."""

    def send(self, file: DeliveryFile, source: Path, note: Note) -> DeliveryFile:
        """Send what of the file is not there yet; `note` is told how far it is."""

    def sha256(self, name: str) -> str | None:
        """Read back what stands under a name; None if nothing does."""

    def remove(self, name: str) -> None:
        """Take a file back, and what an interrupted sending left of it."""

    def receipt(self) -> Receipt:
        """What is known of the files that this transport sent."""

    def probe(self, clock: Clock) -> None:
        """Show that files can be sent, leaving nothing behind."""

    def close(self) -> None:
        """Let go of the connection."""


class FileDrop:
    """A channel that takes whole files by name."""

    reads_back = True

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def send(self, file: DeliveryFile, source: Path, note: Note) -> DeliveryFile:
        """Once: the same bytes under that name are as good as sent, others are never touched."""
        there = self.sha256(file.name)
        if there is not None and there != file.sha256:
            raise name_taken()
        if there is None:
            self.put(file.name, source)
        sent = replace(file, sent_at=utc_naive(self._clock.now()))
        note(sent)
        return sent

    def replace(self, file: DeliveryFile, source: Path) -> None:
        """Let this stand under its name, whatever stood there: for lists that are put anew."""
        if self.sha256(file.name) != file.sha256:
            self.remove(file.name)
            self.put(file.name, source)

    def receipt(self) -> Receipt:
        """The server has acknowledged the size and the final name."""
        return "channel"

    def probe(self, clock: Clock) -> None:
        """Write a small file, read it back, remove it."""
        name = f"matchbook-test-{clock.now():%Y%m%dT%H%M%S}.txt"
        with tempfile.NamedTemporaryFile() as handle:
            handle.write(PROBE)
            handle.flush()
            try:
                self.put(name, Path(handle.name))
                if self.sha256(name) != sha256_of(Path(handle.name)):
                    raise not_as_sent()
            finally:
                self.remove(name)

    def put(self, name: str, source: Path) -> None:
        """Make `source` appear whole under `name`, which nothing has."""
        raise NotImplementedError

    def sha256(self, name: str) -> str | None:
        """Of what stands there."""
        raise NotImplementedError

    def remove(self, name: str) -> None:
        """The file and its `.part`."""
        raise NotImplementedError

    def close(self) -> None:
        """Nothing is open."""
