"""One request, parsed once; nothing is validated here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from ingest.collector.addresses import caller, host_name, ip_prefix
from matchbook.settings import Networks
from matchbook.visitor_cookie import NAME

MAX_COOKIES = 100
MAX_TEXT = 1024
"""Of a user agent or referrer: more is cut off, so that no cache holds a flood's long texts."""

SYNCED = "mb_out."
"""How the names of those cookies begin: outgoing.py."""

UNREADABLE = "\ufffd"

_PURPOSES = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_SELDOM = frozenset({"sec-gpc", *_PURPOSES})
_OPT_OUT = "mb_optout=1"
_AHEAD = re.compile("prefetch|prerender|preview", re.IGNORECASE)
_OUR_COOKIE = f"{NAME}="


@dataclass(slots=True)
class Call:
    """What a handler may know of a request."""

    method: str
    path: str
    host: str
    """Lower case, without port."""
    query: str
    """As it was sent."""
    parameters: dict[str, str]
    """First value of each name, percent-decoded; names are taken as they were sent."""
    repeated: set[str]
    """Names that came twice."""
    undecodable: set[str]
    """Names whose value is not UTF-8 once decoded; `parameters` does not have them."""
    cookies: tuple[str, ...]
    """All values of `mbid`, in the browser's order."""
    opted_out: bool
    """The cookie mb_optout=1 came."""
    gpc: bool
    """Some Sec-GPC header is exactly "1"."""
    is_prefetch: bool
    """A prefetch by its headers, or HEAD."""
    user_agent: str
    ip_prefix: str | None
    """/24 or /48 of the caller."""
    at: datetime
    headers: dict[str, str]
    """By lower-case name; for what few handlers ask for."""

    @property
    def is_undecodable(self) -> bool:
        """Some value is not UTF-8 once decoded."""
        return bool(self.undecodable)

    @property
    def has_unreadable_cookies(self) -> bool:
        """There is a Cookie header, but what it says is not known."""
        return self.headers.get("cookie") == UNREADABLE

    @property
    def referrer(self) -> str:
        """The Referer header."""
        return self._header("referer")

    @property
    def origin(self) -> str:
        """Of a form: the page it stood on."""
        return self._header("origin")

    @property
    def accept_language(self) -> str:
        """The languages of the browser."""
        return self._header("accept-language")

    @property
    def if_none_match(self) -> str:
        """What the browser has already."""
        return self._header("if-none-match")

    @property
    def synced(self) -> frozenset[str]:
        """Names of the cookies that say to which partners this browser was sent lately."""
        return _synced(self.headers.get("cookie", ""))

    def _header(self, name: str) -> str:
        return self.headers.get(name, "")[:MAX_TEXT]


def parse_call(
    *,
    method: str,
    path: str,
    query: str,
    headers: dict[str, str],
    peer: str,
    at: datetime,
    trusted: Networks = (),
) -> Call:
    """A request as a Call; values of a repeated header are joined by a line feed.

    `peer` is `address:port` of the connection. X-Forwarded-For counts only if the peer is
    trusted (bad_inputs UP12).
    """
    get = headers.get
    parameters, repeated, undecodable = _parameters(query)
    cookies, opted_out = _cookies(get("cookie", ""))
    forwarded = get("x-forwarded-for")
    gpc = is_prefetch = False
    if not _SELDOM.isdisjoint(headers):
        gpc = "1" in get("sec-gpc", "").split("\n")
        is_prefetch = any(_AHEAD.search(get(name, "")) for name in _PURPOSES)
    return Call(
        method,
        path,
        host_name(get("host", "")),
        query,
        parameters,
        repeated,
        undecodable,
        cookies,
        opted_out,
        gpc,
        is_prefetch or method == "HEAD",
        get("user-agent", "")[:MAX_TEXT],
        ip_prefix(peer if forwarded is None else caller(peer, forwarded, trusted)),
        at,
        headers,
    )


def read_headers(headers: Any) -> dict[str, str]:
    """RSGI headers by lower-case name; values of a repeated one are joined by a line feed.

    The server leaves out values with other than visible ASCII characters. A Cookie header that
    cannot be read may hold an opt-out: that it was there is kept.
    """
    pairs = headers.items()
    fields: dict[str, str] = dict(pairs)
    if len(fields) != len(pairs):
        fields = _joined(pairs)
    if "cookie" not in fields and "cookie" in headers:
        fields["cookie"] = UNREADABLE
    return fields


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields[name] = f"{fields[name]}\n{value}" if name in fields else value
    return fields


def raw_parameter(call: Call, name: str) -> str | None:
    """The first value of a parameter as it was sent."""
    sign = f"{name}="
    return next((p[len(sign) :] for p in call.query.split("&") if p.startswith(sign)), None)


def _parameters(query: str) -> tuple[dict[str, str], set[str], set[str]]:
    """The parameters, the names that came twice, and those whose value is not UTF-8."""
    found: dict[str, str] = {}
    repeated: set[str] = set()
    undecodable: set[str] = set()
    for part in query.split("&"):
        name, is_given, value = part.partition("=")
        if not is_given:
            continue
        if name in found or name in undecodable:
            repeated.add(name)
        elif "%" in value:
            try:
                found[name] = unquote(value, errors="strict")
            except UnicodeDecodeError:
                undecodable.add(name)
        else:
            found[name] = value
    return found, repeated, undecodable


def _cookies(header: str) -> tuple[tuple[str, ...], bool]:
    if not header or ("mbid" not in header and "mb_optout" not in header):
        return (), False
    ours: list[str] = []
    opted_out = False
    for part in header.replace("\n", ";").split(";"):
        part = part.strip()
        if part.startswith(_OUR_COOKIE):
            ours.append(part[len(_OUR_COOKIE) :])
        elif part == _OPT_OUT:
            opted_out = True
    return tuple(ours[:MAX_COOKIES]), opted_out


def _synced(header: str) -> frozenset[str]:
    if SYNCED not in header:
        return frozenset()
    names = (part.partition("=")[0].strip() for part in header.replace("\n", ";").split(";"))
    return frozenset(name for name in names if name.startswith(SYNCED))
