"""`matchbook storage` and `matchbook onboard`: entering, testing, pausing and picking up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matchbook import registry
from matchbook.cli import main
from matchbook.cli.onboard import _due, only_poll
from matchbook.settings import Settings
from tests.onboarding import FIRST, contacts, left, put, register
from tests.test_architecture import ROOT


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *arguments])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    register(Settings(home=tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def drop(home: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "drop"
    folder.mkdir()
    assert run(home, "storage", "add", "acme", "drop", str(folder)).exit_code == 0
    return folder


def test_a_location_is_entered_tested_paused_and_resumed(home: Path, drop: Path) -> None:
    put(drop, FIRST, contacts("a"))
    tested = run(home, "storage", "test", "drop")
    assert (tested.exit_code, tested.stdout) == (0, "drop: can be read, 1 file there.\n")
    assert run(home, "onboard", "--test", "drop").stdout == tested.stdout
    run(home, "storage", "pause", "drop")
    told = json.loads(run(home, "onboard", "--once", "--json").stdout)
    assert told["storage"] == []
    run(home, "storage", "resume", "drop")
    (shown,) = json.loads(run(home, "storage", "list", "--json").stdout)["storage"]
    assert (shown["client_id"], shown["after"], shown["paused"]) == ("acme", "delete", False)
    assert shown["last_poll"] is None
    run(home, "storage", "remove", "drop")
    assert json.loads(run(home, "storage", "list", "--json").stdout) == {"storage": []}
    assert left(drop) == [FIRST, FIRST + ".done"]


def test_onboard_once_lands_and_clears(home: Path, drop: Path) -> None:
    put(drop, FIRST, contacts("a", "b"))
    told = json.loads(run(home, "onboard", "--once", "--json").stdout)
    assert (told["storage"][0]["removed"], told["accepted"]) == ([FIRST], 2)
    assert left(drop) == []
    again = run(home, "onboard", "--once")
    assert again.stdout == (
        "Looked at 1 locations: 0 files picked up, 0 landed, 0 deleted or archived there.\n"
    )


def test_a_location_that_is_away_is_told_and_tried_more_rarely(home: Path, drop: Path) -> None:
    drop.rmdir()
    settings = Settings(home=home)
    for failures in (1, 2, 3):
        result = run(home, "onboard", "--once")
        assert result.exit_code == 74
        assert "drop: The bucket, folder or file is not there." in result.stderr
        (shown,) = json.loads(run(home, "storage", "list", "--json").stdout)["storage"]
        assert shown["last_poll"]["failures"] == failures
    from datetime import timedelta

    assert _due(settings, timedelta(minutes=15)) == set()
    assert _due(settings, timedelta(0)) == {"drop"}
    assert "failed, 3 in a row" in run(home, "storage", "list").stdout
    assert run(home, "storage", "test", "drop").exit_code == 74


def test_two_polls_at_a_time_do_not_meet(home: Path, drop: Path) -> None:
    with only_poll(Settings(home=home)):
        result = run(home, "onboard", "--once")
    assert result.exit_code == 75
    assert "Another poll" in result.stderr


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("sftp://me:secret-word@files.example/out", ()),
        ("sftp://files.example/out", ()),
        ("s3://bucket/../other", ()),
        ("s3://Bucket", ()),
        ("file:///", ()),
        ("ftp://me@files.example/out", ()),
        ("https://bucket.example/", ()),
        ("s3://bucket", ("--credentials", "secret-word")),
        ("s3://bucket", ("--credentials", "env:AWS_SECRET_ACCESS_KEY")),
        ("s3://bucket", ("--credentials", "file:../cookie.key")),
        ("s3://bucket", ("--endpoint", "http://files.example")),
    ],
)
def test_what_is_wrong_or_secret_is_not_entered(
    home: Path, url: str, options: tuple[str, ...]
) -> None:
    before = registry.current(Settings(home=home))
    result = run(home, "storage", "add", "acme", "drop", url, *options)
    assert result.exit_code == 78
    assert "secret-word" not in result.output
    assert "Traceback" not in result.output
    assert registry.current(Settings(home=home)) == before


def test_ids_are_unique_and_clients_known(home: Path, drop: Path) -> None:
    assert run(home, "storage", "add", "other", "drop", "/srv/b").exit_code == 78
    assert run(home, "storage", "add", "nobody", "new", "/srv/b").exit_code == 78
    assert run(home, "storage", "pause", "nothing").exit_code == 78


def test_a_secret_that_others_can_read_or_that_is_missing_is_refused(home: Path) -> None:
    key = home / "keys" / "storage" / "open"
    key.parent.mkdir(parents=True)
    key.write_text("id:hidden-word")
    key.chmod(0o644)
    for name, reference in (("one", "file:open"), ("two", "env:MATCHBOOK_STORAGE_NONE")):
        run(home, "storage", "add", "acme", name, "s3://bucket", "--credentials", reference)
        result = run(home, "storage", "test", name)
        assert result.exit_code == 74
        assert reference.split(":")[1] in result.stdout
        assert "hidden-word" not in result.output


def test_the_example_registry_has_a_location(tmp_path: Path) -> None:
    assert run(tmp_path, "registry", "apply", str(ROOT / "examples/registry.json")).exit_code == 0
    assert "oakhouse-drop" in run(tmp_path, "storage", "list").stdout
