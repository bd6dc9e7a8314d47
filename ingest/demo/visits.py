"""Visits to a company's sites, and the page views, events and log-ins made in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingest.demo.calls import END_OF_DAY, Calls, delays
from ingest.demo.cast import Cast
from ingest.demo.companies import NEWS, Company
from ingest.demo.devices import ALLOWED, PRIVACY_SIGNAL, addresses
from ingest.demo.pages import (
    QUOTED_REFERRERS,
    REFERRER_WEIGHTS,
    REFERRERS,
    WEEKDAY_FACTORS,
    draw_pages,
    draw_seconds,
    site_weights,
)
from ingest.demo.randomness import Flags, Ints, Texts, generator, texts

EVENTS = ("search", "add_to_basket", "newsletter_signup", "contact_form")


@dataclass(frozen=True)
class Visits:
    """One day's visits to one company, as columns."""

    browser: Ints
    person: Ints
    at: Ints
    site: Ints
    permission: Ints
    visitor: Texts
    """The visitor id the browser sends, or ''."""
    address: Texts

    def __len__(self) -> int:
        return len(self.browser)

    def take(self, chosen: Flags | Ints) -> Visits:
        """Some of the visits."""
        return Visits(**{name: values[chosen] for name, values in vars(self).items()})


def draw_visits(
    cast: Cast, company: Company, day: int, landings: tuple[Ints, Ints, Ints]
) -> Visits:
    """The day's visits; `landings` are browser, person and second of clicks in e-mails."""
    chance = generator(cast.options.seed, day, f"visits {company.client_id}")
    factor = WEEKDAY_FACTORS[cast.options.date_of(day).weekday()]
    rate = cast.browsers.activity[company.client_id] * factor
    own = np.flatnonzero(chance.random(len(rate)) < rate)
    browser = np.concatenate([own, landings[0]])
    person = np.concatenate([_users(cast, chance, own), landings[1]])
    at = np.concatenate([draw_seconds(chance, len(own)), np.minimum(landings[2] + 2, END_OF_DAY)])
    permission = cast.permission(company, browser, day)
    visitor = cast.visitor_ids(browser, day)
    visitor[permission != ALLOWED] = ""
    return Visits(
        browser=browser,
        person=person,
        at=at,
        site=chance.choice(len(company.sites), len(browser), p=site_weights(company)),
        permission=permission,
        visitor=visitor,
        address=addresses(browser),
    )


def made_calls(
    cast: Cast,
    chance: np.random.Generator,
    visits: Visits,
    uri: Texts,
    fields: Texts,
    *,
    referrer: Texts,
    after: Ints | int = 0,
    refusal: Texts | None = None,
) -> Calls:
    """Calls made in visits, `after` seconds from their start."""
    if refusal is None:
        refusal = texts([""] * len(visits))
    refusal[visits.permission == PRIVACY_SIGNAL] = "gpc"
    return Calls(
        at=np.minimum(visits.at + after, END_OF_DAY),
        uri=uri,
        fields=fields,
        referrer=referrer,
        agent=cast.browsers.agent[visits.browser],
        address=visits.address,
        visitor=visits.visitor,
        refusal=refusal,
        delay=delays(chance, len(visits)),
    )


def page_views(cast: Cast, company: Company, day: int, visits: Visits) -> Calls:
    """One call per page read."""
    chance = generator(cast.options.seed, day, f"pages {company.client_id}")
    count = 1 + np.minimum(chance.poisson(company.pages_a_visit - 1, len(visits)), 8)
    seen = visits.take(np.repeat(np.arange(len(visits)), count))
    first = np.cumsum(count) - count
    step = np.arange(len(seen)) - np.repeat(first, count)
    plain, quoted = draw_pages(chance, company, seen.site)
    source = chance.choice(len(REFERRERS), len(seen), p=REFERRER_WEIGHTS)
    came_from = texts([REFERRERS[s] if n == 0 else "" for s, n in zip(source, step, strict=True)])
    uri = [
        f"/bakery/page?site={company.sites[s].site_id}&u={u}"
        + (f"&r={QUOTED_REFERRERS[REFERRERS.index(r)]}" if r else "")
        for s, u, r in zip(seen.site, quoted, came_from, strict=True)
    ]
    fields = _fields(company, "page_view", seen.site, plain, came_from)
    return made_calls(cast, chance, seen, texts(uri), fields, referrer=plain, after=step * 41,
                      refusal=site_refusals(company, seen.site))  # fmt: skip


def events(cast: Cast, company: Company, day: int, visits: Visits) -> Calls:
    """Searches, baskets and forms in some of the visits."""
    chance = generator(cast.options.seed, day, f"events {company.client_id}")
    some = visits.take(chance.random(len(visits)) < 0.12)
    plain, quoted = draw_pages(chance, company, some.site)
    names = chance.choice(len(EVENTS), len(some), p=(0.5, 0.35, 0.1, 0.05))
    uri = [
        f"/bakery/event?site={company.sites[s].site_id}&name={EVENTS[n]}&u={u}"
        for s, n, u in zip(some.site, names, quoted, strict=True)
    ]
    fields = _fields(company, "event", some.site, plain, texts([""] * len(some)), names)
    return made_calls(cast, chance, some, texts(uri), fields, referrer=plain, after=97,
                      refusal=site_refusals(company, some.site))  # fmt: skip


def site_refusals(company: Company, site: Ints) -> Texts:
    """'no_consent' for calls from sites that never declared that consent was asked for."""
    words = texts(["" if facts.declares_consent else "no_consent" for facts in company.sites])
    return np.asarray(words[site], dtype=np.object_)


def _users(cast: Cast, chance: np.random.Generator, browser: Ints) -> Ints:
    """Who sits at each browser: its owner half of the time, else one of the others."""
    count = cast.browsers.user_count[browser]
    other = 1 + (chance.random(len(browser)) * np.maximum(count - 1, 1)).astype(np.int64)
    slot = np.where((count > 1) & (chance.random(len(browser)) < 0.5), other, 0)
    return np.asarray(cast.browsers.users[browser, slot])


def _fields(
    company: Company,
    kind: str,
    site: Ints,
    page: Texts,
    came_from: Texts,
    names: Ints | None = None,
) -> Texts:
    if company is not NEWS:
        return texts([""] * len(site))
    event: list[str | None]
    event = [None] * len(site) if names is None else [EVENTS[n] for n in names]
    members = [
        {"type": kind, "site": company.sites[s].site_id, "page": p, "event": e,
         "referrer": r.split("/")[2] if r else None}
        for s, p, r, e in zip(site, page, came_from, event, strict=True)
    ]  # fmt: skip
    return texts(members)
