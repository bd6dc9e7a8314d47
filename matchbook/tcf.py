"""What a TC string (IAB Transparency and Consent Framework 2.3) allows our vendor to do.

Storing and reading the visitor cookie needs purpose 1 and consent to our vendor; nothing of
a string that is broken, outdated or expired is used. The library iab-tcf reads the fixed
fields. The vendor sections are read here: it reads on where a string ends, taking what is
not there for consent, can be kept busy for minutes by a short string, and leaves it to
its caller to ask whether our vendor was disclosed.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from iab_tcf import ConsentV2

MAX_LENGTH = 4096
"""Five times the longest string seen in use; longer ones are not looked at."""
MAX_AGE = timedelta(days=390)
"""Thirteen months, like the visitor cookie's: people are asked again by then (TCF policies)."""
OLDEST_POLICY = 4
"""Strings under older policies are invalid since 30 September 2023."""
PURPOSE = 1
"""Store or access information on a device."""

_FIXED_BITS = 213
_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")
_DISCLOSED_VENDORS = 1
_REQUIRE_CONSENT = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """`allows`, or why not; `is_refusal` when the person was asked about us and said no."""

    allows: bool
    reason: str | None = None
    """tc_unreadable | tc_outdated | consent_expired | tc_not_service_specific |
    tc_not_disclosed | tc_restricted | tc_no_purpose | tc_no_vendor"""
    is_refusal: bool = False


@dataclass(frozen=True, slots=True)
class _Said:
    verdict: Verdict
    last_updated: date | None = None


_UNREADABLE = Verdict(allows=False, reason="tc_unreadable")


def judge(text: str, vendor_id: int, at: datetime) -> Verdict:
    """What the string says at that moment, UTC. Never raises; takes less than 5 ms."""
    if len(text) > MAX_LENGTH:
        return _UNREADABLE
    said = _said(text, vendor_id)
    if said.last_updated is None:
        return said.verdict
    age = at.date() - said.last_updated
    if age < timedelta(days=-1):
        return _UNREADABLE  # from the future, so it is damaged or forged
    if age > MAX_AGE:
        return Verdict(allows=False, reason="consent_expired")
    return said.verdict


@lru_cache(maxsize=4096)
def _said(text: str, vendor_id: int) -> _Said:
    """What the string says whenever it is read."""
    try:
        core, *others = [_Bits(segment) for segment in text.split(".")]
        version = core.number(6)
        if version == 1:
            return _Said(Verdict(allows=False, reason="tc_outdated"))
        if version != 2:
            return _Said(_UNREADABLE)
        return _judged(core, others, vendor_id)
    except ValueError:
        return _Said(_UNREADABLE)


def _judged(core: _Bits, others: list[_Bits], vendor_id: int) -> _Said:
    fields = _fixed_fields(core)
    has_consent = _holds(core, vendor_id)
    _holds(core, vendor_id)  # legitimate interest, which purpose 1 does not know
    is_restricted = _is_restricted(core, vendor_id)
    core.end()
    disclosed = [
        _holds_only(segment, vendor_id)
        for segment in others
        if segment.number(3) == _DISCLOSED_VENDORS
    ]
    if fields.tcf_policy_version < OLDEST_POLICY or not disclosed:
        reason, is_refusal = "tc_outdated", False
    elif not fields.is_service_specific:
        reason, is_refusal = "tc_not_service_specific", False
    elif not all(disclosed):
        reason, is_refusal = "tc_not_disclosed", False
    elif is_restricted:
        reason, is_refusal = "tc_restricted", False
    elif not fields.is_purpose_allowed(PURPOSE):
        # Where the law does not ask for purpose 1, nobody was asked and nobody refused.
        reason, is_refusal = "tc_no_purpose", not fields.purpose_one_treatment
    elif not has_consent:
        reason, is_refusal = "tc_no_vendor", True
    else:
        return _Said(Verdict(allows=True), fields.last_updated.date())
    return _Said(Verdict(False, reason, is_refusal), fields.last_updated.date())


def _fixed_fields(core: _Bits) -> ConsentV2:
    """The fields before the vendor sections; the library is shown empty sections."""
    core.skip(_FIXED_BITS - 6)
    whole, rest = divmod(_FIXED_BITS, 8)
    last = core.data[whole] & (0xFF << (8 - rest)) & 0xFF
    return ConsentV2(core.data[:whole] + bytes([last]) + bytes(8))


def _holds(bits: _Bits, vendor_id: int) -> bool:
    """Whether a vendor section, a bit field or ranges, names the vendor."""
    highest = bits.number(16)
    if bits.number(1):
        return _in_ranges(bits, vendor_id)
    before = min(vendor_id - 1, highest)
    bits.skip(before)
    if before == highest:
        return False
    found = bits.number(1)
    bits.skip(highest - vendor_id)
    return bool(found)


def _holds_only(bits: _Bits, vendor_id: int) -> bool:
    found = _holds(bits, vendor_id)
    bits.end()
    return found


def _in_ranges(bits: _Bits, vendor_id: int) -> bool:
    found = False
    for _ in range(bits.number(12)):
        is_range = bits.number(1)
        first = bits.number(16)
        last = bits.number(16) if is_range else first
        if not 0 < first <= last:
            raise ValueError("not a range of vendors")
        found = found or first <= vendor_id <= last
    return found


def _is_restricted(bits: _Bits, vendor_id: int) -> bool:
    """Whether the publisher keeps the vendor from purpose 1 by consent."""
    found = False
    for _ in range(bits.number(12)):
        purpose, kind = bits.number(6), bits.number(2)
        applies = _in_ranges(bits, vendor_id)
        found = found or (applies and purpose == PURPOSE and kind != _REQUIRE_CONSENT)
    return found


class _Bits:
    """A segment's bits, never read beyond their end."""

    def __init__(self, segment: str) -> None:
        if _SEGMENT.fullmatch(segment) is None:
            raise ValueError("not base64url without padding")
        self.data = base64.urlsafe_b64decode(segment + "A" * (-len(segment) % 4))
        self._digits = f"{int.from_bytes(self.data):0{8 * len(self.data)}b}"
        self._at = 0
        self._length = 6 * len(segment)

    def number(self, bits: int) -> int:
        start = self._at
        self.skip(bits)
        return int(self._digits[start : self._at], 2)

    def skip(self, bits: int) -> None:
        self._at += bits
        if self._at > self._length:
            raise ValueError("ends early")

    def end(self) -> None:
        """Nothing but padding may follow."""
        if "1" in self._digits[self._at :]:
            raise ValueError("goes on after its end")
