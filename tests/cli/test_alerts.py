"""`matchbook alerts`: what is off, who knows, where it is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matchbook import registry
from matchbook.cli import main
from matchbook.settings import Settings
from tests.dashboard import world
from tests.matchbook.alerts.test_looking import publish_one


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One published client, looked at; its tests go on from one another."""
    home = tmp_path_factory.mktemp("alerts_cli") / "home"
    publish_one(Settings(home=home, now=world.NOW))
    return home


def test_looking_opens_alerts_once(home: Path) -> None:
    first = json.loads(run(home, "look", "--json").stdout)
    assert (len(first["opened"]), first["closed"], first["sent"]) == (3, [], 0)
    assert run(home, "look").stdout == "0 alerts opened, 0 closed, 0 messages sent.\n"


def test_they_are_listed_with_their_cause(home: Path) -> None:
    run(home, "look")
    told = json.loads(run(home, "list", "homestead", "--json").stdout)["alerts"]
    assert {alert["cause"] for alert in told} == {"gone", "volume", "consent"}
    assert "Tealium on" in run(home, "list").stdout
    assert run(home, "list", "farways").stdout == "Nothing is off.\n"


def test_somebody_says_that_they_know(home: Path) -> None:
    run(home, "look")
    told = json.loads(run(home, "list", "homestead", "--json").stdout)["alerts"]
    gone = next(alert for alert in told if alert["cause"] == "gone")
    words = ("ack", str(gone["alert_id"]), "--by", "A. Vos", "--note", "Release 12", "--json")
    made = json.loads(run(home, *words).stdout)
    assert (made["acknowledged_by"], made["note"]) == ("A. Vos", "Release 12")
    assert run(home, "ack", "99", "--by", "A. Vos").exit_code == 78


def test_a_webhook_is_entered_and_removed(home: Path) -> None:
    secret = ("--secret", "env:MATCHBOOK_WEBHOOK_TEST")
    assert run(home, "webhook", "homestead", "https://a.example/x", *secret).exit_code == 0
    assert hook(home) == "https://a.example/x"
    assert run(home, "webhook", "homestead", "http://a.example/x", *secret).exit_code == 78
    assert run(home, "webhook", "homestead", "https://a.example/x").exit_code == 2
    assert run(home, "webhook", "nobody", "--remove").exit_code == 78
    assert run(home, "webhook", "homestead", "--remove").exit_code == 0
    assert hook(home) is None


def test_the_night_looks_by_itself(demo_world: Path) -> None:
    told = json.loads((demo_world / "told.json").read_text())["alerts"]
    assert set(told) == {"opened", "closed", "sent", "problems"}
    assert told["problems"] == {}


def hook(home: Path) -> str | None:
    client = registry.current(Settings(home=home)).clients[0]
    return client.alert_webhook.url if client.alert_webhook else None


def run(home: Path, *arguments: str) -> Result:
    given = ["--home", str(home), "--now", world.NOW.isoformat(), "alerts", *arguments]
    return CliRunner().invoke(main, given)
