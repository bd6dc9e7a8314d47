"""The demo world is as hard as promised, and nobody makes it easier."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest

from ingest.demo import World, WorldOptions, hardness, make_world
from ingest.demo.devices import ALLOWED, MONTH_DAYS
from ingest.demo.mailings import DISGUISED, FORWARDED, SCANNER
from matchbook.settings import Settings

FLOORS = {
    "SHARED_BROWSERS": 0.10,
    "COOKIES_CLEARED_A_MONTH": 0.15,
    "CLICKS_FORWARDED": 0.01,
    "CLICKS_BY_SCANNERS": 0.05,
    "SCANNERS_IN_DISGUISE": 0.50,
    "PEOPLE_TWICE_IN_CRM": 0.05,
    "EMAILS_ON_TWO_RECORDS": 0.02,
    "LINES_LATE": 0.10,
    "LONGEST_DELAY_DAYS": 10,
    "VISITORS_UNTRACKED": 0.30,
    "GARBAGE_LINES_A_FILE": 1,
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    options = WorldOptions(end=date(2026, 11, 20), visitors=1500, days=30, nights=0, seed=3)
    world = make_world(Settings(home=tmp_path_factory.mktemp("hard")), options)
    world.backlog()
    return world


@pytest.mark.parametrize("name", FLOORS)
def test_no_number_is_lowered(name: str) -> None:
    assert getattr(hardness, name) >= FLOORS[name]


def test_browsers_are_shared_by_two_to_four(world: World) -> None:
    count = world.cast.browsers.user_count
    assert np.mean(count >= 2) >= hardness.SHARED_BROWSERS
    assert count.max() <= 4


def test_cookies_are_cleared(world: World) -> None:
    cleared = world.cast.browsers.clear_days < world.options.days
    assert cleared.shape[1] == world.options.days // MONTH_DAYS
    assert (cleared.mean(axis=0) >= hardness.COOKIES_CLEARED_A_MONTH).all()


def test_clearing_gives_a_new_visitor_id(world: World) -> None:
    browser = np.flatnonzero(world.cast.browsers.clear_days[:, 0] < 25)
    before = world.cast.visitor_ids(browser, -1)
    after = world.cast.visitor_ids(browser, 25)
    assert not set(before) & set(after)


def test_clicks_are_forwarded_and_scanned(world: World) -> None:
    origins = column(world, "select origin from clicks")
    scanners = np.isin(origins, (SCANNER, DISGUISED))
    assert len(origins) > 100
    assert np.mean(origins == FORWARDED) >= hardness.CLICKS_FORWARDED
    assert np.mean(scanners) >= hardness.CLICKS_BY_SCANNERS
    assert np.mean(origins[scanners] == DISGUISED) >= hardness.SCANNERS_IN_DISGUISE


def test_people_are_twice_in_each_crm(world: World) -> None:
    shares = column(
        world,
        "select avg(cast(n > 1 as int)) from (select client_id, person_id, count(*) as n "
        "from records group by client_id, person_id) group by client_id",
    )
    assert len(shares) == 3
    assert (shares >= hardness.PEOPLE_TWICE_IN_CRM).all()


def test_emails_stand_on_two_peoples_records(world: World) -> None:
    shares = column(
        world,
        "select avg(cast(n > 1 as int)) from (select email, count(distinct person_id) as n "
        "from records where client_id = 'oakandlinen' and email >= 0 group by email)",
    )
    assert shares[0] >= hardness.EMAILS_ON_TWO_RECORDS


def test_lines_land_late(world: World) -> None:
    late = column(world, "select sum(lines) filter (where delay > 0) / sum(lines) from lines")
    longest = column(world, "select max(delay) from lines")
    assert late[0] >= hardness.LINES_LATE
    assert longest[0] == hardness.LONGEST_DELAY_DAYS


def test_visitors_are_untracked(world: World) -> None:
    untracked = world.cast.browsers.permission != ALLOWED
    assert np.mean(untracked) >= hardness.VISITORS_UNTRACKED


def column(world: World, query: str) -> np.ndarray:
    """One column of a query over the truth."""
    folder: Path = world.settings.home / "truth"
    with duckdb.connect() as connection:
        connection.read_parquet(str(folder / "records.parquet")).create_view("records")
        for name in ("clicks", "lines"):
            connection.read_parquet(str(folder / name / "*.parquet")).create_view(name)
        return next(iter(connection.execute(query).fetchnumpy().values()))
