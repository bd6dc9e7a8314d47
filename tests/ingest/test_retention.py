"""What is kept long enough goes: rows with their load, refused files; the ledger stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ingest import retention
from matchbook.retention import MONTH
from matchbook.settings import Settings
from tests import erasing_world
from tests.conftest import NOW
from tests.erasing_world import UPLOAD, World


@pytest.fixture
def world(settings: Settings) -> World:
    return erasing_world.make(settings)


def later(settings: Settings, months: float) -> Settings:
    return replace(settings, now=NOW + months * MONTH)


def rows(world: World) -> dict[str, int]:
    with erasing_world.lake(world.settings) as tables:
        return {name: len(found) for name, found in tables.items()}


def test_rows_go_with_their_load(world: World) -> None:
    newer = World(later(world.settings, 11.5))
    newer.upload(UPLOAD.replace("gold", "black"))
    before = rows(world)
    for months in (1, 12.9):
        assert not retention.rows_are_due(later(world.settings, months))
    assert retention.rows_are_due(later(world.settings, 13.1))
    assert retention.forget_old_rows(later(world.settings, 13.1)) >= 4
    left = rows(world)
    assert left["hits"] == 0
    assert (before["crm_rows"], left["crm_rows"]) == (6, 3)
    assert left["line_outcomes"] == before["line_outcomes"]
    # Until the warehouse is without them too.
    assert retention.rows_are_due(later(world.settings, 13.1))
    retention.done(world.settings)
    assert not retention.rows_are_due(later(world.settings, 13.1))


def test_what_soon_will_be_too_old_goes_with_it(world: World) -> None:
    World(later(world.settings, 0.5)).upload(UPLOAD.replace("gold", "black"))
    retention.forget_old_rows(later(world.settings, 13.1))
    assert rows(world)["crm_rows"] == 0


def test_refused_files_go_after_a_week_and_reasons_with_the_rows(settings: Settings) -> None:
    settings.refused.mkdir()
    stem = f"{NOW:%Y%m%dT%H%M%SZ}-0123456789ab-a.csv"
    for name in (stem, f"{stem}.reason.json"):
        (settings.refused / name).touch()
    at = replace(settings, now=NOW + timedelta(days=7))
    assert retention.forget_refused(at) == 0
    assert retention.forget_refused(replace(settings, now=NOW + timedelta(days=9))) == 1
    assert [path.name for path in settings.refused.iterdir()] == [f"{stem}.reason.json"]
    assert retention.forget_refused(later(settings, 14)) == 1
