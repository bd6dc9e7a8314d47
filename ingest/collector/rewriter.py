"""Turns an e-mail's HTML into one in which every link is tracked.

Only `href` values change, every other character stays. What a contact needs to stay in
control (unsubscribe links) and what would not come through (hosts the client has not listed)
is left alone and counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import idna

from ingest.collector.anchors import Anchor, Value, find_anchors
from ingest.collector.targets import (
    TargetRefused,
    canonical_host,
    checked_target,
    host_of,
    is_our_path,
)
from ingest.collector.validation import holds_email
from matchbook.errors import ConfigError
from matchbook.keys import Ring
from matchbook.links import Link, link_url
from matchbook.registry import Client

LONGEST_URL = 8000
"""Characters; the collector refuses longer ones."""

KEEP_ATTRIBUTES = ("data-unsubscribe", "data-matchbook-keep")
"""A link with one of these stays as it is."""

_UNSUBSCRIBE = re.compile(
    r"un[- ]?subscri|\bopt[-_ ]?out|list-manage|email-?preferences|afmeld|uitschrij|abmeld|"
    r"abbestell|austragen|d[ée]sabonn|d[ée]sinscri|darse de baja|darme de baja|disiscri|subanulowa|"
    r"avregistrer|avprenumerer|avmeld|rezygnuj|wypisz",
    re.IGNORECASE,
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
"""Characters that help to break lines, or to hide a word from filters."""

_PLACEHOLDER = re.compile(r"<%|%%|\$\{|\{\{|\{%|\[\[|\*\|")
"""Filled in by the CEP after us, so that a signature would not cover the result."""

_BASE_URL = re.compile(r"https?://([a-z0-9.-]+)(:[0-9]+)?")


@dataclass(frozen=True)
class Mail:
    """One e-mail to one contact, and the collector that its links go through."""

    contact: str
    message: str
    base_url: str
    """Scheme and host, such as `https://px.shop.example`."""
    consent: str | None = None
    """0, 1, or the CEP's placeholder for the contact's own flag."""


@dataclass(frozen=True)
class Rewritten:
    """The new text and what was done."""

    html: str
    tracked: int
    left: Counter[str] = field(default_factory=Counter)
    """Links left alone, by reason: unsubscribe, kept, placeholder, not_web, already_tracked,
    personal_data, too_long, or the reason of `targets.TargetRefused`."""
    unlisted_hosts: Counter[str] = field(default_factory=Counter)
    """Of those with `host_not_listed`."""


class _LeftAlone(Exception):
    def __init__(self, reason: str, host: str = "") -> None:
        self.reason, self.host = reason, host
        super().__init__(reason)


def rewrite(
    html: str,
    mail: Mail,
    *,
    client: Client,
    link_key: Ring,
    keep: Sequence[str] = (),
    with_read_pixel: bool = False,
) -> Rewritten:
    """Every http(s) link through the collector; `keep`: patterns of URLs to leave alone.

    `with_read_pixel` adds the pixel of the browser version at the end of the body. Raises
    ConfigError when the mail cannot be signed.
    """
    _check(mail)
    anchors = find_anchors(html)
    edits: list[tuple[int, int, str]] = []
    left: Counter[str] = Counter()
    hosts: Counter[str] = Counter()
    for anchor in anchors.found:
        try:
            target = _target(anchor, mail, client, keep)
            url = _url(Link("click", client.client_id, mail.contact, mail.message, target),
                       mail, link_key)  # fmt: skip
            edits.append((anchor.href.start, anchor.href.stop, _quoted(url, anchor.href)))
        except _LeftAlone as reason:
            left[reason.reason] += 1
            hosts[reason.host] += bool(reason.host)
    tracked = len(edits)
    if with_read_pixel:
        pixel = Link("read", client.client_id, mail.contact, mail.message)
        edits.append((anchors.body_end,) * 2 + (_pixel(_url(pixel, mail, link_key)),))
    return Rewritten(_edited(html, edits), tracked, left, +hosts)


def _check(mail: Mail) -> None:
    is_contact = re.fullmatch(r"[0-9]{1,19}", mail.contact) and 0 < int(mail.contact) < 2**63
    for is_good, what, todo in (
        (is_contact, "contact id", "It is the CEP's number of the contact."),
        (
            re.fullmatch(r"[^\x00-\x1f\x7f]{1,128}", mail.message),
            "message id",
            "It is at most 128 characters long.",
        ),
        (
            _BASE_URL.fullmatch(mail.base_url),
            "base URL",
            "Give scheme and host only, such as https://px.shop.example.",
        ),
        (
            not {'"', "'"} <= set(mail.consent or ""),
            "consent text",
            "It may hold single or double quotes, not both.",
        ),
    ):
        if not is_good:
            raise ConfigError(
                f"The {what} cannot stand in a link.", kept="Nothing was written.", todo=todo
            )


def _target(anchor: Anchor, mail: Mail, client: Client, keep: Sequence[str]) -> str:
    """Where the link leads, as the collector will send browsers there."""
    text = re.sub(r"[\t\n\r]", "", anchor.href.text.strip("".join(map(chr, range(33)))))
    said = " ".join(_INVISIBLE.sub("", "".join(anchor.words)).split())
    if _PLACEHOLDER.search(text):
        raise _LeftAlone("placeholder")
    if not re.match(r"(?i)https?://", text):
        raise _LeftAlone("not_web")
    if any(name in anchor.attributes for name in KEEP_ATTRIBUTES):
        raise _LeftAlone("unsubscribe")
    if _UNSUBSCRIBE.search(text) or _UNSUBSCRIBE.search(said):
        raise _LeftAlone("unsubscribe")
    if any(re.search(pattern, text) for pattern in keep):
        raise _LeftAlone("kept")
    target = _checked(text, mail, client)
    if holds_email(target):
        raise _LeftAlone("personal_data")
    return target


def _checked(text: str, mail: Mail, client: Client) -> str:
    own = {urlsplit(mail.base_url).hostname, *client.collector_hosts}
    url = _with_ascii_host(text)
    parts = url.split("/", 3)
    is_ours = canonical_host(parts[2].split(":")[0]) in own
    if is_our_path("/" + "".join(parts[3:]), everywhere=is_ours):
        raise _LeftAlone("already_tracked")
    try:
        return checked_target(url, client, own.__contains__)
    except TargetRefused as refused:
        is_unlisted = refused.reason == "host_not_listed"
        raise _LeftAlone(refused.reason, host_of(url) if is_unlisted else "") from None


def _with_ascii_host(url: str) -> str:
    """A host in other letters as browsers ask for it (bücher.example → xn--bcher-kva.example)."""
    found = re.fullmatch(r"(https?://)([^/?#:@\\]*)(.*)", url, re.IGNORECASE | re.DOTALL)
    if found is None or found[2].isascii():
        return url
    try:
        return found[1] + idna.encode(found[2], uts46=True).decode() + found[3]
    except idna.IDNAError:
        raise _LeftAlone("bad_target") from None


def _url(link: Link, mail: Mail, link_key: Ring) -> str:
    """As it stands in an attribute; the consent text is the CEP's, so it stays as it is."""
    consent = None if mail.consent is None else "\0"
    url = link_url(mail.base_url, link_key, link, consent=consent)
    if len(url) + len(mail.consent or "") > LONGEST_URL:
        raise _LeftAlone("too_long")
    return url.replace("&", "&amp;").replace("\0", mail.consent or "")


def _quoted(url: str, before: Value) -> str:
    """In the quotes that stood there, or in others if the consent text holds those."""
    mark = before.mark or '"'
    if mark in url:
        mark = "'" if mark == '"' else '"'
    return f"{mark}{url}{mark}"


def _pixel(url: str) -> str:
    mark = "'" if '"' in url else '"'
    return f'<img src={mark}{url}{mark} width="1" height="1" alt="">'


def _edited(html: str, edits: list[tuple[int, int, str]]) -> str:
    parts, at = [], 0
    for start, stop, text in sorted(edits):
        parts += [html[at:start], text]
        at = stop
    return "".join([*parts, html[at:]])
