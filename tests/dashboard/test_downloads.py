"""Signed CSV links: who gets a file, who does not, and what is in it."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard import context, downloads
from matchbook.formulas import FORMULA_STARTS
from matchbook.settings import Settings
from tests.dashboard import world
from tests.dashboard.pages import fetch


@pytest.fixture(autouse=True)
def _one_client(home: Settings) -> None:
    world.make_registry(home, ("homestead",))


def offer(settings: Settings, client_id: str = "homestead") -> str:
    return downloads.offer_csv(
        settings, client_id, "match-rates", ["Partner", "Rate"], [["Tealium", "46.2 %"]]
    )


def test_a_link_gives_the_file_as_an_attachment(home: Settings) -> None:
    answer = fetch(offer(home))
    assert answer.status_code == 200
    assert answer.text == "Partner,Rate\r\nTealium,46.2 %\r\n"
    assert answer.headers["content-disposition"] == 'attachment; filename="match-rates.csv"'
    assert answer.headers["cache-control"] == "no-store"


def test_a_link_ends_after_ten_minutes(home: Settings) -> None:
    link = offer(home)
    context.serve_from(replace(home, now=world.NOW + timedelta(minutes=9, seconds=59)))
    assert fetch(link).status_code == 200
    context.serve_from(replace(home, now=world.NOW + timedelta(minutes=10, seconds=1)))
    assert fetch(link).status_code == 403


def test_a_changed_link_is_refused(home: Settings) -> None:
    link = offer(home)
    body, signature = link.removeprefix("/download/").split(".")
    for token in (
        f"{body[:-2]}AA.{signature}",
        f"{body}.{signature[:-2]}AA",
        f"{body}.",
        f".{signature}",
        body,
        "a.b.c",
        "é.é",
        f"{body}.{'A' * 43}",
    ):
        assert fetch(f"/download/{token}").status_code == 403, token


def test_a_link_of_another_deployment_is_refused(home: Settings) -> None:
    elsewhere = replace(home, home=home.home.parent / "elsewhere")
    assert fetch(offer(elsewhere)).status_code == 403


def test_a_file_of_a_client_one_may_not_see_is_refused(home: Settings) -> None:
    assert fetch(offer(home, "farways")).status_code == 403


def test_a_file_that_is_gone_is_not_found(home: Settings) -> None:
    link = offer(home)
    for path in home.downloads.rglob("*.csv"):
        path.unlink()
    assert fetch(link).status_code == 404


def test_old_files_are_swept(home: Settings) -> None:
    offer(home)
    later = replace(home, now=home.clock.now() + timedelta(days=30_000))
    downloads.offer_csv(later, "homestead", "other", ["A"], [["b"]])
    assert len(list(home.downloads.rglob("*.csv"))) == 1


@pytest.mark.parametrize("start", FORMULA_STARTS, ids=repr)
def test_no_cell_starts_a_formula(start: str) -> None:
    content = downloads.to_csv(["Name"], [[f"{start}cmd|' /C calc'!A0"]])
    rows = list(csv.reader(io.StringIO(content, newline="")))
    assert rows[1][0].startswith(f"'{start}")


def test_health_answers() -> None:
    assert fetch("/healthz").json() == {"status": "ok"}
