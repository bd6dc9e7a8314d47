"""`matchbook team` and `matchbook audit`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from matchbook import registry
from matchbook.cli import main
from matchbook.registry import Client, Registry
from matchbook.settings import Settings

ANNA = "anna@oak.example"


@pytest.fixture(autouse=True)
def _oak(tmp_path: Path) -> None:
    oak = Client(client_id="oak", name="Oak", time_zone="UTC")
    registry.replace(Settings(home=tmp_path), Registry(clients=(oak,)), by="test")


def call(home: Path, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["--home", str(home), *words])
    return result.exit_code, result.output


def test_the_first_manager_and_what_was_done(tmp_path: Path) -> None:
    assert call(tmp_path, "team", "put", ANNA, "--client", "oak", "--role", "manager")[0] == 0
    assert call(tmp_path, "team", "put", "=ben@oak.example", "--client", "oak", "--role", "analyst",
                "--by", "A. Vos")[0] == 0  # fmt: skip
    assert call(tmp_path, "team", "operator", "ops@host.example")[0] == 0
    code, said = call(tmp_path, "team", "list", "--json")
    assert json.loads(said) == {
        "clients": {"oak": {ANNA: "manager", "=ben@oak.example": "analyst"}},
        "operators": ["ops@host.example"],
    }
    assert call(tmp_path, "team", "remove", "=ben@oak.example", "--client", "oak")[0] == 0
    assert call(tmp_path, "team", "sign-out", ANNA)[0] == 0
    assert call(tmp_path, "team", "operator", "ops@host.example", "--off")[0] == 0
    code, said = call(tmp_path, "audit", "--csv")
    rows = list(csv.DictReader(io.StringIO(said)))
    assert (code, len(rows)) == (0, 6)
    assert (rows[-1]["actor"], rows[-1]["about"]) == ("command line", f"{ANNA} as manager")
    assert rows[-2]["about"].startswith("'=ben")
    of_oak = json.loads(call(tmp_path, "audit", "--client", "oak", "--json")[1])["events"]
    assert len(of_oak) == 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("team", "remove", ANNA, "--client", "oak"), "only manager"),
        (("team", "put", ANNA, "--client", "elm", "--role", "analyst"), "no such client"),
        (("team", "put", "anna", "--client", "oak", "--role", "analyst"), "not an e-mail address"),
        (("audit", "--client", "elm"), "no such client"),
    ],
)
def test_what_cannot_be_is_said(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    call(tmp_path, "team", "put", ANNA, "--client", "oak", "--role", "manager")
    code, said = call(tmp_path, *words)
    assert code == 78
    assert told in said
    assert "Traceback" not in said
