"""`matchbook conflicts`: what people decide is kept, and reaches the warehouse with the build."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from matchbook import decisions, snapshots
from matchbook.blocked_values import BLOCKED_VALUES
from matchbook.cli import main
from matchbook.cli.build import mirror_into_warehouse
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse
from tests.dashboard import world
from tests.test_architecture import ROOT


@pytest.fixture
def home(tmp_path: Path) -> Path:
    assert run(tmp_path, "registry", "apply", str(ROOT / "examples/registry.json")).exit_code == 0
    return tmp_path


def run(home: Path, *arguments: str, now: str = "2026-11-21T03:10:00Z") -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "--now", now, *arguments])


@pytest.fixture
def homestead(tmp_path: Path) -> Path:
    """A published home in which C-61 and C-62 are recognised in browser 12."""
    settings = Settings(home=tmp_path, now=world.NOW)
    world.make_registry(settings)
    world.publish(settings)
    return tmp_path


def test_decisions_are_kept_and_mirrored(homestead: Path) -> None:
    words = ("conflicts", "decide", "homestead", "12", "C-61")
    made = run(homestead, *words, "not-this", "--by", "A. Vos", "--json")
    assert json.loads(made.stdout)["decision"] == "not_this_record"
    run(homestead, *words, "open", "--by", "B. Kok", now="2026-11-21T09:00:00Z")
    settings = Settings(home=homestead)
    run(homestead, *words, "this", "--by", "B. Kok", now="2026-11-21T09:00:00Z")
    said = [d.decision for d in decisions.all_rows(settings)]
    assert said == ["not_this_record", "open", "this_record"]
    mirror_into_warehouse(settings)
    with open_warehouse(settings) as connection:
        kept = connection.execute(
            "select crm_record_id, decision, decided_by from raw.match_decisions "
            "order by decided_at"
        ).fetchall()
    assert kept == [("C-61", "not_this_record", "A. Vos"), ("C-61", "this_record", "B. Kok")]


@pytest.mark.parametrize(
    ("browser", "record", "told"),
    [
        ("8123", "C-61", "No such browser."),
        ("12", "C-63", "That record is not recognised in that browser."),
        ("11", "C-62", "That record is not recognised in that browser."),
    ],
)
def test_only_what_is_recognised_is_decided(
    homestead: Path, browser: str, record: str, told: str
) -> None:
    result = run(
        homestead, "conflicts", "decide", "homestead", browser, record, "this", "--by", "A. Vos"
    )
    assert result.exit_code != 0
    assert told in result.stderr
    assert decisions.all_rows(Settings(home=homestead)) == []


def test_a_decision_can_be_taken_back_when_its_evidence_has_gone(homestead: Path) -> None:
    words = ("conflicts", "decide", "homestead", "12", "C-61")
    run(homestead, *words, "this", "--by", "A. Vos")
    snapshots.forget_open()
    with duckdb.connect(next(homestead.glob("published/homestead/*.duckdb"))) as connection:
        connection.execute("delete from recognised_browsers")
    assert run(homestead, *words, "open", "--by", "A. Vos").exit_code == 0


def test_nothing_is_decided_before_the_first_night(home: Path) -> None:
    result = run(home, "conflicts", "decide", "farwinds", "12", "C-61", "this", "--by", "A. Vos")
    assert result.exit_code != 0
    assert "Traceback" not in result.output
    assert decisions.all_rows(Settings(home=home)) == []


def test_a_client_that_is_not_there_is_named_as_such(home: Path) -> None:
    result = run(home, "conflicts", "decide", "nobody", "1", "r", "this", "--by", "A. Vos")
    assert result.exit_code != 0
    assert decisions.all_rows(Settings(home=home)) == []


def test_list_says_what_to_do_before_the_first_night(home: Path) -> None:
    result = run(home, "conflicts", "list", "farwinds")
    assert result.exit_code != 0
    assert "Traceback" not in result.output


@pytest.mark.xdist_group("nights")
def test_list_shows_the_closest_contests_of_a_night(demo_world: Path) -> None:
    result = run(demo_world, "conflicts", "list", "oakandlinen", "--limit", "5", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)["conflicts"]
    assert 0 < len(found) <= 5
    assert all(one["candidates"] > 1 and one["outcome_reason"].endswith(".") for one in found)
    margins = [one["best_confidence"] - one["next_confidence"] for one in found]
    assert margins == sorted(margins)


def test_blocked_values_are_mirrored_as_keys_of_this_instance(home: Path) -> None:
    mirror_into_warehouse(Settings(home=home))
    with open_warehouse(Settings(home=home)) as connection:
        keys = connection.execute("select identifier_type, identifier_key from raw.blocked_keys")
        found = keys.fetchall()
    assert len(found) == len(set(found)) == sum(map(len, BLOCKED_VALUES.values()))
    assert {len(key) for _, key in found} == {64}
