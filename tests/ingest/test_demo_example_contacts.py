"""examples/customers.csv: a hundred and fifty of its contacts are people of the demo world."""

from __future__ import annotations

import csv
import hashlib
from datetime import date
from pathlib import Path

from ingest.demo.companies import RETAILER
from ingest.demo.options import WorldOptions
from ingest.demo.people import email_sha256, make_people

FILE = Path(__file__).parents[2] / "examples" / "customers.csv"


def test_most_of_two_hundred_are_known() -> None:
    with FILE.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 200
    emails = [row["E-mailadres"].strip().lower() for row in rows]
    people = make_people(WorldOptions(end=date(2026, 11, 21)))
    records = people.records[RETAILER.client_id]
    known = {email_sha256(int(number)) for number in records.email if number >= 0}
    assert sum(hashlib.sha256(email.encode()).hexdigest() in known for email in emails) == 150


def test_nobody_real_is_in_it() -> None:
    with FILE.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    junk = {"geen", "test@test.nl"}
    for row in rows:
        email = row["E-mailadres"].strip().lower()
        assert email in junk or email.endswith(".example")
        # No mobile number of the Netherlands begins with 0600.
        assert row["Mobiel"].replace(" ", "")[:4] in ("", "0600") or "(0)6 00" in row["Mobiel"]
