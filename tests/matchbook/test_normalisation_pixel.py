"""The pixel's own small rules write what the profiles write; differences are named here.

What the pixel makes of these values is checked in a browser by test_pixel_identify.
"""

from __future__ import annotations

import pytest
from phonenumbers import region_code_for_country_code

from matchbook.normalisation import NotNormal, normalise
from tests.browser.test_pixel_identify import ADDRESSES, EMAILS, PHONES

PROFILES_READ_MORE = {("612345678", None), ("+310612345678", None)}
"""libphonenumber repairs a zero too few or too many, which the pixel refuses."""

PIXEL_READS_MORE = {"x@a+b.com"}
"""The pixel does not look into domains."""


def forms(field: str, raw: str, *profiles: str, region: str | None = None) -> list[str]:
    found = []
    for profile in profiles:
        try:
            text = normalise(field, raw, profile=profile, region=region)
        except NotNormal:
            continue
        if text not in found:
            found.append(text)
    return found


@pytest.mark.parametrize("raw", sorted(set(EMAILS) - PIXEL_READS_MORE))
def test_emails(raw: str) -> None:
    assert forms("email", raw, "da_docs_v1", "da_sdk_v1") == EMAILS[raw]


@pytest.mark.parametrize("raw", sorted(PIXEL_READS_MORE))
def test_emails_that_only_the_pixel_takes(raw: str) -> None:
    assert forms("email", raw, "da_docs_v1", "da_sdk_v1") == []


@pytest.mark.parametrize("given", sorted(set(PHONES) - PROFILES_READ_MORE, key=str))
def test_phones(given: tuple[str, str | None]) -> None:
    raw, country = given
    region = region_code_for_country_code(int(country or 31))
    text = PHONES[given]
    assert forms("phone", raw, "da_docs_v1", region=region) == ([text] if text else [])


@pytest.mark.parametrize("given", sorted(PROFILES_READ_MORE, key=str))
def test_phones_that_only_the_profiles_take(given: tuple[str, str | None]) -> None:
    assert PHONES[given] is None
    assert forms("phone", given[0], "da_docs_v1", region="NL") == ["31612345678"]


@pytest.mark.parametrize("raw", ADDRESSES)
def test_addresses(raw: str) -> None:
    text = ADDRESSES[raw]
    assert forms("postal", raw, "matchbook_v1") == ([text] if text else [])
