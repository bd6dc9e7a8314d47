"""Links of e-mails: how they are signed, checked and written as URLs.

Without a signature anybody could write another person's contact id into a click and be
taken for that person, or make our host redirect to a page of theirs. `consent` is not
signed: the CEP fills it in from the contact's own flag after the link has been made.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from matchbook.hmacs import hmacs, signature
from matchbook.keys import Ring

PATHS = {"click": "/bakery/click", "read": "/bakery/read"}


@dataclass(frozen=True)
class Link:
    """What a signature covers."""

    kind: str
    """click | read"""
    client_id: str
    contact: str
    """The CEP's own number of the contact, as digits."""
    message: str
    target: str = ""
    """Where a click leads, unencoded; a read leads nowhere."""


def sign_link(
    link_keys: Ring, *, kind: str, client_id: str, contact: str, message: str, target: str = ""
) -> str:
    """22 characters: base64url of the first 16 bytes of HMAC-SHA256 over the parts.

    `kind` is "click" or "read"; `target` the landing URL of a click, unencoded.
    """
    (signed,) = sign_links(link_keys[-1], [(kind, client_id, contact, message, target)])
    return signed


def sign_links(link_key: bytes, links: Iterable[tuple[str, ...]]) -> list[str]:
    """`sign_link` of many: kind, client id, contact, message and target of each."""
    texts = ("\0".join(parts).encode() for parts in links)
    return list(map(signature, hmacs(link_key, texts)))


def is_signed(link_keys: Ring, link: Link, signature: str) -> bool:
    """Whether we signed exactly this link, with any key that is not retired; takes the same time
    wherever the texts differ."""
    parts = vars(link)
    try:
        wanted = [sign_link((key,), **parts).encode() for key in link_keys if key]
        given = signature.encode()
    except UnicodeEncodeError:
        return False
    # The parts are signed with a null between them, so one within them could shift them.
    is_ours = sum(hmac.compare_digest(one, given) for one in wanted) > 0
    return is_ours and not any("\0" in text for text in parts.values())


def link_url(base_url: str, link_keys: Ring, link: Link, *, consent: str | None = None) -> str:
    """The URL that goes into the e-mail.

    `consent` is 0, 1, or the text the CEP replaces by them, which is added as it is.
    """
    signed = {"client": link.client_id, "contact": link.contact, "message": link.message}
    if link.kind == "click":
        signed["u"] = link.target
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in signed.items())
    flag = "" if consent is None else f"&consent={consent}"
    return f"{base_url}{PATHS[link.kind]}?{query}{flag}&sig={sign_link(link_keys, **vars(link))}"
