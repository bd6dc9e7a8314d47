"""The night as a whole: run, run again, killed anywhere and run again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from matchbook.cli.demo_audiences import EXAMPLES
from matchbook.failpoints import FAILPOINTS
from matchbook.settings import Settings
from matchbook.stage_times import stage_times
from matchbook.warehouse import open_file
from tests.demo_home import run_last_night, run_matchbook

pytestmark = pytest.mark.xdist_group("nights")

KILLED = -9

COUNTED_WITH = dict.fromkeys(
    ("marts.match_rates", "marts.match_steps", "marts.upload_cohorts"), "load_seq"
)
"""The load that a day was last counted with: after a rebuild it is the newest."""


def delivered(home: Path) -> dict[str, str]:
    """Every file that partners got, by its bytes."""
    folder = home / "delivered"
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def facts(home: Path, without: dict[str, str] | None = None) -> dict[str, list[tuple[Any, ...]]]:
    """The ledger and the marts, row by row, in one order; less a column of some."""
    left_out = {name: f"select * exclude ({column})" for name, column in (without or {}).items()}
    connection = open_file(Settings(home=home).warehouse)
    try:
        tables = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables "
            "where table_schema in ('marts', 'exports') and table_type = 'BASE TABLE' order by 1"
        ).fetchall()
        names = ["raw.loads", "raw.line_outcomes", *(name for (name,) in tables)]
        return {
            name: sorted(
                connection.execute(f"{left_out.get(name, '')} from {name}").fetchall(), key=repr
            )
            for name in names
        }
    finally:
        connection.close()


def pointer(home: Path) -> dict[str, Any]:
    found = json.loads((home / "published" / "current.json").read_text())
    return {name: found[name] for name in ("build_id", "as_of", "load_seq", "published_at")}


def test_a_night_tells_what_it_did(demo_world: Path) -> None:
    told = json.loads((demo_world / "told.json").read_text())
    outcomes = ("accepted", "untracked", "quarantined", "duplicate", "not_ours")
    assert told["lines"] == sum(told[name] for name in outcomes) > 0
    assert told["quarantined"] == sum(told["quarantined_by_reason"].values()) > 0
    assert told["published"] is True
    assert len(told["deliveries"]) == 16
    assert [refresh["state"] for refresh in told["audiences"]] == ["done"] * sum(
        map(len, EXAMPLES.values())
    )


def test_a_night_notes_how_long_each_stage_took(demo_world: Path) -> None:
    found = stage_times(Settings(home=demo_world), command="nightly", runs=1)
    stages = {one.stage: one for one in found}
    assert {"land", "build", "publish", "deliver", "audiences"} <= set(stages)
    told = json.loads((demo_world / "told.json").read_text())
    assert stages["land"].rows == told["lines"]
    assert min(stages[name].bytes or 0 for name in ("land", "build", "publish", "deliver")) > 0
    assert stages["build"].seconds > stages["publish"].seconds > 0


def test_the_same_night_again_changes_nothing(demo_home: Path) -> None:
    before = delivered(demo_home), facts(demo_home), pointer(demo_home)
    result = run_last_night(demo_home)
    told = json.loads(result.stdout)
    assert (told["lines"], told["published"], told["deliveries"]) == (0, False, [])
    assert told["audiences"] == []
    assert (delivered(demo_home), facts(demo_home), pointer(demo_home)) == before


@pytest.mark.proof
@pytest.mark.parametrize("place", FAILPOINTS)
def test_killed_and_run_again(place: str, building_eve: Path, demo_world: Path) -> None:
    home = building_eve
    assert run_last_night(home, MATCHBOOK_FAILPOINT=place).returncode == KILLED
    again = run_last_night(home)
    assert again.returncode == 0, again.stderr
    assert delivered(home) == delivered(demo_world)
    assert facts(home) == facts(demo_world)
    assert pointer(home) == pointer(demo_world)
    assert list((home / "inbox").rglob("*.zst")) == []


@pytest.mark.proof
def test_rebuild_gives_the_same_marts(building_home: Path) -> None:
    before = facts(building_home, COUNTED_WITH)
    (building_home / "warehouse.duckdb").write_bytes(b"damaged")
    result = run_matchbook(building_home, "rebuild", "--json")
    assert result.returncode == 0, result.stderr
    assert facts(building_home, COUNTED_WITH) == before


@pytest.mark.proof
def test_status_says_what_is_not_published(building_home: Path) -> None:
    now = ["--now", "2026-11-21T05:00:00Z"]
    assert (
        json.loads(run_matchbook(building_home, *now, "status", "--json").stdout)[
            "built_not_published"
        ]
        is None
    )
    run_matchbook(building_home, *now, "build")
    told = run_matchbook(building_home, *now, "status").stdout
    assert "not yet published; run: matchbook publish" in told


def test_a_marker_without_its_file_waits(demo_home: Path) -> None:
    folder = demo_home / "inbox" / "pixels"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "late.log.manifest.json").write_text('{"lines": 3}')
    told = json.loads(run_matchbook(demo_home, "status", "--json").stdout)
    assert [file["state"] for file in told["inbox"]] == ["data_missing"]


@pytest.mark.proof
def test_a_failing_test_publishes_nothing(building_home: Path) -> None:
    before = pointer(building_home)
    connection = open_file(Settings(home=building_home).warehouse, read_only=False)
    connection.execute("update raw.loads set accepted = accepted + 1 where load_seq = 1")
    connection.close()
    result = run_matchbook(building_home, "build")
    assert result.returncode == 70
    assert "The build failed: " in result.stderr
    assert "Traceback" not in result.stderr
    assert run_matchbook(building_home, "publish").returncode == 70
    assert pointer(building_home) == before
