"""The one clock. Everything that stamps or waits takes it as an argument."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from matchbook.errors import ConfigError


@dataclass
class Clock:
    """Wall clock, or a clock that stands at `fixed` and only moves when slept on."""

    fixed: datetime | None = None

    def now(self) -> datetime:
        """The current time, aware, UTC, whole seconds when fixed."""
        return self.fixed or datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait; a fixed clock moves forward instead."""
        if self.fixed is None:
            time.sleep(seconds)
        else:
            self.fixed += timedelta(seconds=seconds)


def parse_moment(text: str) -> datetime:
    """An ISO 8601 date or time as aware UTC; naive input is taken as UTC.

    Raises ConfigError when it is neither.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ConfigError(
            "The time given is not an ISO 8601 date or time.",
            todo="Write it like 2026-11-21 or 2026-11-21T03:10:00Z.",
        ) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def parse_moment_or_day_end(text: str) -> datetime:
    """The same, but of a bare date its last second. Raises ConfigError."""
    moment = parse_moment(text)
    try:
        date.fromisoformat(text.strip())
    except ValueError:
        return moment
    return moment + timedelta(days=1, seconds=-1)


def utc_naive(moment: datetime) -> datetime:
    """The same instant as a naive UTC timestamp, the form the warehouse stores."""
    return moment.astimezone(UTC).replace(tzinfo=None)
