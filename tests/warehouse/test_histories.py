"""What was true on a past day, and that it does not matter how its lines came in."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.warehouse import scenarios
from tests.warehouse.hand_made import Client, day_of, land_night, land_registry
from tests.warehouse.nights import ALL, MARTS, WAREHOUSE, Nights, marts, say
from tests.warehouse.nights import NIGHTS as EVERY_NIGHT
from tests.warehouse.project import dbt, rows
from tests.warehouse.random_histories import NIGHTS, histories, split_and_shuffled

pytestmark = [pytest.mark.xdist_group("warehouse"), pytest.mark.proof]

CLIENTS = 150
DAY = day_of(1)
"""A past day; the newest is a day later."""
MARTS_BY_DAY = ("match_rates", "match_precision", "match_steps", "match_tests", "upload_cohorts")
DAYS = dict.fromkeys(MARTS_BY_DAY, "as_of_date")
DAYS |= dict.fromkeys(("site_days", "sync_days", "call_days", "visitor_actions"), "hit_date")

THEN = """
    select distinct client_id, partner_id, crm_record_id from intermediate.int_record_sightings
    where as_of_date = $day order by all
"""
NOW = """
    select distinct client_id, partner_id, crm_record_id from marts.matches
    where is_deliverable order by all
"""
AS_OF = ("--vars", json.dumps({"as_of": f"{DAY} 23:59:59"}))


def test_state_as_of_a_past_day(
    nights: Nights, another_home: Path, empty_home: Path, tmp_path: Path
) -> None:
    """What a build of the past day says today is what that day's end would have said, had all
    its lines been there; and the next build finds no trace of it."""
    then = _end_of_day(Path(shutil.copytree(empty_home, tmp_path / "home")))
    dbt(another_home, "run", *AS_OF)
    assert _until_day(another_home) == _until_day(then)
    found = _ask(another_home, NOW)
    print(f"\nAs of {DAY}: {len(found)} deliverable matches in {len(MARTS)} equal marts")
    assert len(found) > 10
    dbt(another_home, "run")
    assert marts(another_home) == nights.marts
    dbt(another_home, "run", "--full-refresh")
    assert _ask(another_home, THEN, day=DAY) == found


def _end_of_day(home: Path) -> Path:
    """A home that knows what had happened by the end of the day, and nothing else."""
    clients = [_until(scenario()) for scenario in ALL]
    land_registry(home, clients, scenarios.PUBLISHERS)
    for night in EVERY_NIGHT:
        say(home, night)
    for night in (0, 1):
        land_night(home, night, clients)
    dbt(home, "run", *AS_OF)
    return home


def _until_day(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The marts without the days that came later, which a build leaves as they are."""
    return {
        mart: _ask(
            home,
            f"select * exclude ({dropped}) from marts.{mart} "
            f"where {DAYS.get(mart, '$day')} <= $day order by all",
            day=DAY,
        )
        for mart, dropped in MARTS.items()
    }


def _until(client: Client) -> Client:
    """The client's calls up to the day, whenever they came."""
    calls = [hit for night in client.hits.values() for hit in night if hit["hit_date"] <= DAY]
    client.hits = {1: calls}
    return client


def _ask(home: Path, query: str, **parameters: date) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / WAREHOUSE), read_only=True) as connection:
        return connection.execute(query, parameters).fetchall()


@pytest.mark.parametrize("seed", [1, 2])
def test_random_histories(seed: int, empty_home: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(empty_home, tmp_path / "home"))
    _live(home, histories(seed, CLIENTS))
    nightly = marts(home)
    dbt(home, "run", "--full-refresh")
    assert marts(home) == nightly
    shutil.copy(empty_home / WAREHOUSE, home / WAREHOUSE)
    _live(home, split_and_shuffled(seed, CLIENTS))
    assert marts(home) == nightly
    matches = rows(
        home / WAREHOUSE, "select count(*), count(distinct client_id) from marts.matches"
    )
    print(f"\nSeed {seed}: {CLIENTS} histories, matches and clients with one: {matches[0]}")
    assert matches[0][1] > CLIENTS / 2


def _live(home: Path, clients: list[Client]) -> None:
    land_registry(home, clients, {})
    for night in range(NIGHTS):
        land_night(home, night, clients)
        dbt(home, "run")
