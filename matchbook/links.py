"""Signatures of e-mail links: a contact id in a URL counts only if we put it there.

Without one, anybody could write another person's contact id into a click and be taken
for that person.
"""

from __future__ import annotations

import base64
import hmac


def sign_link(
    link_key: bytes, *, kind: str, client_id: str, contact: str, message: str, target: str = ""
) -> str:
    """22 characters: base64url of the first 16 bytes of HMAC-SHA256 over the parts.

    `kind` is "click" or "read"; `target` the landing URL of a click, unencoded.
    """
    signed = "\0".join((kind, client_id, contact, message, target)).encode()
    digest = hmac.digest(link_key, signed, "sha256")[:16]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
