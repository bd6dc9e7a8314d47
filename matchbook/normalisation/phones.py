"""Telephone numbers, read by libphonenumber and written in a profile's form.

The region is the client's default country: without one, only numbers that say their country
are read. Nothing is dialled or looked up.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    ValidationResult,
    country_code_for_region,
    is_possible_number_with_reason,
    is_valid_number,
    national_significant_number,
    parse,
)

from matchbook.normalisation.definition import definition, rules
from matchbook.normalisation.refusal import NotNormal

_RULES = definition()["phone"]
_LABEL = re.compile(_RULES["label"])
_SEPARATORS = re.compile(_RULES["separators"])
_LETTERS = re.compile(_RULES["letters"])
_INTERNATIONAL = re.compile(_RULES["international"])
_ZERO = re.compile(_RULES["zero"])


@cache
def phone_normaliser(profile: str, region: str | None) -> Callable[[str], str]:
    """A function from a raw number to its normal form; it raises NotNormal."""
    said = rules(profile, "phone")
    read = _reader(region)
    write = _FORMS[said["form"]]
    wholes = {c: re.compile(p) for c, p in said.get("whole_by_country", {}).items()}

    def normalise(raw: str) -> str:
        country, national = read(raw)
        text = write(country, national)
        if country in wholes and not wholes[country].fullmatch(text):
            raise NotNormal("phone_invalid")
        return text

    return normalise


def has_repaired_zero(raw: str) -> bool:
    """Whether a number was given as +31 (0)6…: read without the zero, and worth a remark."""
    return _ZERO.search(raw) is not None and _INTERNATIONAL.match(raw) is not None


def read_by_library(raw: str, region: str | None) -> tuple[str, str]:
    """Country calling code and national number. Raises NotNormal."""
    text = _LABEL.sub("", raw.strip())
    if _LETTERS.search(text):
        raise NotNormal("phone_invalid")
    number = _international(text) if _INTERNATIONAL.match(text) else None
    if number is None and region is None:
        raise NotNormal("phone_invalid" if _INTERNATIONAL.match(text) else "normalisation")
    number = number or _national(text, region or "")
    if number is None:
        raise NotNormal("phone_invalid")
    return str(number.country_code), national_significant_number(number)


def _reader(region: str | None) -> Callable[[str], tuple[str, str]]:
    """The library, and before it the short cut for the plain numbers of some regions."""
    plain = _RULES["plain"].get(region)
    if plain is None:
        return lambda raw: read_by_library(raw, region)
    whole, country = re.compile(plain["whole"]), plain["country"]

    def read(raw: str) -> tuple[str, str]:
        found = whole.fullmatch(raw) or whole.fullmatch(_SEPARATORS.sub("", raw))
        if found is None or _ZERO.search(raw):
            return read_by_library(raw, region)
        return country, found[1]

    return read


def _international(text: str) -> PhoneNumber | None:
    """With + or 00 in front. libphonenumber drops a (0) where the country has one to drop."""
    dialled = text.strip(" (")
    dialled = "+" + dialled[2:] if dialled.startswith("00") else dialled
    return _possible(dialled, None) or _possible(_ZERO.sub("", dialled), None)


def _national(text: str, region: str) -> PhoneNumber | None:
    """As dialled inside the region, or with its country code but no plus."""
    number = _possible(text, region)
    if number is not None and is_valid_number(number):
        return number
    digits = _SEPARATORS.sub("", text)
    if digits.startswith(str(country_code_for_region(region))):
        return _possible("+" + digits, None) or number
    return number


def _possible(text: str, region: str | None) -> PhoneNumber | None:
    try:
        number = parse(text, region)
    except NumberParseException:
        return None
    # Not one that is dialled only inside its own town: elsewhere the same digits are another.
    is_whole = is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    return number if is_whole or is_valid_number(number) else None


def is_region(text: str) -> bool:
    """Whether libphonenumber knows a country of this code."""
    return country_code_for_region(text) != 0


_FORMS: dict[str, Callable[[str, str], str]] = {
    "digits": lambda country, national: country + national,
    "e164": lambda country, national: f"+{country}{national}",
    "national": lambda country, national: national,
}
