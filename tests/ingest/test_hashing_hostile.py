"""`matchbook hash` on odd but legal CSV, and on strings known to break software."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from matchbook.crm_files import personal_data, verify
from matchbook.crm_files.columns import normalised
from matchbook.errors import MatchbookError
from tests.hashing import EMAIL, attempt, digest, hashed

SPECTRUM = (
    "comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "location_coordinates",
    "newlines", "newlines_crlf", "quotes_and_newlines", "simple", "simple_crlf", "utf8",
)  # fmt: skip
PAPAPARSE = (
    "long-sample", "sample", "sample-header", "slow-sample", "utf-8-bom-sample", "verylong-sample",
)  # fmt: skip
BY_POSITION = {"#1": "crm_record_id", "#2": "email"}


@pytest.mark.parametrize("name", SPECTRUM)
def test_csv_spectrum(public_data: Path, memory_path: Path, name: str) -> None:
    """The cells are those that the suite's JSON has: each row's id and attributes come through."""
    folder = public_data / "h02_csv_suites" / "csv-spectrum"
    content = (folder / "csvs" / f"{name}.csv").read_bytes()
    expected = json.loads((folder / "json" / f"{name}.json").read_text())
    expected = expected if isinstance(expected, list) else [expected]
    names = list(expected[0])
    kept = tuple(f"#{i + 1}" for i in range(2, len(names)))
    if any(personal_data.raw_kind(normalised(n)) for n in names[2:]):
        kept, names = (), names[:2]
    # An opt-out, as that keeps rows whatever stands where addresses should.
    done = hashed(memory_path, content, mapped=BY_POSITION, kept=kept, mode="opt-out")
    assert done.account.read == len(expected)
    if name == "location_coordinates":
        return  # its JSON has another telephone number than its CSV
    expected = [row for row in expected if row[names[0]] and "\n" not in row[names[0]].strip()]
    assert [row["crm_record_id"] for row in done.rows] == [r[names[0]].strip() for r in expected]
    for row, known in zip(done.rows, expected, strict=True):
        attributes = list(row.values())[3:]
        assert attributes == [" ".join(known[n].split()) for n in names[2:]]


@pytest.mark.parametrize("name", PAPAPARSE)
def test_papaparse(public_data: Path, memory_path: Path, name: str) -> None:
    """Every record is accounted for, and what comes out can land."""
    content = (public_data / "h02_csv_suites" / "papaparse" / f"{name}.csv").read_bytes()
    text = content.decode("utf-8-sig")
    records = [row for row in csv.reader(io.StringIO(text, newline="")) if any(row)]
    done = attempt(memory_path, content, mapped=BY_POSITION)
    if isinstance(done, MatchbookError):
        assert getattr(done, "reason", "") == "header"
        return
    assert done.account.read == len(records) - 1
    if done.account.written:
        assert verify(done.out, mode="opt-in").accepted == len(done.rows)


def as_csv(rows: list[list[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue()


def strings(public_data: Path) -> list[str]:
    found = json.loads((public_data / "h01_blns" / "blns.json").read_text())
    assert len(found) > 400
    return [text for text in found if "\0" not in text]


def test_naughty_names_never_come_out(public_data: Path, memory_path: Path) -> None:
    naughty = strings(public_data)
    rows = [[f"C{i}", text, f"p{i}@example.com"] for i, text in enumerate(naughty)]
    done = hashed(memory_path, as_csv([["id", "Voornaam", "Email"], *rows]))
    assert done.report == []
    assert [row[EMAIL] for row in done.rows] == [digest(email) for *_, email in rows]
    assert set(done.rows[0]) == {"crm_record_id", EMAIL, "email_sha256_da_sdk_v1"}


def test_naughty_attributes_can_land(public_data: Path, memory_path: Path) -> None:
    naughty = strings(public_data)
    rows = [[f"C{i}", text, f"p{i}@example.com"] for i, text in enumerate(naughty)]
    done = hashed(memory_path, as_csv([["id", "note", "Email"], *rows]), kept=("note",))
    assert len(done.rows) == len(naughty)
    left_out = {line - 2 for line, *_ in done.report}
    assert len(left_out) < 10
    account = verify(done.out, mode="opt-in")
    assert (account.accepted, account.cell_rejects) == (len(naughty), {})


@pytest.mark.proof
def test_naughty_headers(public_data: Path, memory_path: Path) -> None:
    """Such a column is an attribute under a harmless name, or the choice is refused."""
    for text in strings(public_data):
        content = as_csv([["id", text, "Email"], ["1", "x", "a@example.com"]])
        done = attempt(memory_path, content, kept=("#2",))
        if isinstance(done, MatchbookError):
            assert len(text.strip()) < 4 or text.strip() not in str(done)
            continue
        name = list(done.rows[0])[-1]
        assert name.replace("_", "").isalnum()
        assert name.isascii()
        assert done.rows[0][name] == "x"
        assert verify(done.out, mode="opt-in").accepted == 1


def test_naughty_ids_and_identifiers(public_data: Path, memory_path: Path) -> None:
    """Whatever stands there, each row is kept or told, and nothing raw comes out."""
    naughty = strings(public_data)
    rows = [[text, text, text, text, text] for text in naughty]
    header = ["id", "Email", "Telefoon", "Postcode", "Huisnummer"]
    done = hashed(memory_path, as_csv([header, *rows]), region="NL")
    told = {line for line, what, *_ in done.report if what == "row"}
    assert done.account.written + len(told) == done.account.read
    verify(done.out, mode="opt-in")
