"""Identifier keys: what becomes of a SHA-256 hash when it lands.

A hash never reaches the warehouse. It is replaced by an identifier key, an HMAC under
the instance's key, so that a stolen warehouse cannot be tried against a phone book.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re

from matchbook.keys import Keys

IDENTIFIER_TYPES = ("email", "phone", "postal")

EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of nothing: what a careless export makes of an empty cell. Joins strangers."""

_HEX = re.compile(r"[0-9a-fA-F]{64}")


def canonical_sha256(text: str) -> str | None:
    """A SHA-256 as 64 lower hex digits from hex of any case or base64; None if it is neither."""
    text = text.strip()
    if _HEX.fullmatch(text):
        return text.lower()
    if len(text) not in (43, 44):
        return None
    try:
        raw = base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (44 - len(text)))
    except (binascii.Error, ValueError):
        return None
    return raw.hex() if len(raw) == 32 else None


def identifier_key(keys: Keys, identifier_type: str, sha256_hex: str) -> str:
    """The current identifier key, 64 lower hex digits, of one canonical hash."""
    prefix = identifier_type.encode() + b"\0"
    value = bytes.fromhex(sha256_hex)
    for key in keys.identifiers:
        value = hmac.digest(key, prefix + value, "sha256")
    return value.hex()


def key_version(keys: Keys) -> int:
    """The version that `identifier_key` makes: version n wraps the key of version n − 1."""
    return len(keys.identifiers)
