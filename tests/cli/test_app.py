"""What all commands have in common: help, JSON, errors as sentences and exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from matchbook.cli import main
from matchbook.cli.app import COMMANDS, App, report
from matchbook.errors import InputRejected


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *arguments])


def commands() -> Iterator[tuple[str, click.Command]]:
    with click.Context(main) as context:
        for name in COMMANDS:
            found = main.get_command(context, name)
            assert found is not None
            if isinstance(found, click.Group):
                yield from ((f"{name} {sub}", command) for sub, command in found.commands.items())
            else:
                yield name, found


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_help_teaches_by_example(name: str, tmp_path: Path) -> None:
    shown = run(tmp_path, *name.split(), "--help").output
    assert "Example:\n  " in shown
    assert f"matchbook {name}" in shown.split("Example:")[1]


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_command_speaks_json(name: str, tmp_path: Path) -> None:
    assert "--json" in run(tmp_path, *name.split(), "--help").output


def test_an_unknown_command_is_refused(tmp_path: Path) -> None:
    result = run(tmp_path, "mach")
    assert result.exit_code == 2
    assert "No such command" in result.stderr


def test_a_wrong_setting_is_one_sentence(tmp_path: Path) -> None:
    result = run(tmp_path, "--now", "yesterday", "status")
    assert result.exit_code == 78
    assert "not an ISO 8601 date" in result.stderr
    assert "yesterday" not in result.stderr


def test_options_may_follow_the_command(tmp_path: Path) -> None:
    after = CliRunner().invoke(main, ["doctor", "--home", str(tmp_path / "home"), "--json"])
    assert "healthy" in json.loads(after.stdout)
    assert (tmp_path / "home").exists()


def test_the_unforeseen_names_no_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(_settings: object) -> None:
        raise ValueError("@".join(("anna", "shop.example")))

    monkeypatch.setattr("matchbook.registry.current", break_down)
    for flags in ([], ["--verbose"]):
        result = run(tmp_path, *flags, "registry", "show")
        assert result.exit_code == 70
        assert "ValueError" in result.stderr
        assert "anna@" not in result.output


def test_an_error_is_told_in_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    error = InputRejected("gzip_crc", "It is damaged.", kept="Nothing was landed.", todo="Resend.")
    report(App(as_json=True), error)
    out, err = capsys.readouterr()
    assert json.loads(out)["error"] == {
        "kind": "InputRejected",
        "reason": "gzip_crc",
        "happened": "It is damaged.",
        "kept": "Nothing was landed.",
        "todo": "Resend.",
    }
    assert err.splitlines() == ["It is damaged.", "Nothing was landed.", "Resend."]
