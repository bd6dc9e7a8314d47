"""The night as a whole: run, run again, killed anywhere and run again."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from matchbook.cli.demo_audiences import EXAMPLES
from matchbook.failpoints import FAILPOINTS
from matchbook.settings import Settings
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


def test_the_same_night_again_changes_nothing(demo_home: Path) -> None:
    before = delivered(demo_home), facts(demo_home), pointer(demo_home)
    result = run_last_night(demo_home)
    told = json.loads(result.stdout)
    assert (told["lines"], told["published"], told["deliveries"]) == (0, False, [])
    assert told["audiences"] == []
    assert (delivered(demo_home), facts(demo_home), pointer(demo_home)) == before


@pytest.mark.proof
@pytest.mark.parametrize("place", FAILPOINTS)
def test_killed_and_run_again(place: str, demo_eve: Path, demo_world: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(demo_eve, tmp_path / "home"))
    assert run_last_night(home, MATCHBOOK_FAILPOINT=place).returncode == KILLED
    again = run_last_night(home)
    assert again.returncode == 0, again.stderr
    assert delivered(home) == delivered(demo_world)
    assert facts(home) == facts(demo_world)
    assert pointer(home) == pointer(demo_world)
    assert list((home / "inbox").rglob("*.zst")) == []


@pytest.mark.proof
def test_rebuild_gives_the_same_marts(demo_home: Path) -> None:
    before = facts(demo_home, COUNTED_WITH)
    (demo_home / "warehouse.duckdb").write_bytes(b"damaged")
    result = run_matchbook(demo_home, "rebuild", "--json")
    assert result.returncode == 0, result.stderr
    assert facts(demo_home, COUNTED_WITH) == before


@pytest.mark.proof
def test_status_says_what_is_not_published(demo_home: Path) -> None:
    now = ["--now", "2026-11-21T05:00:00Z"]
    assert (
        json.loads(run_matchbook(demo_home, *now, "status", "--json").stdout)["built_not_published"]
        is None
    )
    run_matchbook(demo_home, *now, "build")
    told = run_matchbook(demo_home, *now, "status").stdout
    assert "not yet published; run: matchbook publish" in told


def test_a_marker_without_its_file_waits(demo_home: Path) -> None:
    folder = demo_home / "inbox" / "pixels"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "late.log.manifest.json").write_text('{"lines": 3}')
    told = json.loads(run_matchbook(demo_home, "status", "--json").stdout)
    assert [file["state"] for file in told["inbox"]] == ["data_missing"]


@pytest.mark.proof
def test_a_failing_test_publishes_nothing(demo_home: Path) -> None:
    before = pointer(demo_home)
    connection = open_file(Settings(home=demo_home).warehouse, read_only=False)
    connection.execute("update raw.loads set accepted = accepted + 1 where load_seq = 1")
    connection.close()
    result = run_matchbook(demo_home, "build")
    assert result.returncode == 70
    assert "The build failed: " in result.stderr
    assert "Traceback" not in result.stderr
    assert run_matchbook(demo_home, "publish").returncode == 70
    assert pointer(demo_home) == before
