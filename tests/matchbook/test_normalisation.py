"""Normalisation beyond the vectors: what is read, what is refused, and laws of all profiles."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from phonenumbers import is_possible_number_string

from matchbook.normalisation import REASONS, NotNormal, definition, normalise
from matchbook.normalisation.emails import email_form, is_address, is_address_by_library
from matchbook.normalisation.junk import is_junk_email, is_junk_phone
from matchbook.normalisation.phones import has_repaired_zero, phone_normaliser, read_by_library

PROFILES = definition()["profiles"]
EMAIL_PROFILES = [name for name, said in PROFILES.items() if "check" in said.get("email", {})]
PHONE_PROFILES = [n for n, said in PROFILES.items() if said.get("phone", {}).get("form")]


def result(field: str, raw: str, profile: str, region: str | None = None) -> str:
    """The normal form, or the reason in angle brackets."""
    try:
        return normalise(field, raw, profile=profile, region=region)
    except NotNormal as error:
        return f"<{error.reason}>"


@pytest.mark.parametrize("profile", EMAIL_PROFILES)
@pytest.mark.parametrize(
    "bad",
    ["", " ", "quinn", "a@b", "@b.nl", "...@gmail.com", "a@b@c.de", "a@.de", "a@b.",
     "a@b.c\x00d.nl", "a..b@c.nl", "a@b.test", "a@localhost", "a@b.1", "a@-b.nl",
     "x" * 65 + "@b.nl", "+a@"],
)  # fmt: skip
def test_no_address(profile: str, bad: str) -> None:
    assert result("email", bad, profile) == "<email_syntax>"


def test_quirks_of_the_sdk() -> None:
    assert result("email", "+a@x.io", "da_sdk_v1") == "<email_syntax>"
    assert result("email", "x@a+b.com", "da_sdk_v1") == "<email_syntax>"
    assert result("email", "a+b@x.io\n", "da_sdk_v1") == "a@x.io"


@pytest.mark.parametrize(
    ("given", "profile", "text"),
    [
        ("JaneSaoirse+Work@gmail.com", "uid2", "janesaoirse@gmail.com"),
        ("Jane.Saoirse@gmail.com", "uid2", "janesaoirse@gmail.com"),
        ("JaneSaoirse+Work@example.com", "uid2", "janesaoirse+work@example.com"),
        ("Jane.Saoirse@example.com", "uid2", "jane.saoirse@example.com"),
        ("Jane.Saoirse@googlemail.com", "uid2", "jane.saoirse@googlemail.com"),
        ("valéry@exämple.fr", "da_docs_v1", "valéry@exämple.fr"),
    ],
)
def test_rw19_dots_and_suffixes_by_domain(given: str, profile: str, text: str) -> None:
    assert result("email", given, profile) == text


@pytest.mark.parametrize(
    ("given", "region", "text"),
    [
        ("0612345678", None, "<normalisation>"),
        ("31612345678", None, "<normalisation>"),
        ("+31612345678", None, "31612345678"),
        ("0031 6 12345678", None, "31612345678"),
        ("612345678", "NL", "31612345678"),
        ("tel:+31-6-12345678", "NL", "31612345678"),
        ("06\u201112\u201134\u201156\u201178", "NL", "31612345678"),
        ("+31 (0) 6 12345678", "BE", "31612345678"),
        ("+34 (0)912345678", "NL", "34912345678"),
        ("+39 (0)6 12345678", "NL", "390612345678"),
        ("0470 12 34 56", "BE", "32470123456"),
        ("0171 2345678", "DE", "491712345678"),
        ("06 12 34 56 78", "FR", "33612345678"),
        ("07400 123456", "GB", "447400123456"),
        ("0011 31 6 12345678", "AU", "31612345678"),
        ("06123456789", "NL", "<phone_invalid>"),
        ("061234567", "NL", "<phone_invalid>"),
        ("06-FLOWERS", "NL", "<phone_invalid>"),
        ("jan@example.com", "NL", "<phone_invalid>"),
        ("+999 123456789", "NL", "<phone_invalid>"),
        ("", "NL", "<phone_invalid>"),
    ],
)
def test_phones(given: str, region: str | None, text: str) -> None:
    assert result("phone", given, "da_docs_v1", region) == text


def test_a_zero_in_brackets_is_told() -> None:
    assert has_repaired_zero("+31 (0)6 12345678")
    assert has_repaired_zero("0031( 0 )6 12345678")
    assert not has_repaired_zero("(0)6 12345678")
    assert not has_repaired_zero("+31 6 12345678")


def test_numbers_of_all_regions(public_data: Path) -> None:
    """libphonenumber's examples, as written internationally, as a URI, and inside the region."""
    with (public_data / "h06_phone" / "examples_hand.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) > 700
    misread = [
        (row["region"], row["type"], column)
        for row in rows
        for column in ("e164", "international", "rfc3966", "national")
        if is_possible_number_string(row["e164"], None) and row["validity"] == "valid"
        if result("phone", row[column], "google", row["region"]) != row["e164"]
    ]
    assert misread == []


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ("NL|NL-1012 JM|1", "NL|1012JM|1|"),
        ("Nederland|1012JM|1|2-hoog", "NL|1012JM|1|2HOOG"),
        ("BE|B-1000|12|bus 3", "BE|1000|12|3"),
        ("België|1000|12 bte 3|", "BE|1000|12|3"),
        ("DE|D-10115|12a", "DE|10115|12|A"),
        ("FR|75001|12 bis|", "FR|75001|12|BIS"),
        ("UK|sw1a 1aa|10|", "GB|SW1A1AA|10|"),
        ("PL|00-950|3|", "PL|00-950|3|"),
        ("BE|0999|1", "<postal_code>"),
        ("DE|1011|1", "<postal_code>"),
        ("FR|7500|1", "<postal_code>"),
        ("GB|1234|1", "<postal_code>"),
        ("NL|1234 SA|1", "<postal_code>"),
        ("NL|1012JM|0", "<house_number>"),
        ("NL|1012JM|Rose Cottage", "<house_number>"),
        ("oz|1012JM|1", "OZ|1012JM|1|"),
        ("|1012JM|1", "<normalisation>"),
        ("1012JM|1", "<postal_form>"),
        ("N1|1012JM|1", "<country>"),
    ],
)
def test_postal(parts: str, text: str) -> None:
    assert result("postal", parts, "matchbook_v1") == text


def test_rw18_a_default_country_stands_in() -> None:
    assert result("postal", "|1012JM|1", "matchbook_v1", "NL") == "NL|1012JM|1|"
    assert result("phone", "0612345678", "da_docs_v1", "NL") == "31612345678"


def test_junk() -> None:
    assert is_junk_email("test@customer.nl")
    assert is_junk_email("test+1@customer.nl")
    assert not is_junk_email("testa@customer.nl")
    assert is_junk_phone("31600000000")
    assert not is_junk_phone("31612345678")


SPELT = st.text("aZ0.+-_@ éß", max_size=14)
LOOSE = st.one_of(st.emails(), st.builds("{}@{}.nl".format, SPELT, SPELT), SPELT)
NUMBER = st.text("0123456789+() -/", max_size=18)


@pytest.mark.parametrize("profile", EMAIL_PROFILES)
@given(raw=LOOSE)
def test_emails_once_is_as_good_as_twice(profile: str, raw: str) -> None:
    text = result("email", raw, profile)
    assert text.startswith("<") or result("email", text, profile) == text


@pytest.mark.parametrize("profile", EMAIL_PROFILES)
@given(raw=st.text("abCD09.+-_@ ", max_size=20))
def test_emails_whatever_their_case(profile: str, raw: str) -> None:
    assert result("email", raw.upper(), profile) == result("email", raw.lower(), profile)


@given(raw=LOOSE)
@example(raw="a@b.test")
@example(raw="a_b-c+d@e-f.gh")
def test_the_short_cut_for_emails_is_narrower_than_the_library(raw: str) -> None:
    text = email_form("da_docs_v1")(raw)
    assert is_address(text) == is_address_by_library(text)


@pytest.mark.parametrize("profile", PHONE_PROFILES)
@given(raw=st.one_of(NUMBER, st.from_regex(r"0[1-9][0-9]{8}", fullmatch=True)))
def test_phones_once_is_as_good_as_twice(profile: str, raw: str) -> None:
    if PROFILES[profile]["phone"]["form"] == "national":
        return
    text = result("phone", raw, profile, "NL")
    again = text if text.startswith("+") else "+" + text
    assert text.startswith("<") or result("phone", again, profile, "NL") == text


@given(raw=st.from_regex(r"(\+31|0031|0)[ -]?[1-9]([ -]?[0-9]){8}", fullmatch=True))
def test_the_short_cut_for_phones_agrees_with_the_library(raw: str) -> None:
    short = phone_normaliser("da_docs_v1", "NL")(raw)
    try:
        country, national = read_by_library(raw, "NL")
    except NotNormal:
        country, national = "31", "unread"
    assert short == country + national


@given(
    code=st.from_regex(r"[1-9][0-9]{3} ?[A-Za-z]{2}", fullmatch=True),
    number=st.text("0123456789aB -", max_size=8),
    extension=st.text("aB-12 ", max_size=5),
)
def test_postal_once_is_as_good_as_twice(code: str, number: str, extension: str) -> None:
    text = result("postal", f"nl|{code}|{number}|{extension}", "matchbook_v1")
    assert result("postal", f"NL|{code.upper()}|{number.upper()}|{extension.lower()}",
                  "matchbook_v1") == text  # fmt: skip
    assert text.startswith("<") or result("postal", text, "matchbook_v1") == text


@given(raw=st.text(max_size=40), region=st.sampled_from([None, "NL", "GB"]))
def test_nothing_else_is_raised_and_nothing_is_quoted(raw: str, region: str | None) -> None:
    for profile, fields in PROFILES.items():
        for field in set(fields) - {"source"}:
            told = result(field, raw, profile, region)
            assert not told.startswith("<") or told[1:-1] in {*REASONS, raw.strip()[1:-1]}
