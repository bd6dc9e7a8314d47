"""Identifier keys: what becomes of a SHA-256 hash when it lands.

A hash never reaches the warehouse. It is replaced by an identifier key, an HMAC under
the instance's key, so that a stolen warehouse cannot be tried against a phone book.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Iterable

from matchbook.hmacs import hmacs
from matchbook.keys import Keys

IDENTIFIER_TYPES = ("email", "phone", "postal")

EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of nothing: what a careless export makes of an empty cell. Joins strangers."""

_OTHER_HASH = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{40}")
"""MD5 and SHA-1, which partners cannot take and anybody can invert."""

_HEX = re.compile(r"[0-9a-fA-F]{64}")


def canonical_sha256(text: str) -> str | None:
    """A SHA-256 as 64 lower hex digits from hex of any case or base64; None if it is neither."""
    text = text.strip()
    if _HEX.fullmatch(text):
        return text.lower()
    if len(text) not in (43, 44):
        return None
    try:
        standard = text.replace("-", "+").replace("_", "/") + "=" * (44 - len(text))
        raw = base64.b64decode(standard, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw.hex() if len(raw) == 32 else None


def identifier_key(keys: Keys, identifier_type: str, sha256_hex: str) -> str:
    """The current identifier key, 64 lower hex digits, of one canonical hash."""
    return key_versions(keys, identifier_type, sha256_hex)[-1]


def key_versions(keys: Keys, identifier_type: str, value: str, *, above: int = 0) -> list[str]:
    """What a canonical hash, or its key of version `above`, is in each later version."""
    prefix, found = identifier_type.encode() + b"\0", [bytes.fromhex(value)]
    for key in keys.identifiers[above:]:
        found.append(hmac.digest(key, prefix + found[-1], "sha256"))
    return [key.hex() for key in found[1:]]


def identifier_keys(keys: Keys, identifier_type: str, hashes: Iterable[str]) -> list[str]:
    """`identifier_key` of many canonical hashes, in their order."""
    values = list(map(bytes.fromhex, hashes))
    return [key.hex() for key in key_digests(keys, identifier_type, values)]


def key_digests(keys: Keys, identifier_type: str, digests: Iterable[bytes]) -> list[bytes]:
    """`identifier_key` of many hashes, both as their 32 bytes, in their order."""
    for key in keys.identifiers:
        digests = hmacs(key, digests, prefix=identifier_type.encode() + b"\0")
    return list(digests)


def hash_problem(text: str) -> str:
    """Why a text that is no canonical SHA-256 is refused: `bad_hash_algo` or `bad_hash`."""
    return "bad_hash_algo" if _OTHER_HASH.fullmatch(text.strip()) else "bad_hash"


def key_version(keys: Keys) -> int:
    """The version that `identifier_key` makes: version n wraps the key of version n − 1."""
    return len(keys.identifiers)
