"""`matchbook demo` never touches what is not a demo."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matchbook import jobs
from matchbook.cli import main
from matchbook.cli.demo import throw_away
from matchbook.cli.demo_nights import read_options
from matchbook.settings import Settings
from tests.demo_home import describe_world


def demo(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "demo", "--no-serve", *arguments])


def test_a_deployment_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "warehouse.duckdb").write_bytes(b"somebody's")
    result = demo(tmp_path)
    assert result.exit_code == 78
    assert "not a demo's" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["warehouse.duckdb"]


def test_fresh_empties_no_folder_of_somebody_else(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert demo(tmp_path, "--fresh").exit_code == 78
    assert (tmp_path / "thesis.txt").exists()


def test_state_can_be_made_after_a_world_was_thrown_away(settings: Settings) -> None:
    describe_world(settings.home)
    throw_away(settings)
    assert not settings.home.exists()
    assert jobs.all_of(settings) == []


@pytest.mark.parametrize(
    "option", [("--seed", "2"), ("--visitors", "700"), ("--end", "2026-01-01")]
)
def test_another_world_needs_another_home(option: tuple[str, str], tmp_path: Path) -> None:
    describe_world(tmp_path)
    result = demo(tmp_path, *option)
    assert result.exit_code == 78
    assert "--fresh" in result.stderr


def test_the_world_is_remembered(settings: Settings) -> None:
    assert read_options(settings) is None
    describe_world(settings.home)
    options = read_options(settings)
    assert options is not None
    assert (options.visitors, options.end.isoformat()) == (600, "2026-11-20")
