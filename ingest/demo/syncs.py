"""Cookie syncs: each partner's tag reports its own cookie id, in its own form."""

from __future__ import annotations

from functools import cache
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from ingest.demo import story
from ingest.demo.calls import Calls
from ingest.demo.cast import Cast
from ingest.demo.companies import COMPANIES, NEWS, THIRD_PARTY, Company, Tag
from ingest.demo.devices import ALLOWED, NO_COOKIE, PRIVACY_SIGNAL, REFUSED
from ingest.demo.pages import draw_pages
from ingest.demo.randomness import (
    Flags,
    Floats,
    Ints,
    generator,
    hex_ids,
    mixed,
    share_of,
    texts,
)
from ingest.demo.visits import Visits, made_calls, site_refusals

BY_REDIRECT = ("weborama", "snowplow")
"""Their syncs arrive through a redirect, without a page as referrer."""

TC_STRING = "CQdWToAQdWToAABABANLBkFgALAAAAAAABpYAMAAAEAAAAAA"
"""Of January 2026, from before TCF 2.3: it does not say which vendors people were told about."""

_BASE36 = np.frombuffer(b"0123456789abcdefghijklmnopqrstuvwxyz", dtype="S1")
_BASE62 = np.frombuffer(
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", dtype="S1"
)


def syncs(cast: Cast, company: Company, day: int, visits: Visits) -> list[Calls]:
    """One batch per tag that the company has."""
    return [_syncs_of(cast, company, tag, day, visits) for tag in company.tags]


def partner_cookie_ids(cast: Cast, company: Company, partner_id: str, browser: Ints,
                       day: int) -> list[str]:  # fmt: skip
    """What the partner calls each browser: one id everywhere, or one per company."""
    owner = 0 if partner_id in THIRD_PARTY else 1 + COMPANIES.index(company)
    parts = (cast.options.seed, owner, browser, cast.browsers.epoch(browser, day))
    match partner_id:
        case "tealium":
            return [f"01{text}" for text in hex_ids(partner_id, 43, *parts)]
        case "spotler":
            return [f"sqzl{text}" for text in hex_ids(partner_id, 20, *parts)]
        case "weborama":
            return _letters(partner_id, _BASE62, 14, *parts)
        case "piano":
            head = _letters("piano head", _BASE36, 25, *parts)
            tail = _letters("piano tail", _BASE36, 12, *parts)
            return [f"cx:{a}:{b}" for a, b in zip(head, tail, strict=True)]
        case "mediarithmics":
            numbers = 10_000_000 + mixed(partner_id, *parts) % np.uint64(90_000_000_000)
            return [f"vec:{number}" if number % 9 else str(number) for number in numbers.tolist()]
        case _:
            return [_uuid(text) for text in hex_ids(partner_id, 32, *parts)]


def _syncs_of(cast: Cast, company: Company, tag: Tag, day: int, visits: Visits) -> Calls:
    chance = generator(cast.options.seed, day, f"syncs {company.client_id} {tag.partner_id}")
    some = visits.take(_fires(cast, company, tag, day, visits, chance.random(len(visits))))
    ids = partner_cookie_ids(cast, company, tag.partner_id, some.browser, day)
    outside_eu = share_of("outside", some.browser) < 0.12
    refusal = site_refusals(company, some.site)
    signal = [_signal(*x) for x in zip(refusal, some.permission, outside_eu, strict=True)]
    refusal[:] = [_reason(*x) for x in zip(refusal, some.permission, signal, strict=True)]
    uri, fields = [], []
    for site, cookie_id, extra in zip(some.site, ids, signal, strict=True):
        name = _site_name(company, tag, site, extra)
        uri.append(_uri(tag, name, cookie_id, extra))
        fields.append(_segment_fields(tag, name, cookie_id) if company is NEWS else "")
    page, _ = draw_pages(chance, company, some.site)
    if tag.partner_id in BY_REDIRECT:
        page = texts([""] * len(some))
    return made_calls(cast, chance, some, texts(uri), texts(fields), referrer=page, after=1,
                      refusal=refusal)  # fmt: skip


def _fires(cast: Cast, company: Company, tag: Tag, day: int, visits: Visits, luck: Floats) -> Flags:
    """Where the tag stands, is not blocked or sampled away, and syncs in this visit."""
    allowed = np.isin(visits.permission, (ALLOWED, NO_COOKIE))
    refused_ping = (visits.permission == REFUSED) & (luck < tag.fires / 3)
    signal_ping = visits.permission == PRIVACY_SIGNAL
    stands = np.array([not tag.sites or site.site_id in tag.sites for site in company.sites])
    missing = _missing(cast, tag, day)
    stands &= np.array([site.site_id not in missing for site in company.sites])
    works = share_of(f"sampled {tag.partner_id}", visits.browser) < tag.sampled
    if tag.partner_id in THIRD_PARTY:
        works &= ~cast.browsers.blocks_third_parties[visits.browser]
    fires = (luck < tag.fires) & (allowed | refused_ping | signal_ping)
    return np.asarray(fires & stands[visits.site] & works, dtype=np.bool_)


def _missing(cast: Cast, tag: Tag, day: int) -> set[str]:
    """Sites on which the story has the tag missing that day."""
    at = cast.options.at_share
    return {
        gap.site_id
        for gap in story.PIXEL_GAPS
        if gap.partner_id == tag.partner_id
        and at(gap.first) <= day
        and (gap.end is None or day < at(gap.end))
    }


def _signal(refusal: str, permission: int, is_outside_eu: bool) -> str:
    """The consent parameters of a sync."""
    if permission == REFUSED:
        return "&gdpr=1"
    if refusal:
        return "&gdpr=0" if is_outside_eu else f"&gdpr=1&gdpr_consent={TC_STRING}"
    return ""


def _reason(refusal: str, permission: int, signal: str) -> str:
    if permission == REFUSED:
        return "no_consent"
    if signal == "&gdpr=0":
        return ""
    return "tc_outdated" if refusal else ""


def _site_name(company: Company, tag: Tag, site: int, signal: str) -> str:
    """Mostly the site's id; one site's tags give its name, and a code needs no site at all."""
    facts = company.sites[site]
    if tag.code and signal == "&gdpr=0":
        return ""
    return facts.name if facts.site_id == "oak_be" else facts.site_id


def _uri(tag: Tag, site: str, cookie_id: str, signal: str) -> str:
    where = f"site={_quoted(site)}&" if site else ""
    name = "parcid" if tag.code else "cookieid"
    return (
        f"/bakery/sync/dmpsyncendpoint?{where}partner={tag.code or tag.partner_id}"
        f"&{name}={cookie_id.replace(':', '%3A')}&read=false{signal}"
    )


@cache
def _quoted(text: str) -> str:
    return quote(text, safe="")


def _segment_fields(tag: Tag, site: str, cookie_id: str) -> dict[str, str | None]:
    partner = tag.code or tag.partner_id
    return {"type": "sync", "site": site or None, "partner": partner, "cookieid": cookie_id}


def _letters(purpose: str, alphabet: NDArray[np.bytes_], size: int, *parts: object) -> list[str]:
    """Strings of `size` characters of an alphabet."""
    columns = []
    for at in range(0, size, 10):
        word = mixed(f"{purpose}{at}", *parts)[:, None]
        powers = np.uint64(len(alphabet)) ** np.arange(min(10, size - at), dtype=np.uint64)
        columns.append(alphabet[(word // powers) % np.uint64(len(alphabet))])
    text = np.concatenate(columns, axis=1).tobytes().decode()
    return [text[at : at + size] for at in range(0, len(text), size)]


def _uuid(text: str) -> str:
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
