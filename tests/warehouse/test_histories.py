"""What was true on a past day, and that it does not matter how its lines came in."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.hand_made import Client, day_of, land_night, land_registry
from tests.warehouse.nights import WAREHOUSE, Nights, marts
from tests.warehouse.project import dbt, rows
from tests.warehouse.random_histories import NIGHTS, histories, split_and_shuffled

pytestmark = [pytest.mark.xdist_group("warehouse"), pytest.mark.proof]

CLIENTS = 150
CHANGED_SINCE = ("late_sync", "mail_scan")
"""Cases of which a later night told something of an earlier day."""

PAIRS = """
    select distinct client_id, partner_cookie_id, crm_record_id from intermediate.int_rate_pairs
    where as_of_date = date '{day}' order by all
"""


def test_state_as_of_each_past_day(nights: Nights, another_home: Path) -> None:
    dbt(another_home, "run", "--full-refresh")
    for night in range(NIGHTS):
        found = rows(another_home / WAREHOUSE, PAIRS.format(day=day_of(night)))
        then = sorted({row[:3] for row in nights.matches[night] if row[3]})
        assert _unchanged(found) == _unchanged(then)
        assert len(found) > 5


@pytest.mark.parametrize("seed", [1, 2])
def test_random_histories(seed: int, empty_home: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(empty_home, tmp_path / "home"))
    _live(home, histories(seed, CLIENTS), every_night=True)
    nightly = marts(home)
    dbt(home, "run", "--full-refresh")
    assert marts(home) == nightly
    shutil.copy(empty_home / WAREHOUSE, home / WAREHOUSE)
    _live(home, split_and_shuffled(seed, CLIENTS), every_night=True)
    assert marts(home) == nightly
    matches = rows(
        home / WAREHOUSE, "select count(*), count(distinct client_id) from marts.matches"
    )
    print(f"\nSeed {seed}: {CLIENTS} histories, matches and clients with one: {matches[0]}")
    assert matches[0][1] > CLIENTS / 2


def _live(home: Path, clients: list[Client], *, every_night: bool) -> None:
    land_registry(home, clients, {})
    for night in range(NIGHTS):
        land_night(home, night, clients)
        if every_night:
            dbt(home, "run")


def _unchanged(found: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in found if row[0] not in CHANGED_SINCE]
