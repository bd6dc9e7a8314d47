"""A stable random share of people: the same in SQL and here.

A member's key is a hash already; it is mixed with the salt by a universal hash
(a·x + b mod p, Carter and Wegman 1979), which every engine computes in 64 bits.
"""

from __future__ import annotations

import hashlib

PRIME = 2**31 - 1

KEYS = 2**60
"""Member keys lie below: 15 hex digits of a hash."""

SAMPLE_SHARE = 0.05
SAMPLE_BELOW = int(KEYS * SAMPLE_SHARE)
"""Estimates look at members with a lower key: always the same, and hashes are in no order."""


def mixing(salt: str) -> tuple[int, int]:
    """The two numbers a salt stands for: 1 ≤ a < PRIME and 0 ≤ b < PRIME."""
    digest = hashlib.sha256(salt.encode()).digest()
    first, second = (int.from_bytes(digest[at : at + 8], "big") for at in (0, 8))
    return 1 + first % (PRIME - 1), second % PRIME


def threshold(percent: float) -> int:
    """A person is in the share when their draw is below it."""
    return round(PRIME * percent / 100)


def draw(member_key: int, salt: str) -> int:
    """A person's number for this salt, 0 ≤ draw < PRIME."""
    factor, offset = mixing(salt)
    return (member_key % PRIME * factor + offset) % PRIME


def in_share(member_key: int, salt: str, percent: float) -> bool:
    """Whether a person is in the share, as SQL says too."""
    return draw(member_key, salt) < threshold(percent)
