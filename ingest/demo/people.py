"""The people of the demo world and the CRM records the companies hold of them.

People 0 … n_online − 1 own the browser of the same number; the others are never online.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from ingest.demo import story
from ingest.demo.companies import COMPANIES, RETAILER, Company
from ingest.demo.hardness import EMAILS_ON_TWO_RECORDS, PEOPLE_TWICE_IN_CRM
from ingest.demo.options import WorldOptions
from ingest.demo.randomness import Flags, Floats, Ints, generator, quota

ONLINE_SHARE = 0.72
"""People per browser: many have a telephone and a computer."""

OFFLINE_SHARE = 0.09
NEVER = 1 << 30


@dataclass(frozen=True)
class Records:
    """One company's CRM records as columns; −1 stands for an empty cell."""

    person: Ints
    number: Ints
    email: Ints
    phone: Ints
    postal: Ints
    contact: Ints
    created_day: Ints
    """Lands with that day's files."""
    left_day: Ints
    """Opted out with that day's files."""
    is_loyalty: Flags

    def take(self, chosen: Flags | Ints) -> Records:
        """Some of the records."""
        return Records(**{name: values[chosen] for name, values in vars(self).items()})


@dataclass(frozen=True)
class People:
    """Everybody, and per company who has a record and who is interested."""

    n_online: int
    n_total: int
    email: Ints
    """The number of each person's e-mail address; two people may share one."""
    members: dict[str, Flags]
    interested: dict[str, Flags]
    keenness: Floats
    """How readily somebody clicks; 1 on average."""
    records: dict[str, Records]


def make_people(options: WorldOptions) -> People:
    """Everybody in the world, before any browser is opened."""
    online = round(options.visitors * ONLINE_SHARE)
    total = online + round(online * OFFLINE_SHARE)
    chance = generator(options.seed, 0, "people")
    members = {c.client_id: _members(chance, c, online, total) for c in COMPANIES}
    interested = {
        c.client_id: (members[c.client_id] | (chance.random(total) < 0.12)) for c in COMPANIES
    }
    people = People(
        n_online=online,
        n_total=total,
        email=_emails(chance, np.flatnonzero(members[RETAILER.client_id]), total),
        members=members,
        interested=interested,
        keenness=chance.gamma(1.5, 1 / 1.5, total),
        records={},
    )
    return replace(people, records={c.client_id: _records(options, c, people) for c in COMPANIES})


@lru_cache(maxsize=200_000)
def email_sha256(number: int) -> str:
    """SHA-256 of an invented e-mail address, written by the rule da_docs_v1."""
    return hashlib.sha256(f"person{number}@mail.example".encode()).hexdigest()


def phone_sha256(person: int) -> str:
    """SHA-256 of an invented telephone number: digits with country code, no plus."""
    return hashlib.sha256(f"31600{person:06d}".encode()).hexdigest()


def postal_sha256(household: int) -> str:
    """SHA-256 of an invented Dutch address in the form country|postcode|number|extension."""
    letters = "ABCDEGHJKLMNPRTVWXZ"
    pair = letters[household // 19 % 19] + letters[household % 19]
    code = f"{1000 + household // 361 % 9000}{pair}"
    return hashlib.sha256(f"NL|{code}|{1 + household // 7 % 90}|".encode()).hexdigest()


def household(person: Ints) -> Ints:
    """Where people live: every fourth pair of neighbours under one address."""
    return np.asarray(np.where(person // 2 % 4 == 0, person // 2 * 2, person))


def record_id(company: Company, number: int) -> str:
    """A CRM record id as it stands in files."""
    return f"{company.record_prefix}-{number:07d}"


def _members(chance: np.random.Generator, company: Company, online: int, total: int) -> Flags:
    offline_share = 1.0 if company is RETAILER else company.crm_share / 2
    return np.concatenate(
        [quota(chance, online, company.crm_share), quota(chance, total - online, offline_share)]
    )


def _emails(chance: np.random.Generator, members: Ints, total: int) -> Ints:
    """Own numbers, but some couples in the retailer's CRM share one address."""
    email = np.arange(total, dtype=np.int64)
    first = members[:-1:2]
    # Of k couples and n members, k addresses out of n - k stand on two records; a few
    # more, because some records are kept without an address.
    share = 1.25 * EMAILS_ON_TWO_RECORDS / (1 + EMAILS_ON_TWO_RECORDS)
    couples = np.flatnonzero(quota(chance, len(first), 2 * share))
    email[members[1::2][couples]] = first[couples]
    return email


def _records(options: WorldOptions, company: Company, people: People) -> Records:
    chance = generator(options.seed, 0, f"records {company.client_id}")
    person = np.flatnonzero(people.members[company.client_id])
    twice = quota(chance, len(person), PEOPLE_TWICE_IN_CRM)
    first = _first_records(options, company, people, person, chance)
    second = _second_records(first.take(twice), people, chance, company)
    columns = {
        name: np.concatenate([values, vars(second)[name]]) for name, values in vars(first).items()
    }
    return Records(**columns)


def _first_records(
    options: WorldOptions,
    company: Company,
    people: People,
    person: Ints,
    chance: np.random.Generator,
) -> Records:
    size = len(person)
    loyalty = np.zeros(size, dtype=np.bool_)
    if company is RETAILER:
        loyalty = (person >= people.n_online) | (chance.random(size) < 0.12)
    created = np.where(chance.random(size) < 0.88, 0, chance.integers(0, options.days, size))
    if company is not RETAILER:
        created = -(-created // 7) * 7  # their lists land once a week
    created[loyalty] = options.at_share(story.LARGE_UPLOAD)
    stays = chance.integers(7, max(8, options.days), size)
    leaves = (chance.random(size) < 0.06) & (company is RETAILER)
    return Records(
        person=person.astype(np.int64),
        number=10_001 + np.arange(size, dtype=np.int64),
        email=np.where(chance.random(size) < 0.94, people.email[person], -1),
        phone=np.where(chance.random(size) < 0.45, person, -1),
        postal=np.where(chance.random(size) < 0.55, household(person), -1),
        contact=np.where(
            chance.random(size) < (0.9 if company.mails_on is not None else 0.0),
            4_100_000_000_000 + 7 * np.arange(size, dtype=np.int64),
            -1,
        ),
        created_day=created.astype(np.int64),
        left_day=np.where(leaves, created + stays, NEVER).astype(np.int64),
        is_loyalty=loyalty,
    )


def _second_records(
    first: Records, people: People, chance: np.random.Generator, company: Company
) -> Records:
    """The same people once more: a second shop account, with the old or another address."""
    size = len(first.person)
    other_address = people.n_total + first.person
    return replace(
        first,
        number=first.number + 9_000_000 - 10_001,
        email=np.where(chance.random(size) < 0.5, first.email, other_address),
        phone=first.person,
        contact=np.full(size, -1, dtype=np.int64),
        left_day=np.full(size, NEVER, dtype=np.int64),
    )
