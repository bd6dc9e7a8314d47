"""One hit, and the segment line it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring_ascii as quoted

from ingest.collector.calls import Call
from ingest.pixel_logs.agents import describe
from matchbook.consent import Decision

_NO_IDS = (
    '"cookieid":null,"contact":null,"message":null,"event":null,"page":null,"referrer":null,'
    '"identifiers":[],"ip_prefix":null'
)


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


def hit_line(
    hit: Hit, call: Call, decision: Decision, *, hit_id: str, visitor: str | None, key_version: int
) -> bytes:
    """The line of a hit. Without consent it holds no id and nothing of what was looked at."""
    if decision.tracked:
        decided = "tracked"
        ids = _ids(hit, call, key_version)
    else:
        decided = "withdraw" if decision.withdraws and visitor else "untracked"
        visitor = visitor if decided == "withdraw" else None
        ids = _NO_IDS
    return (
        f'{{"mb":1,"hit_id":"{hit_id}","at":"{moment(call.at)}","host":{quoted(call.host)},'
        f'"type":"{hit.type}","site":{_text(hit.site)},"publisher":{_text(hit.publisher)},'
        f'"client":{_text(hit.client)},"partner":{_text(hit.partner)},{ids},'
        f'"visitor":{_text(visitor)},"decision":"{decided}","basis":{_text(decision.basis)},'
        f'"reason":{_text(decision.reason)},"prefetch":{"true" if call.is_prefetch else "false"},'
        f"{agent(call.user_agent)}}}\n"
    ).encode()


def refused_line(hit_type: str, reason: str, call: Call, *, hit_id: str) -> bytes:
    """The line of a call that ingest quarantines with `reason`; it holds nothing of the call."""
    return (
        f'{{"mb":1,"hit_id":"{hit_id}","at":"{moment(call.at)}","type":"{hit_type}",'
        f'"refused":"{reason}"}}\n'
    ).encode()


def moment(at: datetime) -> str:
    """ISO 8601 with milliseconds and Z; `at` is UTC."""
    return at.isoformat(timespec="milliseconds")[:23] + "Z"


def host_of(url: str) -> str | None:
    """The host of an http(s) URL, lower case; None if there is none."""
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


def _ids(hit: Hit, call: Call, key_version: int) -> str:
    identifiers = ",".join(
        f'{{"type":"{kind}","key":"{key}","key_version":{key_version}}}'
        for kind, key in hit.identifiers
    )
    return (
        f'"cookieid":{_text(hit.cookieid)},"contact":{_text(hit.contact)},'
        f'"message":{_text(hit.message)},"event":{_text(hit.event)},'
        f'"page":{_text(without_query(hit.page))},"referrer":{_text(hit.referrer)},'
        f'"identifiers":[{identifiers}],"ip_prefix":{_text(call.ip_prefix)}'
    )


def _text(value: str | None) -> str:
    return "null" if value is None else quoted(value)
