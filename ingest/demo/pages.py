"""The pages of each site, as URLs plain and quoted, and where visitors come from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

import numpy as np

from ingest.demo.companies import Company, SiteFacts
from ingest.demo.randomness import Floats, Ints, Texts, texts

PAGES_A_SECTION = 10

REFERRERS = ("", "https://www.google.com/", "https://www.bing.com/", "https://duckduckgo.com/",
             "https://www.startpage.com/", "https://prijspeiler.example/vergelijk",
             "https://wolkendek.example/vandaag")  # fmt: skip
REFERRER_WEIGHTS = (0.38, 0.40, 0.08, 0.04, 0.03, 0.04, 0.03)

QUOTED_REFERRERS = tuple(quote(url, safe="") for url in REFERRERS)

HOUR_WEIGHTS = np.array([2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 10, 11, 11, 10, 10, 10, 11, 13, 16, 18,
                         16, 10, 5], dtype=np.float64)  # fmt: skip
"""By hour, UTC: lunch, and the couch in the evening."""

WEEKDAY_FACTORS = (0.97, 0.95, 0.96, 0.98, 0.94, 1.06, 1.14)


@dataclass(frozen=True)
class SitePages:
    """A site's pages; the first is its home page."""

    plain: Texts
    quoted: Texts


@cache
def pages_of(site: SiteFacts) -> SitePages:
    """All pages of a site."""
    paths = ["/"] + [
        f"/{section}/{section}-{number:02d}"
        for section in site.sections
        for number in range(1, PAGES_A_SECTION + 1)
    ]
    urls = [f"https://{site.host}{path}" for path in paths]
    return SitePages(texts(urls), texts([quote(url, safe="") for url in urls]))


def draw_pages(chance: np.random.Generator, company: Company, site: Ints) -> tuple[Texts, Texts]:
    """A page per element of `site` (indexes into the company's sites), plain and quoted."""
    plain, quoted = texts([""] * len(site)), texts([""] * len(site))
    luck = chance.random(len(site)) ** 1.8  # the first pages of a site are read most
    for number, facts in enumerate(company.sites):
        here = np.flatnonzero(site == number)
        pages = pages_of(facts)
        page = (luck[here] * len(pages.plain)).astype(np.int64)
        plain[here], quoted[here] = pages.plain[page], pages.quoted[page]
    return plain, quoted


def draw_seconds(chance: np.random.Generator, size: int) -> Ints:
    """Seconds of the day, mostly when people are awake."""
    hours = chance.choice(24, size, p=HOUR_WEIGHTS / HOUR_WEIGHTS.sum())
    return np.asarray(hours * 3600 + chance.integers(0, 3600, size), dtype=np.int64)


def site_weights(company: Company) -> Floats:
    """How a company's visits spread over its sites."""
    weights = np.array([site.weight for site in company.sites])
    return np.asarray(weights / weights.sum(), dtype=np.float64)
