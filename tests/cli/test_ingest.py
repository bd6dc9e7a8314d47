"""`matchbook ingest`: files by name, their account in JSON, refusals without an echo."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matchbook.cli import main
from tests.test_architecture import ROOT

EMAIL = hashlib.sha256(b"x@shop.example").hexdigest()
OUTCOMES = ("accepted", "untracked", "quarantined", "duplicate", "not_ours")
LOG = "\n".join(
    [
        '192.0.2.1 - - [20/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8"',
        '192.0.2.1 - - [20/Nov/2026:10:00:01 +0000] "GET /bakery/page HTTP/1.1" 200 5 "-" "curl/8"',
        "not a log line",
        "",
    ]
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    assert run(tmp_path, "registry", "apply", str(ROOT / "examples/registry.json")).exit_code == 0
    return tmp_path


def run(home: Path, *arguments: str) -> Result:
    options = ["--home", str(home), "--now", "2026-11-21T03:10:00Z"]
    return CliRunner().invoke(main, [*options, *arguments])


def crm_file(folder: Path, rows: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "20261120.csv"
    path.write_text(f"crm_record_id,email_sha256\n{rows}\n")
    return path


def adds_up(told: dict[str, int]) -> bool:
    return told["lines"] == sum(told[name] for name in OUTCOMES)


def test_a_log_and_its_account(home: Path, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(LOG)
    first = run(home, "ingest", "pixels", "--host", "px.oakhouse.example", str(log), "--json")
    told = json.loads(first.stdout)
    assert adds_up(told)
    assert (told["lines"], told["not_ours"]) == (3, 1)
    assert told["quarantined"] == sum(told["quarantined_by_reason"].values())
    assert log.exists()
    again = json.loads(run(home, "ingest", "pixels", str(log), "--json").stdout)
    assert (again["lines"], again["duplicate"]) == (3, 3)


def test_a_folder_is_searched(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "logs" / "day"
    folder.mkdir(parents=True)
    (folder / "a.log").write_text(LOG)
    (folder / "b.log").write_text(LOG + LOG)
    (folder / "b.log.done").touch()
    told = json.loads(run(home, "ingest", "pixels", str(tmp_path / "logs"), "--json").stdout)
    assert [load["lines"] for load in told["loads"]] == [3, 6]


def test_the_folder_convention_names_the_list(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in" / "onboard" / "audience=oakhouse-newsletter" / "opt-in"
    path = crm_file(folder, f"1001,{EMAIL}")
    told = json.loads(run(home, "ingest", "crm", str(path), "--json").stdout)
    assert adds_up(told)
    assert told["accepted"] == 1


def test_a_list_has_to_be_known(home: Path, tmp_path: Path) -> None:
    result = run(home, "ingest", "crm", str(crm_file(tmp_path / "in", f"1001,{EMAIL}")))
    assert result.exit_code == 65
    assert "Give --list and --mode" in result.stderr


def test_a_refused_file_is_told_and_the_others_land(home: Path, tmp_path: Path) -> None:
    good = crm_file(tmp_path / "good", f"1001,{EMAIL}")
    bad = crm_file(tmp_path / "bad", "1002,anna@shop.example")
    options = ["--list", "oakhouse-newsletter", "--mode", "opt-in", "--json"]
    result = run(home, "ingest", "crm", *options, str(bad), str(good))
    told = json.loads(result.stdout)
    assert result.exit_code == 65
    assert told["accepted"] == 1
    assert [file["reason"] for file in told["refused"]] == ["raw_personal_data"]
    assert "anna" not in result.output


def test_a_replacement_that_shrinks_needs_the_flag(home: Path, tmp_path: Path) -> None:
    options = ["ingest", "crm", "--list", "oakhouse-newsletter", "--json"]
    full = crm_file(tmp_path / "full", "\n".join(f"{n},{n:064x}" for n in range(10)))
    assert run(home, *options, "--mode", "opt-in", str(full)).exit_code == 0
    small = crm_file(tmp_path / "small", f"1,{1:064x}")
    refused = run(home, *options, "--mode", "replace", str(small))
    assert refused.exit_code == 65
    assert [file["reason"] for file in json.loads(refused.stdout)["refused"]] == ["shrink"]
    assert "9 of the list's 10 records" in refused.stdout
    told = run(home, *options, "--mode", "replace", "--confirm-shrink", str(small))
    assert json.loads(told.stdout)["accepted"] == 1


def test_a_missing_file_is_one_sentence(home: Path) -> None:
    result = run(home, "ingest", "pixels", "nowhere.log")
    assert result.exit_code == 65
    assert "There is no file or folder" in result.stderr


def test_a_baseline_by_options_and_by_its_path(home: Path, tmp_path: Path) -> None:
    cookie = "014c0997b79e00152f6525804ed915078002e07000fb8"
    named = tmp_path / "client=oakhouse" / "partner=tealium" / "20261101.csv"
    named.parent.mkdir(parents=True)
    named.write_text(f"partner_cookie_id,crm_record_id\n{cookie},r1\n")
    told = json.loads(run(home, "ingest", "baseline", str(named), "--json").stdout)
    assert adds_up(told)
    assert told["accepted"] == 1
    loose = tmp_path / "loose.csv"
    loose.write_text(f"tealium_visitor_id,crm_id\n{cookie},r1\n{cookie},\n")
    assert run(home, "ingest", "baseline", str(loose)).exit_code != 0
    options = ("--client", "oakhouse", "--partner", "tealium")
    told = json.loads(run(home, "ingest", "baseline", *options, str(loose), "--json").stdout)
    assert told["quarantined_by_reason"] == {"missing_record_id": 1}
