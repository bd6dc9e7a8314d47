"""One push on its way to CEP: what every step of it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from exporters.cep.client import Cep
from matchbook.clock import Clock
from matchbook.pushes import outbox, targets
from matchbook.pushes.accounts import Account
from matchbook.pushes.outbox import Push
from matchbook.pushes.targets import Target
from matchbook.settings import Settings


class Paused(Exception):
    """The worker has other things to do, or somebody cancelled: nothing is lost."""


@dataclass
class Run:
    """One push, the account it goes to, and until when this worker goes on with it."""

    settings: Settings
    push: Push
    account: Account
    cep: Cep
    clock: Clock
    until: datetime | None
    say: Callable[[str], None]

    @property
    def target(self) -> Target:
        """As it stands in state now."""
        found = targets.find(self.settings, *self.push.target)
        assert found is not None, "a push of a target that was never begun"
        return found

    def breathe(self) -> None:
        """Between two calls: stop when the time is over or somebody asked for it."""
        if self.until is not None and self.clock.now() >= self.until:
            raise Paused
        is_cancelled = outbox.get(self.settings, self.push.push_id).state == "cancelling"
        if is_cancelled and self.push.state != "cancelling":
            raise Paused
