"""`matchbook check-pixel`: a sentence for people, an object for scripts, an exit code for cron."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matchbook.cli import main
from tests.test_architecture import ROOT
from tests.web_server import page, serving

SCRIPT = (
    '<script async src="https://px.oakhouse.example/bakery/pixel.js?site=oakhouse_nl"></script>'
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """With the example's registry."""
    run(tmp_path, "registry", "apply", str(ROOT / "examples" / "registry.json"))
    return tmp_path


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *arguments])


def test_a_page_as_it_should_be(home: Path) -> None:
    with serving(page(SCRIPT)) as server:
        (named,) = server.named
        result = run(home, "check-pixel", server.url(), "--allow-host", named)
    assert result.exit_code == 0, result.output
    assert result.stdout == (
        "The pixel of oakhouse.example is implemented, with its integrations. Nothing to do.\n"
    )


def test_a_page_that_calls_another_collector(home: Path) -> None:
    with serving(page(SCRIPT)) as server:
        (named,) = server.named
        asked = ("check-pixel", "--json", server.url(), "--allow-host", named)
        other = run(home, *asked, "--site", "farwinds_de")
    assert other.exit_code == 1
    assert json.loads(other.stdout)["result"] == "missing"
    assert json.loads(other.stdout)["reason"] == "other_host"


def test_a_private_address_is_not_opened(home: Path) -> None:
    with serving(page(SCRIPT)) as server:
        result = run(home, "check-pixel", "--json", server.url())
    assert result.exit_code == 1
    assert json.loads(result.stdout)["reason"] == "private_address"
    assert server.connections == 0


@pytest.mark.parametrize(
    "options", [("--site", "nobody"), ("--allow-host", "http://127.0.0.1"), ("--allow-host", "a:b")]
)
def test_wrong_options_open_nothing(home: Path, options: tuple[str, str]) -> None:
    with serving(page(SCRIPT)) as server:
        result = run(home, "check-pixel", server.url(), *options)
    assert result.exit_code == 78
    assert server.connections == 0
