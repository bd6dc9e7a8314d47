"""examples/customers.csv: ninety of its contacts are people of the demo world."""

from __future__ import annotations

import csv
import hashlib
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ingest.demo import WorldOptions, make_world
from ingest.demo.companies import RETAILER
from ingest.demo.people import email_sha256, make_people
from matchbook.settings import Settings

FILE = Path(__file__).parents[2] / "examples" / "customers.csv"
OPTIONS = WorldOptions(end=date(2026, 11, 21))
NOT_AN_ADDRESS = {"", "geen", "onbekend", "test@test.nl"}


def test_ninety_of_two_hundred_exist_and_are_new_to_the_retailer() -> None:
    people = make_people(OPTIONS)
    emails = {row["E-mailadres"].strip().lower() for row in rows()}
    found = {number for number in people.email.tolist() if f"person{number}@mail.example" in emails}
    assert len(rows()) == 200
    assert len(found) == 90
    known = {hashlib.sha256(email.encode()).hexdigest() for email in emails}
    assert {email_sha256(number) for number in found} <= known
    assert not found & set(people.records[RETAILER.client_id].email.tolist())


@pytest.mark.proof
def test_all_ninety_sign_in_at_the_retailer(tmp_path: Path) -> None:
    """Lately, and where it may be used: the night after the upload recognises them."""
    settings = Settings(home=tmp_path)
    world = make_world(settings, OPTIONS)
    world.backlog()
    for night in range(OPTIONS.nights):
        world.night(night)
    seen = duckdb.execute(
        "select distinct 'person' || number || '@mail.example' from read_parquet($files) "
        "where client_id = $client and via = 'email' and withheld = ''",
        {"files": f"{tmp_path}/truth/evidence/*.parquet", "client": RETAILER.client_id},
    ).fetchall()
    emails = {row["E-mailadres"].strip().lower() for row in rows()}
    assert len(emails & {email for (email,) in seen}) == 90


def test_nobody_real_is_in_it() -> None:
    for row in rows():
        email = row["E-mailadres"].strip().lower()
        assert email in NOT_AN_ADDRESS or email.endswith(".example")
        # No mobile number of the Netherlands begins with 0600.
        assert row["Mobiel"].replace(" ", "")[:4] in ("", "0600") or "(0)6 00" in row["Mobiel"]


def rows() -> list[dict[str, str]]:
    with FILE.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))
