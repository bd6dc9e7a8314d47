"""`matchbook registry`: show what is there, refuse what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from matchbook.cli import main
from tests.test_architecture import ROOT

EXAMPLE = ROOT / "examples" / "registry.json"


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "registry", *arguments])


def test_the_example_is_valid_and_comes_back(tmp_path: Path) -> None:
    applied = run(tmp_path, "apply", str(EXAMPLE), "--json")
    assert json.loads(applied.stdout)["clients"] == 2
    shown = json.loads(run(tmp_path, "show").stdout)
    assert [c["client_id"] for c in shown["clients"]] == [
        c["client_id"] for c in json.loads(EXAMPLE.read_text())["clients"]
    ]


def test_what_show_prints_can_be_applied(tmp_path: Path) -> None:
    run(tmp_path, "apply", str(EXAMPLE))
    saved = tmp_path / "saved.json"
    saved.write_text(run(tmp_path, "show").stdout)
    assert run(tmp_path, "apply", str(saved)).exit_code == 0
    assert not (tmp_path / "registry" / "2.json").exists()


def test_a_wrong_document_changes_nothing(tmp_path: Path) -> None:
    run(tmp_path, "apply", str(EXAMPLE))
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"clients": [{"client_id": "Not A Name", "name": "anna@shop.example"}]}')
    result = run(tmp_path, "apply", str(wrong))
    assert result.exit_code == 78
    assert "clients.0.client_id" in result.stderr
    assert "Not A Name" not in result.output
    assert json.loads(run(tmp_path, "show").stdout)["clients"][0]["client_id"] == "oakhouse"
