"""`matchbook audiences`: sizes are rounded, reasons given, and a question about one is logged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from matchbook import jobs, state
from matchbook.cli import main
from matchbook.cli.work import drain
from matchbook.kept_audiences import store
from matchbook.kept_audiences.refreshing import refresh_all
from matchbook.settings import Settings
from tests.matchbook.kept_audiences.nights import (
    SHOP,
    Person,
    busy,
    crowd,
    in_segment,
    make_client,
    publish_night,
)

NOW = "2026-11-17T03:10:00Z"


@pytest.fixture
def shop(settings: Settings) -> Settings:
    """A shop with 123 loyal people, 60 of them reachable, and a few new ones."""
    make_client(settings)
    store.create(settings, SHOP, in_segment("loyal", holdout_percent=50), by="test")
    store.create(settings, SHOP, in_segment("new", leave=busy(100)), by="test")
    reached = [Person(key, f"r{key}", "loyal", contact=key) for key in range(1, 61)]
    loyal = [*reached, *crowd(range(61, 124), "loyal")]
    out = Person(900, "gone", "loyal", is_suppressed=True)
    return publish_night(settings, 0, [*loyal, *crowd(range(500, 507), "new"), out])


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "--now", NOW, "audiences", *arguments])


def told(home: Path, *arguments: str) -> dict[str, Any]:
    result = run(home, *arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_sizes_are_told_rounded_and_small_ones_not_at_all(shop: Settings) -> None:
    never = told(shop.home, "list", SHOP)["audiences"]
    assert [one["standing"] for one in never] == ["never", "never"]
    done = told(shop.home, "refresh", SHOP)["refreshes"]
    assert [(one["audience_id"], one["state"]) for one in done] == [
        ("loyal", "done"),
        ("new", "done"),
    ]
    listed = told(shop.home, "list", SHOP)["audiences"]
    assert [(one["people"], one["reachable"], one["standing"]) for one in listed] == [
        (120, 60, "up_to_date"),
        (None, None, "up_to_date"),
    ]
    assert "123" not in run(shop.home, "list", SHOP).output
    assert "<50" in run(shop.home, "show", SHOP, "new").output


def test_counting_saves_nothing(shop: Settings, tmp_path: Path) -> None:
    file = tmp_path / "definition.json"
    file.write_text(in_segment("loyal").model_dump_json())
    assert "120 people, 60 reachable in CEP" in run(shop.home, "count", SHOP, str(file)).output
    file.write_text('{"name": "x", "enter": {"kind": "sql", "text": "drop table people"}}')
    refused = run(shop.home, "count", SHOP, str(file))
    assert (refused.exit_code, "drop" in refused.output) == (65, False)
    assert len(store.all_of(shop, SHOP)) == 2


def test_a_definition_in_a_file_is_saved_and_changed(shop: Settings, tmp_path: Path) -> None:
    file = tmp_path / "definition.json"
    file.write_text(in_segment("new", "Newcomers").model_dump_json())
    assert told(shop.home, "save", SHOP, str(file), "--by", "ana")["audience_id"] == "newcomers"
    file.write_text(in_segment("loyal", "Newcomers").model_dump_json())
    saved = told(shop.home, "save", SHOP, str(file), "--id", "newcomers", "--by", "ana")
    assert saved == {"audience_id": "newcomers", "version": 2}


@pytest.mark.parametrize(
    ("record", "verdict"),
    [
        ("r500", "Is not in the audience: the conditions are not met."),
        ("gone", "This person has opted out, and counts in no audience."),
        ("unseen", "No browser is known to be this record's, so no audience has it."),
    ],
)
def test_why_not(shop: Settings, record: str, verdict: str) -> None:
    refresh_all(shop)
    assert told(shop.home, "why", SHOP, "loyal", record)["verdict"] == verdict


def test_why_says_which_condition_and_is_logged(shop: Settings) -> None:
    before = told(shop.home, "why", SHOP, "loyal", "r1")
    assert before["verdict"] == "Meets the conditions, and enters at the next refresh."
    refresh_all(shop)
    answers = [told(shop.home, "why", SHOP, "loyal", f"r{n}", "--by", "ana") for n in range(1, 9)]
    assert {one["is_in"] for one in answers} == {True}
    assert {one["is_held_out"] for one in answers} == {True, False}
    assert [one["holds"] for one in answers[0]["conditions"]] == [True]
    with state.begin(shop) as connection:
        logged = connection.execute(state.audit_events.select()).all()
    assert {(event.action, event.client_id) for event in logged} == {("audience_why", SHOP)}
    assert len(logged) == 9


def test_an_unknown_audience_is_said_to_be_unknown(shop: Settings) -> None:
    result = run(shop.home, "refresh", SHOP, "no-such")
    assert (result.exit_code, "There is no audience of that id." in result.output) == (65, True)


def test_a_page_asks_for_a_refresh_by_a_job(shop: Settings) -> None:
    arguments = {"audience_ids": ["new"]}
    asked = jobs.enqueue(
        shop, "refresh_audiences", client_id=SHOP, arguments=arguments, idempotency_key="r"
    )
    drain(shop, say=lambda _: None)
    result = jobs.get(shop, asked).result or {}
    assert [(one["audience_id"], one["state"]) for one in result["refreshes"]] == [("new", "done")]
