"""Which telephone numbers the pixel takes: those it surely writes as the profiles do.

It has no libphonenumber. A number it might write otherwise would be a key that meets no other,
so of other countries it takes none.
"""

from __future__ import annotations

from functools import cache

from phonenumbers import PhoneMetadata

from matchbook.normalisation import definition, rules

MARKETS = ("NL", "BE", "DE", "FR", "GB")
LEAST_DIGITS, MOST_DIGITS = 7, 15
"""Of the national number, without its zero; shorter ones are no subscriber's."""


@cache
def phone_settings(region: str) -> dict[str, str]:
    """The calling code of national numbers, empty if there are none it can read, and all forms."""
    regions = list(dict.fromkeys((*MARKETS, *([region] if _begins_with_zero(region) else []))))
    own = str(_metadata(region).country_code) if region in regions else ""
    return {"country": own, "phones": "|".join(map(_form, regions))}


def _form(region: str) -> str:
    """Digits with country code as a pattern: the profile's own, or by libphonenumber's lengths."""
    country = str(_metadata(region).country_code)
    said = rules(definition()["hashed_with"]["phone"][0], "phone")
    if own := said.get("whole_by_country", {}).get(country):
        return str(own).replace("[0-9]", r"\d")
    described = _metadata(region).general_desc
    assert described is not None
    allowed = range(LEAST_DIGITS, MOST_DIGITS - len(country) + 1)
    least, most = _longest_run([n for n in described.possible_length if n in allowed])
    return rf"{country}[1-9]\d{{{least - 1},{most - 1}}}"


def _longest_run(lengths: list[int]) -> tuple[int, int]:
    """The first and last of the most lengths that follow on each other."""
    runs = [
        [n for n in lengths if set(range(start, n + 1)) <= set(lengths) and n >= start]
        for start in lengths
    ]
    longest = max(runs, key=len)
    return longest[0], longest[-1]


def _begins_with_zero(region: str) -> bool:
    """Whether national numbers have a zero in front that goes, and nothing else does."""
    metadata = PhoneMetadata.metadata_for_region(region)
    return metadata is not None and metadata.national_prefix_for_parsing == "0"


def _metadata(region: str) -> PhoneMetadata:
    found = PhoneMetadata.metadata_for_region(region)
    assert found is not None
    return found
