"""The visitor cookie `mbid`: `<key version>.<32 lower hex>.<22 characters>`.

The last part is base64url of the first 16 bytes of HMAC-SHA256 under the cookie key over
everything before the last dot. A bad one counts as no cookie.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable

from matchbook.hmacs import hmacs, signature

NAME = "mbid"
KEY_VERSION = 1

_FORM = re.compile(r"(1\.[0-9a-f]{32})\.([A-Za-z0-9_-]{22})")


def sign(cookie_key: bytes, visitor_id: str) -> str:
    """The cookie value for a visitor id of 32 lower hex digits."""
    signed = f"{KEY_VERSION}.{visitor_id}"
    (digest,) = hmacs(cookie_key, [signed.encode()])
    return f"{signed}.{signature(digest)}"


def verify(cookie_key: bytes, value: str) -> str | None:
    """The visitor id in a cookie value, or None when form or signature is wrong."""
    (visitor_id,) = verify_all(cookie_key, [value])
    return visitor_id


def verify_all(cookie_key: bytes, values: Iterable[str]) -> list[str | None]:
    """`verify` of many values."""
    forms = [match.groups() if match else ("", "") for match in map(_FORM.fullmatch, values)]
    digests = hmacs(cookie_key, [signed.encode() for signed, _ in forms])
    return [
        signed[2:] if hmac.compare_digest(signature(digest), given) else None
        for (signed, given), digest in zip(forms, digests, strict=True)
    ]
