"""One hit, and the segment line it becomes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring_ascii as quoted

from ingest.collector.calls import Call
from ingest.pixel_logs.agents import describe
from matchbook.consent import ERASE, Decision

_PLAIN = re.compile(r"https?://([a-z0-9.-]{1,253})(?:[/?#]|\Z)")
_TWO = tuple(f"{number:02}" for number in range(60))
_NOTHING = '"contact":null,"message":null,"event":null,"page":null'
_NO_IDS = f'"cookieid":null,{_NOTHING},"referrer":null,"identifiers":[],"ip_prefix":null'


@dataclass(slots=True)
class Hit:
    """What a call says, as the caller sent it; identifiers are keyed already."""

    type: str
    site: str | None = None
    publisher: str | None = None
    client: str | None = None
    partner: str | None = None
    cookieid: str | None = None
    contact: str | None = None
    message: str | None = None
    event: str | None = None
    page: str | None = None
    """The page's URL; its query and fragment are not written."""
    referrer: str | None = None
    """The referrer's host."""
    identifiers: tuple[tuple[str, str], ...] = ()
    """(type, identifier key)"""
    erases: bool = False
    """A withdrawal that also asks for what is stored about the browser to be erased."""


def hit_line(
    hit: Hit, call: Call, decision: Decision, *, hit_id: str, visitor: str | None, key_version: int
) -> bytes:
    """The line of a hit. Without consent it holds no id and nothing of what was looked at."""
    if decision.tracked:
        word, ids = "tracked", _ids(hit, call, key_version)
    else:
        word, ids = ("withdraw" if decision.withdraws and visitor else "untracked"), _NO_IDS
        visitor = visitor if word == "withdraw" else None
    place = _place(call.host, hit.type, hit.site, hit.publisher, hit.client, hit.partner)
    basis = ERASE if hit.erases and word == "withdraw" else decision.basis
    told = _told(word, basis, decision.reason, call.is_prefetch)
    return (
        f'{{"mb":1,"hit_id":"{hit_id}","at":"{moment(call.at)}",{place},{ids},'
        f'"visitor":{_text(visitor)},{told},{agent(call.user_agent)}}}\n'
    ).encode()


def refused_line(
    hit_type: str, reason: str, call: Call, *, hit_id: str, site: str = "", partner: str = ""
) -> bytes:
    """The line of a call that ingest quarantines with `reason`; it holds nothing of the call.

    `site` and `partner` are the registry's own names, so that a tag gone wrong can be found.
    """
    named = f'"site":{_text(site or None)},"partner":{_text(partner or None)},'
    return (
        f'{{"mb":1,"hit_id":"{hit_id}","at":"{moment(call.at)}","type":"{hit_type}",'
        f'{named if site or partner else ""}"refused":"{reason}"}}\n'
    ).encode()


def moment(at: datetime) -> str:
    """ISO 8601 with milliseconds and Z; `at` is UTC. Half the time of isoformat."""
    day = _day(at.year, at.month, at.day)
    return f"{day}{_TWO[at.hour]}:{_TWO[at.minute]}:{_TWO[at.second]}.{at.microsecond // 1000:03}Z"


@lru_cache(maxsize=4)
def _day(year: int, month: int, day: int) -> str:
    return f"{year:04}-{month:02}-{day:02}T"


@lru_cache(maxsize=2048)
def host_of(url: str) -> str | None:
    """The host of an http(s) URL, lower case; None if there is none."""
    plain = _PLAIN.match(url)
    if plain:
        return plain[1]
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in ("http", "https"):
        return None
    authority = rest.replace("\\", "/").partition("/")[0].partition("?")[0].partition("#")[0]
    authority = authority.rpartition("@")[2]
    host = authority[1:].partition("]")[0] if authority[:1] == "[" else authority.partition(":")[0]
    return host.lower()[:253] or None


def without_query(url: str | None) -> str | None:
    """A URL's scheme, host and path: neither query, fragment nor user name."""
    if not url:
        return None
    scheme, _, rest = url.partition("?")[0].partition("#")[0].partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"


@lru_cache(maxsize=8192)
def agent(user_agent: str) -> str:
    """The JSON fields that a user agent becomes."""
    found = describe(user_agent)
    return (
        f'"device":"{found.device_type}","browser":{_text(found.browser)},'
        f'"os":{_text(found.operating_system)},"bot":{"true" if found.is_bot else "false"}'
    )


@lru_cache(maxsize=4096)
def _place(
    host: str, kind: str, site: str | None, publisher: str | None, client: str | None,
    partner: str | None,
) -> str:  # fmt: skip
    return (
        f'"host":{quoted(host)},"type":"{kind}","site":{_text(site)},'
        f'"publisher":{_text(publisher)},"client":{_text(client)},"partner":{_text(partner)}'
    )


@lru_cache(maxsize=256)
def _told(word: str, basis: str | None, reason: str | None, is_prefetch: bool) -> str:
    return (
        f'"decision":"{word}","basis":{_text(basis)},"reason":{_text(reason)},'
        f'"prefetch":{"true" if is_prefetch else "false"}'
    )


def _ids(hit: Hit, call: Call, key_version: int) -> str:
    identifiers = ""
    if hit.identifiers:
        identifiers = ",".join(
            f'{{"type":"{kind}","key":"{key}","key_version":{key_version}}}'
            for kind, key in hit.identifiers
        )
    if hit.contact is hit.message is hit.event is hit.page is None:
        looked_at = _NOTHING
    else:
        looked_at = (
            f'"contact":{_text(hit.contact)},"message":{_text(hit.message)},'
            f'"event":{_text(hit.event)},"page":{_text(without_query(hit.page))}'
        )
    return (
        f'"cookieid":{_text(hit.cookieid)},{looked_at},"referrer":{_text(hit.referrer)},'
        f'"identifiers":[{identifiers}],"ip_prefix":{_text(call.ip_prefix)}'
    )


def _text(value: str | None) -> str:
    return "null" if value is None else quoted(value)
