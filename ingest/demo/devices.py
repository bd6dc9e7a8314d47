"""The browsers of the demo world: who uses them, what they allow, when cookies are cleared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingest.demo.agents import SCANNERS, agents, weights
from ingest.demo.companies import COMPANIES
from ingest.demo.hardness import COOKIES_CLEARED_A_MONTH, SHARED_BROWSERS, VISITORS_UNTRACKED
from ingest.demo.options import WorldOptions
from ingest.demo.people import NEVER, People
from ingest.demo.randomness import Flags, Floats, Ints, Texts, generator, mixed, quota, texts

MONTH_DAYS = 30

ALLOWED, REFUSED, NO_COOKIE, PRIVACY_SIGNAL = 0, 1, 2, 3
"""What a browser lets a call do."""

AGENTS = agents()
AGENT_TEXTS: Texts = texts([agent.text for agent in (*AGENTS, *SCANNERS)])
FIRST_SCANNER = len(AGENTS)


@dataclass(frozen=True)
class Browsers:
    """All browsers as columns."""

    users: Ints
    """Browser × 4 people; −1 where there are fewer. The first is the owner."""
    user_count: Ints
    second_of: Ints
    """Person → the number of a second browser of theirs, or −1."""
    agent: Ints
    blocks_third_parties: Flags
    permission: Ints
    refuses_new_banner: Flags
    activity: dict[str, Floats]
    """Per company, the chance of a visit on an ordinary day."""
    clear_days: Ints
    """Browser × month: the day all cookies are cleared, or never."""

    def epoch(self, browser: Ints, day: int) -> Ints:
        """How often the cookies of some browsers have been cleared by a day."""
        return np.asarray((self.clear_days[browser] <= day).sum(axis=1), dtype=np.int64)


def make_browsers(options: WorldOptions, people: People) -> Browsers:
    """All browsers of the world."""
    chance = generator(options.seed, 0, "browsers")
    users, second_of = _users(chance, options.visitors, people)
    agent = chance.choice(len(AGENTS), options.visitors, p=weights(AGENTS)).astype(np.int64)
    blocking = np.array([a.blocks_third_parties for a in AGENTS])[agent]
    return Browsers(
        users=users,
        user_count=(users >= 0).sum(axis=1),
        second_of=second_of,
        agent=agent,
        blocks_third_parties=blocking,
        permission=_permissions(chance, blocking),
        refuses_new_banner=chance.random(options.visitors) < 0.14,
        activity=_activity(chance, users[:, 0], people),
        clear_days=_clear_days(chance, options),
    )


def addresses(browser: Ints) -> Texts:
    """The IP address of each browser, out of ranges that belong to nobody."""
    bits = mixed("address", browser)
    out = [
        f"2001:db8:{b & 0xFFFF:x}:{b >> 16 & 0xFFFF:x}::{b >> 32 & 0xFFFF:x}"
        if b >> 48 & 7 == 0
        else f"100.{64 + (b & 63)}.{b >> 6 & 255}.{1 + (b >> 14 & 255) % 254}"
        for b in bits.tolist()
    ]
    return texts(out)


def _users(chance: np.random.Generator, size: int, people: People) -> tuple[Ints, Ints]:
    """Everybody's own browser first, then second ones; the shared go to neighbours as well."""
    users = np.full((size, 4), -1, dtype=np.int64)
    users[: people.n_online, 0] = np.arange(people.n_online)
    owners_of_two = chance.permutation(people.n_online)[: size - people.n_online]
    users[people.n_online :, 0] = owners_of_two
    second_of = np.full(people.n_total, -1, dtype=np.int64)
    second_of[owners_of_two] = np.arange(people.n_online, size)
    shared = np.flatnonzero(quota(chance, size, SHARED_BROWSERS))
    extra = chance.choice([1, 2, 3], len(shared), p=[0.75, 0.18, 0.07])
    for slot in (1, 2, 3):
        more = shared[extra >= slot]
        users[more, slot] = (users[more, 0] + slot) % people.n_online
    return users, second_of


def _permissions(chance: np.random.Generator, blocking: Flags) -> Ints:
    """Exactly the wanted share is untracked; no cookie is likelier where trackers are blocked."""
    order = np.argsort(chance.random(len(blocking)) - 0.35 * blocking)
    untracked = np.zeros(len(blocking), dtype=np.bool_)
    blocked = order[: round(0.09 * len(blocking))]
    permission = np.full(len(blocking), ALLOWED, dtype=np.int64)
    permission[blocked] = NO_COOKIE
    rest = np.flatnonzero(permission == ALLOWED)
    wanted = (VISITORS_UNTRACKED * len(blocking) - len(blocked)) / len(rest)
    untracked[rest] = quota(chance, len(rest), wanted)
    permission[untracked] = np.where(
        chance.random(int(untracked.sum())) < 0.08, PRIVACY_SIGNAL, REFUSED
    )
    return permission


def _activity(chance: np.random.Generator, owner: Ints, people: People) -> dict[str, Floats]:
    out = {}
    for company in COMPANIES:
        rate = chance.gamma(2.0, company.visits_a_day / 2.0, len(owner))
        out[company.client_id] = np.where(people.interested[company.client_id][owner], rate, 0.0)
    return out


def _clear_days(chance: np.random.Generator, options: WorldOptions) -> Ints:
    months = -(-options.days // MONTH_DAYS)
    columns = []
    for month in range(months):
        cleared = quota(chance, options.visitors, COOKIES_CLEARED_A_MONTH)
        day = month * MONTH_DAYS + chance.integers(0, MONTH_DAYS, options.visitors)
        columns.append(np.where(cleared, day, NEVER))
    return np.stack(columns, axis=1).astype(np.int64)
