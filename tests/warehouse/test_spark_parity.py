"""DuckDB = Spark: every mart and export, row for row (`make proof-spark`; wants Java 17)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from matchbook.errors import BuildFailed, SnapshotUnavailable
from matchbook.publishing import publish
from matchbook.settings import Settings
from matchbook.snapshots import open_snapshot, published
from tests.warehouse import scenarios, spark
from tests.warehouse.hand_made import land_night, land_registry
from tests.warehouse.nights import ALL, say
from tests.warehouse.nights import NIGHTS as EVERY_NIGHT
from tests.warehouse.project import dbt

pytestmark = pytest.mark.spark


def equal(home: Path, what: str) -> None:
    duckdb, on_spark = spark.digests(home, "duckdb"), spark.digests(home, "spark")
    assert duckdb.keys() == on_spark.keys()
    different = {n: (duckdb[n], on_spark[n]) for n in duckdb if duckdb[n] != on_spark[n]}
    assert different == {}
    filled = sum(count > 0 for count, _ in duckdb.values())
    rows = sum(count for count, _ in duckdb.values())
    print(f"\n{what}: {len(duckdb)} tables ({filled} with rows), {rows:,} rows equal")


def test_hostile_histories(tmp_path: Path) -> None:
    """Every named case; the days of the last two nights replace and add to those of the first."""
    clients = [scenario() for scenario in ALL]
    land_registry(tmp_path, clients, scenarios.PUBLISHERS)
    for night in EVERY_NIGHT:
        say(tmp_path, night)
        land_night(tmp_path, night, clients)
        if night == 1:
            continue
        spark.land_in_lake(tmp_path)
        dbt(tmp_path, "run")
        spark.dbt_on_spark(tmp_path, "run")
        equal(tmp_path, f"Night {night} of {len(clients)} hostile histories")


def test_the_demo_world_killed_built_and_published(demo_home: Path) -> None:
    settings = replace(Settings(home=demo_home), engine="spark")
    before = published(settings)
    _kill_a_build(demo_home)
    assert published(settings) == before
    with pytest.raises((BuildFailed, SnapshotUnavailable)):
        publish(settings)
    _read_every_client(settings)
    subprocess.run(
        [*spark.LOW_PRIORITY, sys.executable, "-m", "matchbook", "build"],
        env=spark.environment(demo_home), check=True, capture_output=True,
    )  # fmt: skip
    equal(demo_home, "Demo world")
    assert before is not None
    tables = _snapshots(settings)
    shutil.move(demo_home / "published", demo_home / "published.duckdb")
    publish(settings)
    assert _snapshots(settings) == tables
    print(f"Snapshots of {len(tables)} clients equal, made from either engine")


def _kill_a_build(home: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "matchbook", "build"],
        env=spark.environment(home), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    tables = home / "spark/tables/intermediate.db"
    while len(list(tables.glob("*"))) < 5:
        assert process.poll() is None
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _read_every_client(settings: Settings) -> None:
    found = published(settings)
    assert found is not None
    for client in found.clients:
        with open_snapshot(settings, client) as connection:
            assert connection.execute("select count(*) from people").fetchall()


def _snapshots(settings: Settings) -> dict[str, dict[str, list[object]]]:
    """Every table of every client's snapshot, in one order."""
    found = published(settings)
    assert found is not None
    told: dict[str, dict[str, list[object]]] = {}
    for client in found.clients:
        with open_snapshot(settings, client) as connection:
            names = [row[0] for row in connection.execute("show tables").fetchall()]
            told[client] = {
                name: sorted(
                    [tuple(map(spark.comparable, row)) for row in
                     connection.execute(f'from "{name}"').fetchall()], key=repr,
                )
                for name in names
            }  # fmt: skip
    return told
