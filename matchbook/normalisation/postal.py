"""Postal addresses as country|postcode|house number|extension.

NL first: the postcode without SA, SD and SS, the house number without leading zeros, the
extension in upper-case letters and digits (reference: partners 1.3, a proposal of ours).
Countries without rules of their own get a generic check.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from matchbook.normalisation.definition import country_codes, definition
from matchbook.normalisation.refusal import NotNormal

_RULES = definition()["postal"]
_SPACE = re.compile(definition()["space"])
_NUMBER = re.compile(_RULES["number"]["whole"], re.DOTALL)
_DROPPED = re.compile(_RULES["extension_keeps"])
_COUNTRY = re.compile("[A-Z]{2}")


def postal_key(
    country: str, postcode: str, house_number: str, extension: str = "", *, region: str | None
) -> str:
    """The text that is hashed. `region` stands in for an empty country. Raises NotNormal."""
    rules = _country_rules(_country(country, region))
    number = _NUMBER.fullmatch(_packed(house_number))
    if number is None:
        raise NotNormal("house_number")
    extension = _DROPPED.sub("", (number[2] or "") + _packed(extension))
    code = rules.postcode(_packed(postcode))
    return f"{rules.country}|{code}|{number[1]}|{rules.extension(extension)}"


def postal_key_of(text: str, *, region: str | None) -> str:
    """The same of the parts in one text, put between bars."""
    parts = text.split("|")
    if not 3 <= len(parts) <= 4:
        raise NotNormal("postal_form")
    return postal_key(*parts, region=region)


@dataclass(frozen=True)
class _CountryRules:
    country: str
    postcode: Callable[[str], str]
    extension: Callable[[str], str]


@cache
def _country_rules(country: str) -> _CountryRules:
    said = _RULES["countries"].get(country, _RULES["other"])
    whole = re.compile(said["whole"])
    remove, refused = _pattern(said.get("remove")), _pattern(said.get("not"))
    without = _pattern(said.get("extension_without"))

    def postcode(text: str) -> str:
        code = remove.sub("", text) if remove else text
        if not whole.fullmatch(code) or (refused and refused.fullmatch(code)):
            raise NotNormal("postal_code")
        return code

    return _CountryRules(country, postcode, lambda text: without.sub("", text) if without else text)


@cache
def _country(text: str, region: str | None) -> str:
    """ISO code of a country given by code or name."""
    text = text.strip()
    if not text:
        if region is None:
            raise NotNormal("normalisation")
        return region
    code = country_codes().get(text.lower(), text.upper())
    if not _COUNTRY.fullmatch(code):
        raise NotNormal("country")
    return code


def _packed(text: str) -> str:
    return _SPACE.sub("", text).upper()


def _pattern(text: str | None) -> re.Pattern[str] | None:
    return re.compile(text) if text else None
