"""Partners' profiles: what the nine state, what no profile may state, what a client may change."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from matchbook.errors import ConfigError
from matchbook.partners import FOLDER, Partner, load_partners
from matchbook.partners.facts import facts_of
from matchbook.partners.page import page
from matchbook.partners.profile import DeliveryProfile
from tests.test_architecture import ROOT

NINE = load_partners()
MOMENT = datetime(2026, 11, 22, 3, 10, 5, tzinfo=UTC)


def delivery(partner_id: str) -> DeliveryProfile:
    return next(p.delivery for p in NINE if p.partner_id == partner_id)


def document(partner_id: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{partner_id}.yml").read_text())
    return found


def changed(partner_id: str, **changes: Any) -> DeliveryProfile:
    return DeliveryProfile.model_validate(document(partner_id)["delivery"] | changes)


def test_the_page_is_what_the_files_say() -> None:
    assert (ROOT / "docs" / "partners.md").read_text() == page()


@pytest.mark.parametrize("partner", NINE, ids=lambda partner: partner.partner_id)
def test_every_fact_is_told_with_its_grade(partner: Partner) -> None:
    facts = facts_of(partner)
    assert {"cookie", "sync", "format", "removals", "semantics"} <= {fact.name for fact in facts}
    assert all(fact.text for fact in facts)
    assert all(fact.grade != "client" for fact in facts), "the file itself is nobody's agreement"


@pytest.mark.parametrize("partner", NINE, ids=lambda partner: partner.partner_id)
def test_no_identifier_hash_leaves(partner: Partner) -> None:
    told = json.dumps(
        partner.delivery.model_dump(include={"columns", "line", "removals", "http"})
    ).lower()
    assert not any(word in told for word in ("sha256", "hash", "email", "phone", "visitor_key"))
    assert "partner_cookie_id" in told


def test_the_documented_limits_of_tealium() -> None:
    tealium = delivery("tealium")
    assert (tealium.max_rows, tealium.max_bytes) == (100_000, 50_000_000)
    assert tealium.compression == "gzip"
    assert tealium.encryption == "openpgp_optional"


def test_spotler_waits_for_a_confirmation_that_no_override_takes_away() -> None:
    spotler = delivery("spotler")
    assert "CRM record id" in spotler.confirmation
    with pytest.raises(ConfigError, match="cannot be changed"):
        spotler.overridden({"confirmation": ""})


def test_what_the_partner_has_to_tell_the_client_is_missing_until_it_is_given() -> None:
    mediarithmics = delivery("mediarithmics")
    assert mediarithmics.missing() == ("datamart", "compartment")
    given = mediarithmics.overridden({"values": {"datamart": "1162"}})
    assert given.missing() == ("compartment",)
    given = given.overridden({"values": {"compartment": "1000"}})
    assert given.missing() == ()
    assert given.value("datamart") == "1162"
    assert given.grades == mediarithmics.grades


def test_a_client_replaces_what_it_agreed_and_nothing_else() -> None:
    piano = delivery("piano")
    own = piano.overridden(
        {"delimiter": ";", "max_rows": 10, "file_name": "m_{yyyymmdd}_{part:03d}.csv"}
    )
    assert (own.delimiter, own.newline, own.columns) == (";", piano.newline, piano.columns)
    agreed = {fact for fact, grade in own.grades.items() if grade == "client"}
    assert agreed == {"delimiter", "split", "file_name"}


def test_a_parameter_that_a_clients_form_does_without_is_not_asked_for() -> None:
    own = delivery("piano").overridden({"columns": {"id": "partner_cookie_id", "a": "action"}})
    assert own.missing() == ()


def test_a_client_may_take_another_format() -> None:
    parquet = {
        "format": "parquet",
        "compression": "zstd",
        "header": None,
        "delimiter": None,
        "quote": None,
        "newline": None,
        "file_name": "match/date={yyyy-mm-dd}/part-{part:04d}.parquet",
    }
    assert delivery("permutive").overridden(parquet).grades["format"] == "client"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"columns": {"email": "email_sha256"}}, "partner_cookie_id"),
        ({"file_name": "match.csv"}, "every night takes one name"),
        ({"file_name": "../{yyyymmdd}.csv"}, "relative path"),
        ({"file_name": "{yyyymmdd} match.csv"}, "letters, digits"),
        ({"file_name": "{yyyymmdd}_{Part}.csv"}, "placeholder"),
        ({"file_name": "{yyyymmdd}-{elsewhere}.csv"}, "not described"),
        ({"max_rows": 5}, "needs {part}"),
        ({"compression": "zstd"}, "parquet"),
        ({"recipient": {"key": "env:KEY", "fingerprint": "a" * 40}}, "encryption is none"),
        ({"values": {"customer_prefix": "a/b"}}, "does not look like"),
        ({"values": {"prefix": "abc"}}, "no parameter"),
        ({"delimiter": None}, "delimiter"),
        ({"line": {"a": "$crm_record_id"}}, "line"),
        ({"columns": {"id": "partner_cookie_id"}}, "action"),
        (
            {"removals": {"how": "file", "file_name": "exports/piano/match/{yyyymmdd}.csv"}},
            "name of their own",
        ),
        ({"grades": {}}, "cannot be changed"),
        ({"speed": 9}, "cannot be changed"),
    ],
)
def test_what_does_not_hold_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ConfigError, match=why) as raised:
        delivery("piano").overridden(changes)
    assert "a/b" not in str(raised.value)


def test_a_fact_without_a_grade_is_refused() -> None:
    grades = dict(document("piano")["delivery"]["grades"])
    del grades["removals"]
    with pytest.raises(ValidationError, match="grades are wanted"):
        changed("piano", grades=grades)


@pytest.mark.parametrize("partner", NINE, ids=lambda partner: partner.partner_id)
def test_a_name_without_a_time_takes_one_delivery_a_day(partner: Partner) -> None:
    partner.delivery.check_cadence(24)
    if "hhmmss" in partner.delivery.file_name:
        partner.delivery.check_cadence(1)
    else:
        with pytest.raises(ConfigError, match="24 hours"):
            partner.delivery.check_cadence(12)


def test_a_file_of_removals_counts_for_the_cadence_too() -> None:
    own = delivery("mediarithmics").overridden(
        {"removals": {"file_name": "delete_{datamart}_{yyyymmdd}_{part:03d}.ndjson"}}
    )
    with pytest.raises(ConfigError, match="24 hours"):
        own.check_cadence(6)


def test_file_names_are_filled_in_utc() -> None:
    names = {
        p.partner_id: p.delivery.file_name.filled(
            MOMENT, part=7, values=p.delivery.with_examples().values
        )
        for p in NINE
    }
    assert names == {
        "tealium": "match_20261122T031005Z-0007.csv",
        "selligent": "MATCH_20261122_031005.csv",
        "supermetrics": "match_1234_20261122T031005Z.ndjson",
        "spotler": "match_20261122.csv",
        "weborama": "20261122-Offline-Matches-crm.csv",
        "mediarithmics": "match_1162_20261122T031005Z_007.ndjson",
        "snowplow": "match/export_date=2026-11-22/part-00007.parquet",
        "piano": "exports/piano/match/20261122.csv",
        "permutive": "match/date=2026-11-22/part-0007.csv",
    }
