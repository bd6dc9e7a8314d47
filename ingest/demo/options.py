"""What a demo world may be asked for, and its calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from matchbook.errors import ConfigError


@dataclass(frozen=True)
class WorldOptions:
    """Size, length and seed. The same options make the same bytes."""

    end: date
    """The last day of the world."""
    visitors: int = 20_000
    """Browsers in the world; everything else scales with them."""
    days: int = 120
    nights: int = -1
    """The last days, landed one night at a time; those before are one backlog. Without a
    number, fourteen, or half of a shorter world."""
    seed: int = 1

    def __post_init__(self) -> None:
        if self.nights == -1:
            object.__setattr__(self, "nights", min(14, self.days // 2))
        if self.visitors < 100:
            raise ConfigError("A demo world needs at least 100 visitors.")
        if not 0 <= self.nights < self.days:
            raise ConfigError("A demo world needs more days than nights, and no negative nights.")

    @property
    def backlog_days(self) -> int:
        """How many days land at once."""
        return self.days - self.nights

    def date_of(self, day: int) -> date:
        """The date of day 0, 1, 2, …"""
        return self.end - timedelta(days=self.days - 1 - day)

    def clock_after(self, day: int) -> datetime:
        """When a day's files land: 03:10 UTC on the day after."""
        return datetime.combine(self.date_of(day) + timedelta(days=1), time(3, 10), UTC)

    def at_share(self, share: float) -> int:
        """The day that stands at a share of the calendar; keeps the story in short worlds."""
        return min(self.days - 1, round(share * self.days))
