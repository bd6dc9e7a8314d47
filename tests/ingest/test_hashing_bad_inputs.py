"""Rows of bad_inputs.csv by id, on the command line; the browser has the same ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from matchbook.normalisation import normalise, sha256_hex
from tests.hashing import hashed, refusal
from tests.hashing_cases import CASES, Case


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_bad_input(tmp_path: Path, case: Case) -> None:
    done = hashed(tmp_path, case.content, region=case.country)
    assert [{n: v for n, v in row.items() if v} for row in done.rows] == case.rows
    assert [(line, why) for line, _, _, why in done.report] == case.rejected


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("naam,email", "Columns found: naam, email."),
        ("id,klantnummer,email", "Columns found: id, klantnummer, email."),
        ("id, Jan & Zoon", "Columns found: id and 1 more."),
        ("Jan,Amsterdam", "None of the 2 names in the first row is known."),
    ],
    ids=["FC08-no-id", "FC08-twice", "FC08-no-identifier", "FC08-no-header"],
)
def test_headers_that_cannot_be_used(tmp_path: Path, header: str, told: str) -> None:
    refused = refusal(tmp_path, f"{header}\nx,y,z\n")
    assert getattr(refused, "reason", "") == "header"
    assert told in str(refused)


@pytest.mark.parametrize("local", ["JaneSaoirse+Work", "Jane.Saoirse"], ids=["RW19-tag", "RW19"])
def test_gmail_by_uid2(local: str) -> None:
    """RW19: gmail drops dots and +tags, other domains keep them."""
    assert normalise("email", f"{local}@gmail.com", profile="uid2") == "janesaoirse@gmail.com"
    kept = normalise("email", f"{local}@example.com", profile="uid2")
    assert kept == f"{local.lower()}@example.com"
    assert sha256_hex("janesaoirse@gmail.com").startswith("92ee2605")
