"""TC strings made for tests: any field wrong, vendors as bits or as ranges."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime

VENDOR = 20
GIVEN = date(2026, 1, 1)
ALLOW = "CQdWToAQdWToAABABANLBkFgALAAAAAAABpYAMAAAEAAAAAA.IAMAAAEA"
FIXTURES = {
    "allow": (ALLOW, None, False),
    "no-purpose-1": (
        "CQdWToAQdWToAABABANLBkFgADAAAAAAABpYAMAAAEAAAAAA.IAMAAAEA", "tc_no_purpose", True,
    ),
    "no-vendor": (
        "CQdWToAQdWToAABABANLBkFgALAAAAAAABpYAMAAAIAAAAAA.IAMAAAMA", "tc_no_vendor", True,
    ),
    "not-disclosed": (
        "CQdWToAQdWToAABABANLBkFgALAAAAAAABpYAMAAAEAAAAAA.IAMAAAIA", "tc_not_disclosed", False,
    ),
    "policy-2": (
        "CQdWToAQdWToAABABANLBkCgALAAAAAAABpYAMAAAEAAAAAA.IAMAAAEA", "tc_outdated", False,
    ),
    "not-service-specific": (
        "CQdWToAQdWToAABABANLBkFAALAAAAAAABpYAMAAAEAAAAAA.IAMAAAEA",
        "tc_not_service_specific", False,
    ),
}  # fmt: skip
"""Written down in the reference: string, reason for vendor 20, whether it is a refusal."""

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

Ranges = Iterable[tuple[int, int]]


def tc_string(
    *,
    version: int = 2,
    given: date = GIVEN,
    policy: int = 5,
    is_service_specific: bool = True,
    purposes: Collection[int] = (1, 3, 4),
    purpose_one_treatment: bool = False,
    vendors: Collection[int] = (VENDOR,),
    as_ranges: bool = False,
    restrictions: Iterable[tuple[int, int, Ranges]] = (),
    disclosed: Collection[int] | None = (VENDOR,),
) -> str:
    """A string that allows vendor 20 unless told otherwise.

    A restriction is a purpose, a kind and ranges of vendors.
    """
    seconds = int(datetime(given.year, given.month, given.day, tzinfo=UTC).timestamp())
    listed = list(restrictions)
    core = (
        _number(version, 6) + _number(seconds * 10, 36) * 2
        + _number(1, 12) + _number(1, 12) + _number(0, 6) + _letters("NL") + _number(100, 12)
        + _number(policy, 6) + _number(is_service_specific, 1) + _number(0, 1 + 12)
        + _bits(purposes, 24) + _number(0, 24) + _number(purpose_one_treatment, 1)
        + _letters("NL") + vendor_section(vendors, as_ranges=as_ranges) + vendor_section(())
        + _number(len(listed), 12)
        + "".join(_number(p, 6) + _number(kind, 2) + _ranges(r) for p, kind, r in listed)
    )  # fmt: skip
    segments = [encoded(core)]
    if disclosed is not None:
        segments.append(encoded(_number(1, 3) + vendor_section(disclosed, as_ranges=as_ranges)))
    return ".".join(segments)


def vendor_section(vendors: Collection[int], *, as_ranges: bool = False) -> str:
    """The bits of one list of vendors."""
    highest = _number(max(vendors, default=0), 16)
    if as_ranges:
        return highest + "1" + _ranges((v, v) for v in sorted(vendors))
    return highest + "0" + _bits(vendors, max(vendors, default=0))


def encoded(bits: str) -> str:
    """Base64url, six bits a character."""
    whole = bits + "0" * (-len(bits) % 6)
    return "".join(_ALPHABET[int(whole[n : n + 6], 2)] for n in range(0, len(whole), 6))


def flipped(text: str, bit: int) -> str:
    """The string with one bit of one character turned over."""
    place, mask = divmod(bit, 6)
    if text[place] == ".":
        return text
    found = _ALPHABET[_ALPHABET.index(text[place]) ^ (1 << mask)]
    return text[:place] + found + text[place + 1 :]


def _ranges(ranges: Ranges) -> str:
    listed = list(ranges)
    parts = [
        "0" + _number(first, 16) if first == last else "1" + _number(first, 16) + _number(last, 16)
        for first, last in listed
    ]
    return _number(len(listed), 12) + "".join(parts)


def _bits(chosen: Collection[int], width: int) -> str:
    return "".join("1" if n in chosen else "0" for n in range(1, width + 1))


def _number(value: int, width: int) -> str:
    return f"{value:0{width}b}"


def _letters(text: str) -> str:
    return "".join(_number(ord(letter) - ord("A"), 6) for letter in text)
