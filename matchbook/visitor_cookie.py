"""The visitor cookie `mbid`: `<key version>.<32 lower hex>.<22 characters>`.

The last part is base64url of the first 16 bytes of HMAC-SHA256 under the cookie key over
everything before the last dot. A bad one counts as no cookie.
"""

from __future__ import annotations

import base64
import hmac
import re
from functools import lru_cache

NAME = "mbid"
KEY_VERSION = 1

_FORM = re.compile(r"(1\.[0-9a-f]{32})\.([A-Za-z0-9_-]{22})")


def sign(cookie_key: bytes, visitor_id: str) -> str:
    """The cookie value for a visitor id of 32 lower hex digits."""
    signed = f"{KEY_VERSION}.{visitor_id}"
    return f"{signed}.{_signature(cookie_key, signed)}"


def verify(cookie_key: bytes, value: str) -> str | None:
    """The visitor id in a cookie value, or None when form or signature is wrong."""
    match = _FORM.fullmatch(value)
    if match is None:
        return None
    signed, signature = match.groups()
    if not hmac.compare_digest(_signature(cookie_key, signed), signature):
        return None
    return signed[2:]


def _signature(cookie_key: bytes, signed: str) -> str:
    keyed = _keyed(cookie_key).copy()
    keyed.update(signed.encode())
    return base64.urlsafe_b64encode(keyed.digest()[:16]).rstrip(b"=").decode()


@lru_cache(maxsize=4)
def _keyed(cookie_key: bytes) -> hmac.HMAC:
    """The key, taken in once: one signature then costs a microsecond, in the caller's thread."""
    return hmac.new(cookie_key, digestmod="sha256")
