"""The visitor cookie `mbid`: `<key version>.<32 lower hex>.<22 characters>`.

The last part is base64url of the first 16 bytes of HMAC-SHA256 under the cookie key over
everything before the last dot. A bad one counts as no cookie.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable

from matchbook.hmacs import hmacs, signature
from matchbook.keys import Ring

NAME = "mbid"

_FORM = re.compile(r"([1-9])\.([0-9a-f]{32})\.([A-Za-z0-9_-]{22})")


def sign(cookie_keys: Ring, visitor_id: str) -> str:
    """The cookie value for a visitor id of 32 lower hex digits, by the newest key."""
    signed = f"{len(cookie_keys)}.{visitor_id}"
    (digest,) = hmacs(cookie_keys[-1], [signed.encode()])
    return f"{signed}.{signature(digest)}"


def verify(cookie_keys: Ring, value: str) -> str | None:
    """The visitor id in a cookie value, or None when form, key version or signature is wrong."""
    (visitor_id,) = verify_all(cookie_keys, [value])
    return visitor_id


def verify_all(cookie_keys: Ring, values: Iterable[str]) -> list[str | None]:
    """`verify` of many values."""
    found: list[str | None] = []
    by_version: dict[str, list[tuple[int, str, str]]] = {}
    for place, form in enumerate(map(_FORM.fullmatch, values)):
        found.append(None)
        if form:
            version, visitor_id, given = form.groups()
            by_version.setdefault(version, []).append((place, visitor_id, given))
    for version, key in enumerate(cookie_keys, start=1):
        own = by_version.get(str(version), []) if key else []
        digests = hmacs(key, [f"{version}.{visitor_id}".encode() for _, visitor_id, _ in own])
        for (place, visitor_id, given), digest in zip(own, digests, strict=True):
            if hmac.compare_digest(signature(digest), given):
                found[place] = visitor_id
    return found
