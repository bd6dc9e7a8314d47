"""Files as they come: encodings, quotes, workbooks, and what of them is left out."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from matchbook.identifiers import EMPTY_SHA256
from tests.browser.hasher import hashed, hasher_page
from tests.browser.workbooks import workbook

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("browser")]

HASH = "ab" * 32


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with hasher_page(browser) as opened:
        yield opened


def rows(found: dict[str, str]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(found["text"], newline="")))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(page: Page, encoding: str, line_end: str) -> None:
    text = f"id;email;plaats{line_end}C-1;a@mail.example;Zoë{line_end}C-2;b@mail.example;Ås"
    found = rows(hashed(page, text.encode(encoding)))
    assert [(row["crm_record_id"], row["plaats"]) for row in found] == [
        ("C-1", "Zoë"),
        ("C-2", "Ås"),
    ]


def test_a_large_file_has_no_seams(page: Page) -> None:
    """Pieces of the file end within rows, quotes and characters."""
    lines = [f'C-{n},c{n}@mail.example,"é""{n},\n{"ü" * (n % 97)}"' for n in range(30_000)]
    content = "\n".join(["id,email,note", *lines]).encode()
    assert len(content) > 3 << 20
    found = hashed(page, content)
    assert found["account"]["accepted"] == 30_000
    notes = [row["note"] for row in rows(found)]
    assert notes == [f'é"{n}, {"ü" * (n % 97)}'.strip() for n in range(30_000)]


def test_what_is_left_out_is_named_by_line_and_never_by_value(page: Page) -> None:
    content = (
        "id,email,phone,note\n"
        "C-1,a@mail.example,,ok\n"
        ",b@mail.example,,no id\n"
        'C-3,secret-value,,"two\nlines"\n'
        "C-4,test@mail.example,06 00 00 00 01,junk beside a number\n"
        "C-5,e@mail.example,,call f@mail.example\n"
        "g@mail.example,g@mail.example,,\n"
        "C-8,h@mail.example\n"
        f"{HASH},i@mail.example,,\n"
        'C-10,"open,,\n'
        "C-11,j@mail.example,,last\n"
    )
    found = hashed(page, content.encode())
    reasons = list(csv.reader(found["remarks"].splitlines()))[1:]
    assert reasons == [
        ["11", "quote", ""],
        ["3", "missing_record_id", ""],
        ["4", "email_syntax", ""],
        ["6", "junk_email", "email"],
        ["7", "personal_attribute", "note"],
        ["8", "personal_record_id", ""],
        ["9", "columns", ""],
        ["10", "bad_record_id", ""],
    ]
    assert [row["crm_record_id"] for row in rows(found)] == ["C-1", "C-4", "C-5", "C-11"]
    assert "mail.example" not in found["text"] + found["remarks"]
    assert "secret-value" not in found["remarks"]


def test_columns_of_people_are_never_attributes(page: Page) -> None:
    header = "klantnummer,Naam,Straat,E-mail,tweede e-mail,Geboortedatum,segment"
    found = hashed(
        page, f"{header}\nC-1,Anna,Dorpsstraat,a@mail.example,b@mail.example,x,y\n".encode()
    )
    roles = {column["header"]: column["role"] for column in found["columns"]}
    assert roles["Naam"] == roles["Straat"] == roles["tweede e-mail"] == "skip"
    assert (roles["klantnummer"], roles["E-mail"]) == ("crm_record_id", "email")
    assert "Anna" not in found["text"]


def test_hashes_that_stand_in_the_file(page: Page) -> None:
    values = [
        HASH.upper(),
        "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=",
        EMPTY_SHA256,
        "ab" * 16,
        "x",
    ]
    content = "id,email_sha256\n" + "".join(f"C-{n},{v}\n" for n, v in enumerate(values))
    found = hashed(page, content.encode())
    assert [row["email_sha256"] for row in rows(found)] == [HASH, HASH]
    assert found["account"]["rejected"] == {"empty_hash": 1, "bad_hash_algo": 1, "bad_hash": 1}


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty"), (b"id,email\n", "empty"), (b'"id,email\n1,x\n', "header"),
     (b"id,email\n1," + b"a" * 1_100_000 + b"\n", "too_long"), (b"\x1f\x8b\x08", "file_kind"),
     (b"%PDF-1.7", "file_kind"), (b"PK\x03\x04 broken", "workbook")],
)  # fmt: skip
def test_files_that_cannot_be_used(page: Page, content: bytes, reason: str) -> None:
    found = hashed(page, content)
    assert (found["kind"], found["reason"]) == ("refused", reason)


def test_a_workbook(page: Page) -> None:
    found = hashed(page, workbook([["Klantnummer", "E-mail"], ["7", "a@mail.example"]]), "a.xlsx")
    assert [row["crm_record_id"] for row in rows(found)] == ["7"]
    assert found["account"]["accepted"] == 1
