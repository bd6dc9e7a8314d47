"""Invented days of calls: weekday seasonality, 10 % noise, and incidents put into them.

Per partner and site so many calls a day as chance has it around a level, refused by some share,
with few ids that are none and some cookies calling more than once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from matchbook.alerts.measures import Counts, Place

FIRST_DAY = date(2026, 6, 1)
WEEKDAYS = np.array([1.0, 1.02, 0.98, 1.0, 0.9, 0.6, 0.7])
NOISE = 0.1
SHARE_NOISE = 0.03

Floats = NDArray[np.float64]
Chooser = NDArray[np.bool_]


@dataclass
class Days:
    """Arrays of partner × site × day."""

    partners: tuple[str, ...]
    sites: tuple[str, ...]
    calls: Floats
    refused: Floats
    malformed: Floats
    other_form: Floats
    repeated: Floats
    cookies: Floats
    syncs: Floats

    def counts(self) -> Counts:
        """As the mart has them, the partners together included."""
        places = [Place(p, s) for s in self.sites for p in (*self.partners, "all")]
        days = [FIRST_DAY + timedelta(days=n) for n in range(self.calls.shape[2])]
        rows = {f.name: _rows(getattr(self, f.name)) for f in fields(Counts) if f.name in NUMBERS}
        return Counts(places=tuple(places), days=tuple(days), **rows)


NUMBERS = ("calls", "refused", "malformed", "other_form", "repeated", "cookies", "syncs")


def quiet_days(
    seed: int, *, partners: int = 9, sites: int = 4, days: int = 146, shared: float = 0.0
) -> Days:
    """Days on which nothing happens. `shared` is the share of the noise that a site's partners
    have in common."""
    chance = np.random.default_rng(seed)
    size = (partners, sites, days)
    level = np.exp(chance.uniform(np.log(80), np.log(2000), (partners, sites, 1)))
    weekday = WEEKDAYS ** chance.uniform(0.5, 1.5, (1, sites, 1))[..., [0] * 7]
    season = weekday[:, :, np.arange(days) % 7]
    common = chance.normal(0, NOISE * np.sqrt(shared), (1, sites, days))
    own = chance.normal(0, NOISE * np.sqrt(1 - shared), size)
    calls = chance.poisson(np.maximum(level * season * (1 + common + own), 0)).astype(float)
    yes = chance.uniform(0.55, 0.9, (1, sites, 1)) * (1 + chance.normal(0, SHARE_NOISE, size))
    refused = chance.binomial(calls.astype(int), 1 - np.clip(yes, 0, 1)).astype(float)
    malformed = chance.binomial((calls - refused).astype(int), 0.01).astype(float)
    syncs = calls - refused - malformed
    one = chance.uniform(0.6, 0.9, (partners, sites, 1)) * (1 + chance.normal(0, 0.02, size))
    return Days(
        partners=tuple(f"partner_{n}" for n in range(partners)),
        sites=tuple(f"site_{n}" for n in range(sites)),
        calls=calls,
        refused=refused,
        malformed=malformed,
        other_form=np.zeros(size),
        repeated=chance.binomial(syncs.astype(int), 0.005).astype(float),
        cookies=np.round(syncs * np.clip(one, 0.05, 1)),
        syncs=syncs,
    )


@dataclass(frozen=True)
class Incident:
    """What is done to the days, and the alert that has to come of it."""

    name: str
    partner: str | None
    """None: every partner of the site."""
    site: str
    direction: str
    cause: str
    apply: Callable[[Days, tuple[slice | int, int, slice]], None]

    def into(self, days: Days, first: int, length: int = 1) -> None:
        """From that day on."""
        partner = slice(None) if self.partner is None else days.partners.index(self.partner)
        self.apply(days, (partner, days.sites.index(self.site), slice(first, first + length)))


def twenty(seed: int, *, partners: int = 9, sites: int = 4) -> list[Incident]:
    """Four of each kind, at places that the seed chooses."""
    chance = np.random.default_rng([seed, 20])

    def site() -> str:
        return f"site_{chance.integers(sites)}"

    def partner() -> str:
        return f"partner_{chance.integers(partners)}"

    every = [Incident("volume -40 %", None, site(), "low", "volume", fewer) for _ in range(4)]
    every += [Incident("pixel gone", partner(), site(), "low", "gone", gone) for _ in range(4)]
    every += [Incident("consent -30 %", None, site(), "low", "consent", refuse) for _ in range(4)]
    for change in (refused_form, other_form) * 2:
        every.append(Incident("id format", partner(), site(), "low", "format", change))
    for twice in (fires_twice, delivered_twice) * 2:
        who = partner() if twice is fires_twice else None
        every.append(Incident("duplicates +50 %", who, site(), "high", "duplicates", twice))
    return every


Where = tuple[slice | int, int, slice]


def fewer(days: Days, where: Where) -> None:
    """Four of ten visits less, of every kind alike."""
    for name in NUMBERS:
        numbers = getattr(days, name)
        numbers[where] = np.round(0.6 * numbers[where])


def gone(days: Days, where: Where) -> None:
    """No call at all."""
    for name in NUMBERS:
        getattr(days, name)[where] = 0


def refuse(days: Days, where: Where) -> None:
    """Three of ten people who used to say yes say no."""
    lost = np.round(0.3 * days.syncs[where])
    days.syncs[where] -= lost
    days.refused[where] += lost
    days.cookies[where] = np.round(0.7 * days.cookies[where])


def refused_form(days: Days, where: Where) -> None:
    """The partner's new ids have a form that we reject."""
    days.malformed[where] += days.syncs[where]
    days.syncs[where], days.cookies[where] = 0, 0


def other_form(days: Days, where: Where) -> None:
    """The partner's new ids have a form that we take with a warning."""
    days.other_form[where] = days.syncs[where]


def fires_twice(days: Days, where: Where) -> None:
    """A tag fires twice on half of the pages."""
    more = np.round(0.5 * days.syncs[where])
    days.syncs[where] += more
    days.calls[where] += more


def delivered_twice(days: Days, where: Where) -> None:
    """Half of the log comes a second time."""
    days.repeated[where] += np.round(0.5 * days.syncs[where])


def _rows(numbers: Floats) -> Floats:
    """Site by site the partners, then their sum."""
    both = np.concatenate([numbers, numbers.sum(axis=0, keepdims=True)])
    return both.transpose(1, 0, 2).reshape(-1, numbers.shape[2])
