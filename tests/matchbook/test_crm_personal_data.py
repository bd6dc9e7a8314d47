"""A file with raw personal data is refused whole, without a word of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crm_reading import A, attributes, read, records, refusal


@pytest.mark.parametrize(
    "name",
    ["email", "E-mail", "emailadres", "work email", "phone", "Telefoon", "telefoonnummer",
     "mobile", "contact phone number", "address", "adres", "straat", "street", "postcode",
     "postal code", "zip", "house number", "huisnummer", "first_name", "Last Name", "voornaam",
     "achternaam", "email2"],
)  # fmt: skip
def test_raw_columns_refuse_the_file(tmp_path: Path, name: str) -> None:
    refused = refusal(tmp_path, f"crm_record_id,{name}\n1,secret\n")
    assert refused.reason == "raw_personal_data"
    assert refused.erase_original
    assert "secret" not in str(refused)


@pytest.mark.parametrize("name", ["email_opt_in", "has_phone", "phone_model", "campaign_name"])
def test_columns_about_contacts_are_attributes(tmp_path: Path, name: str) -> None:
    file, _ = read(tmp_path, f"crm_record_id,{name}\n1,yes\n")
    assert list(file.attribute_types) == [name]


RAW_VALUES = (
    "jan@example.nl", "Jan <jan@example.nl>", "jan%40example.nl", "jörg@exämple.de",
    "+31 6 1234 5678", "+31612345678", "06-12345678", "06 12 34 56 78", "0031612345678",
    "(020) 123 4567", "bel 06-12345678", "+1 (209) 525-7564", "209-525-7564", "0612345678",
)  # fmt: skip


@pytest.mark.parametrize("value", RAW_VALUES)
@pytest.mark.parametrize(
    "place", ["attribute", "hash", "ragged", "header", "late", "misquoted", "control_char"]
)
def test_raw_values_anywhere_refuse_the_file(tmp_path: Path, value: str, place: str) -> None:
    rows = {
        "attribute": f"1,{A},{value}",
        "hash": f"1,{value},x",
        "ragged": f"1,{value}",
        "header": "",
        "misquoted": f'1,{A},y\n2,"{A}"x,"{value}"\n3,{A},"y"',
        "control_char": f'1,"{A}",y\n2,{A}\rx,{value}\n3,{A},y',
        "late": "\n".join([*(f"{i},{A},x" for i in range(300)), f"7,{A},{value}"]),
    }
    first = f"crm_record_id,email_sha256,{value if place == 'header' else 'note'}"
    refused = refusal(tmp_path, f"{first}\n{rows[place]}\n")
    assert refused.reason == "raw_personal_data"
    assert value not in str(refused)


@pytest.mark.parametrize("value", ["jan@example.nl", "+31612345678", "06-12345678", "0612345678"])
def test_contact_data_is_no_record_id(tmp_path: Path, value: str) -> None:
    assert refusal(tmp_path, f"crm_record_id\n{value}\n").reason == "raw_personal_data"


@pytest.mark.parametrize(
    "value",
    ["2026-11-21", "21-11-2026", "01-02-2024", "2026-11-21T03:10:00Z", "1234567890", "-3.25",
     "0.123456789", "0012345", "8710400000000", "0123456789012", "a@b", "@handle",
     "01/02/2024 10:30", "1,234,567", "192.168.10.1", "12:30", "5e-10", "€ 1.234.567,89",
     "+5", "00000000012"],
)  # fmt: skip
def test_numbers_dates_and_codes_are_no_phone_numbers(tmp_path: Path, value: str) -> None:
    _, batches = read(tmp_path, f'crm_record_id,note\n1,"{value}"\n')
    assert attributes(batches) == {"note": [value]}


def test_zeros_in_front_make_no_phone_number_of_an_id(tmp_path: Path) -> None:
    _, batches = read(tmp_path, "crm_record_id\n0123456789\n000012345678\n")
    assert len(records(batches)) == 2
