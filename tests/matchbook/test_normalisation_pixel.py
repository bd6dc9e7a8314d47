"""The pixel's own small rules write what the profiles write; differences are named here.

What the pixel makes of these values is checked in a browser by test_pixel_identify.
"""

from __future__ import annotations

import pytest
from phonenumbers import region_code_for_country_code

from matchbook.normalisation import NotNormal, normalise
from tests.browser.test_pixel_identify import ADDRESSES, EMAILS, PHONES

ONLY_PROFILES_TAKE_PHONES = {given for given, text in PHONES.items() if text is None}
ONLY_PROFILES_TAKE = {raw for raw in ADDRESSES if raw.startswith(("BE|B-", "België"))}
"""What the pixel refuses though a profile may read it: it has no libphonenumber and no names."""


def forms(field: str, raw: str, *profiles: str, region: str | None = None) -> list[str]:
    found: list[str] = []
    for profile in profiles:
        try:
            text = normalise(field, raw, profile=profile, region=region)
        except NotNormal:
            if not found:
                break  # what the first rule refuses is hashed by no other
            continue
        if text not in found:
            found.append(text)
    return found


@pytest.mark.parametrize("raw", EMAILS)
def test_emails(raw: str) -> None:
    assert forms("email", raw, "da_docs_v1", "da_sdk_v1") == EMAILS[raw]


@pytest.mark.parametrize("given", sorted(set(PHONES) - ONLY_PROFILES_TAKE_PHONES, key=str))
def test_phones(given: tuple[str, int | str | None]) -> None:
    raw, country = given
    region = region_code_for_country_code(int(country or 31))
    assert forms("phone", raw, "da_docs_v1", region=region) == [PHONES[given]]


@pytest.mark.parametrize("raw", sorted(set(ADDRESSES) - ONLY_PROFILES_TAKE))
def test_addresses(raw: str) -> None:
    text = ADDRESSES[raw]
    assert forms("postal", raw, "matchbook_v1", region="NL") == ([text] if text else [])
