"""The ways of an audience's files to where it goes: whom it is about, the bytes, the sending."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from matchbook.clock import Clock
from matchbook.delivery_rows import DeliveryFile
from matchbook.pushes.outbox import Push
from matchbook.pushes.planning import Plan
from matchbook.settings import Settings


class Way(Protocol):
    """One destination of one client."""

    takes_removals: bool
    """False: a membership ends there when it is not told any more."""

    def plan(self, settings: Settings, push: Push) -> Plan:
        """Whom a push adds and removes; `changes` has `cookie_id` and `action`."""

    def leaving(self, settings: Settings, push: Push) -> pa.Table:
        """Who is held there and may not be known any more: `cookie_id` and `action`."""

    def write(
        self, settings: Settings, push: Push, changes: pa.Table, folder: Path
    ) -> Sequence[DeliveryFile]:
        """The bytes to be sent, in their order."""

    def send(self, settings: Settings, push: Push, folder: Path, clock: Clock) -> None:
        """Send what is not there yet. Raises RetryLater, PushAborted, ConfigError."""
