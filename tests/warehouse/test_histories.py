"""What was true on a past day, and that it does not matter how its lines came in."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.warehouse import nights, scenarios
from tests.warehouse.hand_made import Client, day_of, land_night, land_registry
from tests.warehouse.nights import WAREHOUSE, marts
from tests.warehouse.project import dbt, rows
from tests.warehouse.random_histories import NIGHTS, histories, split_and_shuffled

pytestmark = [pytest.mark.xdist_group("warehouse"), pytest.mark.proof]

CLIENTS = 150
DAY = day_of(1)
"""A past day; the newest is a day later."""

THEN = """
    select distinct client_id, partner_cookie_id, crm_record_id from intermediate.int_rate_pairs
    where as_of_date = $day order by all
"""
NOW = """
    select distinct client_id, partner_cookie_id, crm_record_id from marts.matches
    where is_deliverable order by all
"""


def test_state_as_of_a_past_day(another_home: Path, empty_home: Path, tmp_path: Path) -> None:
    """What is said of the day today is what that day's end would have said, had all its lines
    been there."""
    dbt(another_home, "run", "--full-refresh")
    found = _ask(another_home, THEN, day=DAY)
    home = Path(shutil.copytree(empty_home, tmp_path / "home"))
    clients = [_until(scenario()) for scenario in nights.ALL]
    land_registry(home, clients, scenarios.PUBLISHERS)
    for night in nights.NIGHTS:
        nights.say(home, night)
    for night in (0, 1):
        land_night(home, night, clients)
    dbt(home, "run", "--vars", json.dumps({"as_of": f"{DAY} 23:59:59"}))
    assert found == _ask(home, NOW)
    assert len(found) > 10


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
