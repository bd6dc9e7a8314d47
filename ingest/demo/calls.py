"""Calls of one day at one collector host, as columns, before they become log lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingest.demo.hardness import LINES_LATE, LONGEST_DELAY_DAYS
from ingest.demo.randomness import Flags, Ints, Texts, quota

END_OF_DAY = 86_399


@dataclass(frozen=True)
class Calls:
    """One row per call."""

    at: Ints
    """Second of the day."""
    uri: Texts
    fields: Texts
    """The same as JSON members, for collector segments; empty elsewhere."""
    referrer: Texts
    agent: Ints
    address: Texts
    visitor: Texts
    """The visitor id of the cookie that is sent, or ''."""
    refusal: Texts
    """Why the collector would not track it, or ''."""
    delay: Ints
    """Days until the line lands; 0 for most."""

    def __len__(self) -> int:
        return len(self.at)

    def take(self, chosen: Flags | Ints) -> Calls:
        """Some of the calls."""
        return Calls(**{name: values[chosen] for name, values in vars(self).items()})


def joined(batches: list[Calls]) -> Calls:
    """All batches as one, in order of time."""
    columns = {
        name: np.concatenate([vars(batch)[name] for batch in batches]) for name in vars(batches[0])
    }
    calls = Calls(**columns)
    return calls.take(np.argsort(calls.at, kind="stable"))


def delays(chance: np.random.Generator, size: int) -> Ints:
    """Exactly the wanted share of lines lands one to ten days late, most of them soon."""
    late = quota(chance, size, LINES_LATE)
    days = np.minimum(chance.geometric(0.35, size), LONGEST_DELAY_DAYS)
    return np.where(late, days, 0).astype(np.int64)
