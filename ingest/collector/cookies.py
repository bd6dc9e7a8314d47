"""Our cookie: which visitor it names, and how it is set. Design section 6.

A partitioned cookie gives each site its own visitor id. Browsers do not say which of two
cookies of one name is the partitioned one, so the last digit of its visitor id does: `f`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from functools import lru_cache

from matchbook import visitor_cookie
from matchbook.keys import Ring

MAX_AGE = 33_696_000
"""13 months of 30 days; a visit does not prolong it."""

_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=None"
_PARTITIONED_DIGIT = "f"
_LENGTH = len("1.") + 32 + len(".") + 22


def visitor_of(cookie_keys: Ring, cookies: Iterable[str]) -> str | None:
    """The visitor of the first validly signed cookie; an unpartitioned one goes first."""
    partitioned = None
    for cookie in cookies:
        visitor_id = _verified(cookie_keys, cookie) if len(cookie) == _LENGTH else None
        if visitor_id is None:
            continue
        if visitor_id[-1] != _PARTITIONED_DIGIT:
            return visitor_id
        partitioned = partitioned or visitor_id
    return partitioned


@lru_cache(maxsize=16_384)
def _verified(cookie_keys: Ring, cookie: str) -> str | None:
    """A page fires several calls, each with the same cookie."""
    return visitor_cookie.verify(cookie_keys, cookie)


def fresh_visitor(*, partitioned: bool) -> str:
    """A new random visitor id."""
    digits = secrets.token_hex(16)
    if partitioned:
        return digits[:-1] + _PARTITIONED_DIGIT
    return digits[:-1] + "0123456789abcde"[int(digits[-1], 16) % 15]


def setting(cookie_keys: Ring, visitor_id: str, *, partitioned: bool) -> str:
    """The Set-Cookie value for a visitor."""
    value = visitor_cookie.sign(cookie_keys, visitor_id)
    return (
        f"{visitor_cookie.NAME}={value}; Max-Age={MAX_AGE}; {_ATTRIBUTES}"
        f"{'; Partitioned' if partitioned else ''}"
    )


def opt_out() -> tuple[str, ...]:
    """Set-Cookie values that remember an opt-out, in either jar."""
    return _in_both(f"mb_optout=1; Max-Age={MAX_AGE}; {_ATTRIBUTES}")


def opt_in() -> tuple[str, ...]:
    """Set-Cookie values that forget an opt-out."""
    return _in_both(f"mb_optout=; Max-Age=0; {_ATTRIBUTES}")


def deletion() -> tuple[str, ...]:
    """Set-Cookie values that delete our cookie."""
    return _in_both(f"{visitor_cookie.NAME}=; Max-Age=0; {_ATTRIBUTES}")


def _in_both(cookie: str) -> tuple[str, ...]:
    return (cookie, f"{cookie}; Partitioned")
