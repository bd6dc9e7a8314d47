"""An erased person and the partners: who still has to be told, who was, what is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from exporters import storing
from exporters.delivery import deliver_all
from exporters.erasing import Told, forget, survey, waiting
from exporters.stored import redeliver
from matchbook import deliveries
from matchbook.clock import utc_naive
from matchbook.errors import DestinationError
from matchbook.registry import Client, ClientPartner, Registry
from matchbook.settings import Settings
from tests.exporters.nights import (
    REGISTRY,
    as_of,
    at_night,
    deliver,
    files,
    folder,
    held,
    publish_pairs,
    suppress,
)

ANNA, BOB = ("c-anna-cookie", "AN-4711"), ("c-bob-cookie", "BO-0815")
RECORDS = {"AN-4711", "AN-4712"}


@pytest.fixture
def home(settings: Settings) -> Settings:
    """The partner got both; since then Anna has opted out."""
    publish_pairs(settings, 1, {ANNA: 1, BOB: 1})
    deliver(settings)
    suppress(settings, "record", ["AN-4711"])
    return settings


def told(
    settings: Settings, since: datetime, registry: Registry = REGISTRY
) -> tuple[dict[str, int], list[Told]]:
    return survey(settings, registry, "casa", {7: RECORDS}, since)[7]


def test_a_partner_is_waited_for_until_it_took_the_removal(home: Settings) -> None:
    since = utc_naive(as_of(1))
    assert waiting(home, "casa", {7: RECORDS, 8: {"other"}}) == {7: ["piano"], 8: []}
    tonight = at_night(home, 2)
    publish_pairs(tonight, 2, {ANNA: 1, BOB: 2})
    deliver(tonight)
    assert waiting(tonight, "casa", {7: RECORDS}) == {7: []}
    _, (piano,) = told(tonight, since)
    assert (piano.partner_id, piano.how, piano.pairs, piano.at) == (
        "piano", "removed", 1, utc_naive(as_of(2)),
    )  # fmt: skip


def test_one_that_could_not_be_told_in_time_is_named(home: Settings) -> None:
    _, (piano,) = told(home, utc_naive(as_of(1)) + timedelta(hours=1))
    assert (piano.how, piano.pairs) == ("not_reached", 0)


def test_one_that_cannot_remove_is_always_named(settings: Settings) -> None:
    partners = (ClientPartner(partner_id="spotler"), ClientPartner(partner_id="piano"))
    registry = Registry(clients=(Client(client_id="casa", name="Casa", partners=partners),))
    _, found = told(settings, utc_naive(as_of(1)), registry)
    assert [(one.partner_id, one.how) for one in found] == [
        ("piano", "never_had"), ("spotler", "unable"),
    ]  # fmt: skip


def test_nothing_stored_names_the_person_any_more(home: Settings) -> None:
    for night in (2, 3):
        tonight = at_night(home, night)
        publish_pairs(tonight, night, {ANNA: 1, BOB: night})
        deliver(tonight)
    # The newest version of what the partner holds has not got her; the one before neither.
    stored, _ = told(tonight, utc_naive(as_of(1)))
    assert stored == {"stored_files": 2, "held_pairs": 0}
    assert forget(tonight, "casa", records=RECORDS)["stored_files"] == 2
    everything = [*folder(home).rglob("*"), *home.holdings.rglob("*")]
    assert not any(b"4711" in p.read_bytes() for p in everything if p.is_file())
    assert [path.name for path in files(home)] == [
        f"matches_20261123_{as_of(3):%Y%m%dT%H%M%SZ}-3.csv"
    ]
    assert held(tonight) == {BOB}
    with pytest.raises(DestinationError, match="not stored"):
        redeliver(tonight, client_id="casa", partner_id="piano", day=as_of(2).date())
    tonight = at_night(home, 4)
    publish_pairs(tonight, 4, {BOB: 4})
    assert deliver(tonight).rows_seen == 1


def test_what_is_noted_as_held_is_rewritten_when_time_is_up(home: Settings) -> None:
    assert forget(home, "casa", records=RECORDS) == {"stored_files": 1, "held_pairs": 1}
    assert held(home) == {BOB}
    holding = deliveries.holding(home, "casa", "piano")
    assert holding is not None
    assert holding.pairs == 1
    assert forget(home, "casa", records=RECORDS) == {"stored_files": 0, "held_pairs": 0}


def test_other_clients_files_are_left_alone(home: Settings) -> None:
    assert forget(home, "other", records=RECORDS) == {"stored_files": 0, "held_pairs": 0}
    assert deliver_all(replace(home), registry=REGISTRY)[0].is_new is False


def test_P41_who_opts_out_while_a_file_is_written_is_out_with_the_next(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = storing.write_csv

    def opt_out_meanwhile(*arguments: Any) -> None:
        written(*arguments)
        suppress(settings, "record", ["AN-4711"])

    publish_pairs(settings, 1, {ANNA: 1, BOB: 1})
    monkeypatch.setattr(storing, "write_csv", opt_out_meanwhile)
    assert deliver(settings).rows_added == 2
    monkeypatch.undo()
    assert waiting(settings, "casa", {7: RECORDS}) == {7: ["piano"]}
    tonight = at_night(settings, 2)
    publish_pairs(tonight, 2, {ANNA: 2, BOB: 2})
    done = deliver(tonight)
    assert (done.rows_added, done.rows_seen, done.rows_removed) == (0, 1, 1)
    assert held(tonight) == {BOB}
