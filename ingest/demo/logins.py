"""Log-ins: identify calls on the companies' sites and bakes at the publisher."""

from __future__ import annotations

from typing import Any

import numpy as np

from ingest.demo.calls import Calls
from ingest.demo.cast import Cast
from ingest.demo.companies import BAKED_FOR, NEWS, PUBLISHER_HOST, PUBLISHER_ID, Company
from ingest.demo.devices import ALLOWED, NO_COOKIE, addresses
from ingest.demo.pages import draw_pages, draw_seconds
from ingest.demo.people import email_sha256, household, phone_sha256, postal_sha256
from ingest.demo.randomness import Flags, Ints, Texts, generator, texts
from ingest.demo.truth_files import Evidence
from ingest.demo.visits import Visits, made_calls, site_refusals
from matchbook.identifiers import identifier_key, key_version
from matchbook.keys import Keys

BAKES_A_DAY = 0.012
"""Of the publisher's readers, log in on a day."""


def identifies(
    cast: Cast, company: Company, day: int, visits: Visits
) -> tuple[Calls, list[Evidence]]:
    """Log-ins of people with a record; one in twenty uses an address the CRM does not know."""
    chance = generator(cast.options.seed, day, f"logins {company.client_id}")
    known = cast.people.members[company.client_id][visits.person]
    some = visits.take(known & (chance.random(len(visits)) < company.login_rate)
                       & np.isin(visits.permission, (ALLOWED, NO_COOKIE)))  # fmt: skip
    email, phone, postal = _identifiers(cast, chance, some.person)
    plain, quoted = draw_pages(chance, company, some.site)
    uri = [
        f"/bakery/identify?site={company.sites[s].site_id}&{_query(e, p, a)}&u={u}"
        for s, e, p, a, u in zip(some.site, email, phone, postal, quoted, strict=True)
    ]
    fields = [
        _segment_fields(cast.keys, company.sites[s].site_id, page, e, p, a)
        if company is NEWS
        else ""
        for s, page, e, p, a in zip(some.site, plain, email, phone, postal, strict=True)
    ]
    refusal = site_refusals(company, some.site)
    calls = made_calls(cast, chance, some, texts(uri), texts(fields), referrer=plain, after=55,
                       refusal=refusal)  # fmt: skip
    return calls, _evidence(company.client_id, calls, email, phone, postal)


def bakes(cast: Cast, day: int) -> tuple[Calls, list[Evidence], Visits]:
    """Log-ins at the publisher, evidence for each client that it bakes for."""
    chance = generator(cast.options.seed, day, "bakes")
    browser = np.flatnonzero(chance.random(len(cast.browsers.agent)) < BAKES_A_DAY)
    visitor = cast.visitor_ids(browser, day)
    permission = cast.browsers.permission[browser]
    visitor[permission != ALLOWED] = ""
    visits = Visits(
        browser=browser,
        person=cast.browsers.users[browser, 0],
        at=draw_seconds(chance, len(browser)),
        site=np.zeros(len(browser), dtype=np.int64),
        permission=permission,
        visitor=visitor,
        address=addresses(browser),
    )
    visits = visits.take(np.isin(permission, (ALLOWED, NO_COOKIE)))
    email, phone, postal = _identifiers(cast, chance, visits.person)
    uri = [
        f"/bakery/bake?publisher={PUBLISHER_ID}&{_query(e, p, a)}"
        for e, p, a in zip(email, phone, postal, strict=True)
    ]
    page = f"https://{PUBLISHER_HOST.replace('collect.', 'www.')}/mijn-weer"
    calls = made_calls(cast, chance, visits, texts(uri), texts([""] * len(visits)),
                       referrer=texts([page] * len(visits)))  # fmt: skip
    proof = [
        evidence
        for company in BAKED_FOR
        for evidence in _evidence(company.client_id, calls, email, phone, postal)
    ]
    return calls, proof, visits


def _identifiers(cast: Cast, chance: np.random.Generator, person: Ints) -> tuple[Ints, Ints, Ints]:
    """E-mail number, person for the telephone, household for the address; −1 is absent."""
    size = len(person)
    unknown = chance.random(size) < 0.05
    email = np.where(unknown, 2_000_000_000 + person, cast.people.email[person])
    phone = np.where(chance.random(size) < 0.15, person, -1)
    postal = np.where(chance.random(size) < 0.08, household(person), -1)
    return email, phone, postal


def _query(email: int, phone: int, postal: int) -> str:
    query = f"email={email_sha256(email)}"
    query += f"&phone={phone_sha256(phone)}" if phone >= 0 else ""
    return query + (f"&postal={postal_sha256(postal)}" if postal >= 0 else "")


def _segment_fields(
    keys: Keys, site_id: str, page: str, email: int, phone: int, postal: int
) -> dict[str, Any]:
    hashes = {"email": email_sha256(email)}
    if phone >= 0:
        hashes["phone"] = phone_sha256(phone)
    if postal >= 0:
        hashes["postal"] = postal_sha256(postal)
    version = key_version(keys)
    return {
        "type": "identify",
        "site": site_id,
        "page": page,
        "identifiers": [
            {"type": kind, "key": identifier_key(keys, kind, text), "key_version": version}
            for kind, text in hashes.items()
        ],
    }


def _evidence(
    client_id: str, calls: Calls, email: Ints, phone: Ints, postal: Ints
) -> list[Evidence]:
    out = []
    for via, number in (("email", email), ("phone", phone), ("postal", postal)):
        given: Flags = (number >= 0) & _has_cookie(calls.visitor)
        out.append(
            Evidence(client_id, via, calls.visitor[given], number[given], calls.delay[given],
                     calls.refusal[given])
        )  # fmt: skip
    return out


def _has_cookie(visitor: Texts) -> Flags:
    return np.asarray(visitor != "", dtype=np.bool_)
