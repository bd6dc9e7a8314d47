"""`matchbook privacy` at the desk: who is meant, what is said, and what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from matchbook import audit, suppressions
from matchbook.cli import main
from matchbook.erasure import requests
from matchbook.settings import Settings
from tests import erasing_world
from tests.conftest import NOW
from tests.erasing_world import ANNA, ANNA_TOO, BOB, CONTACT, COOKIES, World, sha256

AT = f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
BY = ("--client", "acme", "--by", "A. Vos")


@pytest.fixture
def world(settings: Settings) -> World:
    return erasing_world.make(settings)


def invoke(world: World, *arguments: str, at: str = AT, **more: Any) -> Result:
    options = ["--home", str(world.settings.home), "--now", at, "privacy", *arguments]
    return CliRunner().invoke(main, options, **more)


def told(world: World, *arguments: str, at: str = AT, **more: Any) -> dict[str, Any]:
    result = invoke(world, *arguments, "--json", at=at, **more)
    assert result.exit_code == 0, result.stderr
    return dict(json.loads(result.stdout))


def held(world: World) -> set[tuple[str, str]]:
    return set(suppressions.of_client(world.settings, "acme"))


def test_a_record_is_held_with_all_that_is_the_person(world: World) -> None:
    assert told(world, "erase", *BY, "--record", ANNA) == {"requests": [1], "held": 9}
    email = world.key("email", "anna")
    assert {("record", ANNA_TOO), ("identifier", email), ("cep_contact", str(CONTACT))} <= held(
        world
    )
    # Of an opt-out the browsers say for themselves.
    told(world, "opt-out", *BY, "--record", BOB)
    assert {kind for kind, _ in held(world) if kind == "visitor"} == {"visitor"}
    assert len([one for one in held(world) if one[0] == "visitor"]) == 3
    assert [(e.actor, e.action, e.subjects) for e in audit.events(world.settings)] == [
        ("A. Vos", "privacy_opt_out", 1), ("A. Vos", "privacy_erasure", 1),
    ]  # fmt: skip


def test_a_hash_comes_by_standard_input_or_a_file(world: World, tmp_path: Path) -> None:
    told(world, "opt-out", *BY, "--identifier", "email", input=sha256("bob") + "\n")
    assert ("record", BOB) in held(world)
    file = tmp_path / "hash.txt"
    file.write_text(sha256("anna"))
    told(world, "opt-out", *BY, "--identifier", "email", "--hash-file", str(file))
    assert ("record", ANNA) in held(world)
    result = invoke(world, "opt-out", *BY, "--identifier", "email", input="anna@example.com\n")
    assert result.exit_code == 65
    assert "anna" not in result.output


def test_a_file_names_many(world: World, tmp_path: Path) -> None:
    file = tmp_path / "requests.csv"
    file.write_text(f"crm_record_id,email_sha256\n{BOB},\n,{sha256('anna')}\n")
    assert told(world, "erase", *BY, "--csv", str(file))["requests"] == [1, 2]
    found = told(world, "status")["requests"]
    assert [(one["kind"], one["status"], one["waits_for"]) for one in found] == [
        ("erasure", "open", []), ("erasure", "open", []),
    ]  # fmt: skip
    assert not {ANNA, BOB, sha256("anna")} & set(json.dumps(found).split('"'))


def test_the_certificate_speaks_to_people(world: World) -> None:
    told(world, "erase", *BY, "--record", ANNA)
    said = invoke(world, "certificate", "1").stdout
    assert "Erasure 1 at acme" in said
    assert "Held from the moment of the request; not erased yet." in said
    assert ANNA not in said
    assert invoke(world, "certificate", "2").exit_code == 78


def test_the_report_has_everything_but_keys(world: World, tmp_path: Path) -> None:
    file = tmp_path / "anna.json"
    told_of = told(world, "report", *BY, "--record", ANNA, "--to", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    found = json.loads(file.read_text())
    assert found["records"] == [ANNA, ANNA_TOO]
    assert [row["attribute_value"] for row in found["attributes"]] == ["gold", "silver"]
    assert {row["partner_cookie_id"] for row in found["calls"]} == {COOKIES[1], COOKIES[4], None}
    assert told_of["calls"] == len(found["calls"]) == 7
    assert BOB not in file.read_text()
    assert world.key("email", "anna") not in file.read_text()
    assert audit.events(world.settings)[0].action == "privacy_report"


def test_who_consented_anew_comes_back_and_nobody_else(world: World) -> None:
    told(world, "erase", *BY, "--record", ANNA)
    later = "2026-12-24T12:00:00Z"
    early = invoke(
        world, "readmit", *BY, "--record", ANNA, "--consented-on", "2026-11-20", at=later
    )
    ahead = invoke(
        world, "readmit", *BY, "--record", ANNA, "--consented-on", "2026-12-25", at=later
    )
    nobody = invoke(
        world, "readmit", *BY, "--record", BOB, "--consented-on", "2026-12-24", at=later
    )
    assert [one.exit_code for one in (early, ahead, nobody)] == [78, 78, 78]
    back = ("readmit", *BY, "--contact", str(CONTACT), "--consented-on", "2026-12-23")
    assert told(world, *back, at=later) == {"lifted": 1}
    assert held(world) == set()
    assert requests.open_erasures(world.settings) == []


def test_a_lake_that_cannot_be_read_holds_up_no_request(world: World) -> None:
    torn = next((world.settings.lake / "hits").glob("*.parquet"))
    torn.write_bytes(torn.read_bytes()[:-20])
    result = invoke(world, "erase", *BY, "--record", ANNA)
    assert result.exit_code == 0
    assert "The next night looks up the rest" in result.stderr
    assert held(world) == {("record", ANNA)}
    assert len(requests.untraced(world.settings)) == 1


def test_a_request_for_nobody_or_by_nobody_is_refused(world: World) -> None:
    assert invoke(world, "erase", *BY).exit_code == 78
    assert invoke(world, "erase", "--client", "acme", "--record", ANNA).exit_code == 2
    assert invoke(world, "erase", "--client", "zoo", "--by", "x", "--record", ANNA).exit_code == 78
    assert held(world) == set()
