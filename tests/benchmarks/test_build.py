"""What a build costs: per model on an empty delta, and how it grows with the history.

The browsers are the same in both histories, so that both builds look at as many live pairs;
what differs is how many days lie behind them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from matchbook.settings import REPOSITORY, Settings
from matchbook.warehouse import open_warehouse
from tests.benchmarks import synthetic_days

HITS_A_DAY = 300_000
VISITORS = 40_000
RECORDS = 30_000
SEASON, YEAR, YEAR_HITS = 120, 365, 100_000
"""Days of history, both with a full look-back of 90 days, and hits on each of them."""
REPEATS = 3
NOISE = 1.0
"""Seconds by which two builds of 61 models differ without a reason."""

pytestmark = pytest.mark.bench


def test_cost_follows_the_new_day(tmp_path: Path) -> None:
    short = _last_day_cost(tmp_path / "short", history=5)
    long = _last_day_cost(tmp_path / "long", history=30)
    whole = long["day"] / short["day"]
    print(f"\nDay 31 of {HITS_A_DAY:,} hits, sum of model times, empty build subtracted:")
    for name, cost in (("on 5 days", short), ("on 30 days", long)):
        print(
            f"  {name}: {cost['net']:.2f} s = {cost['day']:.2f} s - {cost['empty']:.2f} s (empty), "
            f"{cost['pairs']:,} live pairs"
        )
    slowest = sorted(long["models"].items(), key=lambda item: -item[1])[:8]
    for name, seconds in slowest:
        fewer = short["models"][name]
        print(f"    {name:30} {seconds:6.2f} s on 30 days, {fewer:6.2f} s on 5 days")
    print(
        f"  net {long['net']:.2f} s beside {short['net']:.2f} s; "
        f"whole build {whole:.2f} (limit 1.3)"
    )
    assert whole <= 1.3
    assert long["net"] <= 1.3 * max(short["net"], NOISE)


def test_a_year_costs_what_four_months_do(tmp_path: Path) -> None:
    season, year = (_cost_after(tmp_path / str(days), days) for days in (SEASON, YEAR))
    print(f"\nA day of {YEAR_HITS:,} hits, sum of model times, empty build subtracted:")
    for days, cost in ((SEASON, season), (YEAR, year)):
        print(
            f"  day {days + 1}: {cost['grown']:.2f} s for the day, as of the build "
            f"{cost['as_of']:.2f} s, {cost['as_of'] / cost['pairs'] * 1e6:.1f} s per million of "
            f"{cost['pairs']:,} live pairs"
        )
    ratio = year["grown"] / max(season["grown"], NOISE)
    print(f"  day {YEAR + 1} : day {SEASON + 1} = {ratio:.2f} (limit 1.3)")
    assert ratio <= 1.3


def test_fixed_cost_of_a_night(tmp_path: Path) -> None:
    settings = _home(tmp_path / "fixed", history=2)
    _dbt(settings, "build")
    started = time.perf_counter()
    results = _dbt(settings, "build")
    wall = time.perf_counter() - started
    kinds = {"model": [], "test": []}
    for name, seconds in results.items():
        kinds["test" if name.startswith("test.") else "model"].append(seconds)
    print(f"\nA night with nothing new: {wall:.1f} s wall, dbt's start included")
    for kind, seconds in kinds.items():
        if seconds:
            each = sum(seconds) / len(seconds)
            print(f"  {len(seconds)} {kind}s, {sum(seconds):.2f} s, {each:.3f} s each")
    assert kinds["model"]
    assert kinds["test"]


def _last_day_cost(home: Path, *, history: int) -> dict:
    """Day 31 and an empty build, each run REPEATS times from the same warehouse; the best."""
    settings = _home(home, history=history)
    _dbt(settings, "run")
    eve = home / "eve.duckdb"
    shutil.copy(settings.warehouse, eve)
    empty = _best([_dbt(settings, "run") for _ in range(REPEATS)])
    days = []
    for _ in range(REPEATS):
        shutil.copy(eve, settings.warehouse)
        with open_warehouse(settings) as connection:
            synthetic_days.add_day(
                connection, 30, hits=HITS_A_DAY, visitors=VISITORS, records=RECORDS
            )
        days.append(_dbt(settings, "run"))
    day = _best(days)
    return {
        "empty": sum(empty.values()),
        "day": sum(day.values()),
        "net": sum(day.values()) - sum(empty.values()),
        "pairs": _live_pairs(settings),
        "models": {name.split(".")[-1]: seconds for name, seconds in day.items()},
    }


def _cost_after(home: Path, days: int) -> dict:
    """The day after so many: models that grow with the days, less an empty build's, and others."""
    settings = _settled(home, days)
    eve = home / "eve.duckdb"
    shutil.copy(settings.warehouse, eve)
    empty = _best([_dbt(settings, "run") for _ in range(REPEATS)])
    runs = []
    for _ in range(REPEATS):
        shutil.copy(eve, settings.warehouse)
        _add_days(settings, days, days + 1)
        runs.append(_dbt(settings, "run"))
    day, growing = _best(runs), _growing(settings)
    return {
        "grown": sum(day[name] - empty[name] for name in growing),
        "as_of": sum(seconds for name, seconds in day.items() if name not in growing),
        "pairs": _live_pairs(settings),
    }


def _settled(home: Path, days: int) -> Settings:
    """Days whose rates have long been stated: only the newest one is, as after any night."""
    settings = Settings(home=home)
    with open_warehouse(settings) as connection:
        synthetic_days.register(connection, RECORDS)
    _add_days(settings, 0, 1)
    _dbt(settings, "run")
    _add_days(settings, 1, days)
    with open_warehouse(settings) as connection:
        for mart in ("match_rates", "more_rates"):
            connection.execute(
                f"delete from marts.{mart} "
                f"where as_of_date < (select max(as_of_date) from marts.{mart})"
            )
            connection.execute(
                f"update marts.{mart} set load_seq = (select max(load_seq) from raw.loads), "
                "as_of_date = (select max(landed_at)::date from raw.loads)"
            )
    _dbt(settings, "run")
    return settings


def _add_days(settings: Settings, first: int, end: int) -> None:
    with open_warehouse(settings) as connection:
        for number in range(first, end):
            synthetic_days.add_day(
                connection, number, hits=YEAR_HITS, visitors=VISITORS, records=RECORDS
            )


def _growing(settings: Settings) -> set[str]:
    """By-day and entity models: they hold the history, the others are made anew."""
    nodes = json.loads((settings.builds / "manifest.json").read_text())["nodes"]
    return {
        name
        for name, node in nodes.items()
        if node["config"]["materialized"] == "incremental"
        and node["config"]["unique_key"] != "as_of_date"
    }


def _best(runs: list[dict[str, float]]) -> dict[str, float]:
    """Each model's fastest run: the machine's other work is not the model's."""
    return {name: min(run[name] for run in runs) for name in runs[0]}


def _live_pairs(settings: Settings) -> int:
    with open_warehouse(settings) as connection:
        return connection.execute("select count(*) from marts.matches").fetchone()[0]


def _home(home: Path, *, history: int) -> Settings:
    settings = Settings(home=home)
    with open_warehouse(settings) as connection:
        synthetic_days.register(connection, RECORDS)
        for number in range(30 - history, 30):
            synthetic_days.add_day(
                connection, number, hits=HITS_A_DAY, visitors=VISITORS, records=RECORDS
            )
    return settings


def _dbt(settings: Settings, command: str) -> dict[str, float]:
    dbt = Path(sys.executable).with_name("dbt")
    done = subprocess.run(
        [str(dbt), "--quiet", command, "--exclude", "test_type:unit"],
        cwd=REPOSITORY / "dbt_project",
        env=os.environ | {"MATCHBOOK_HOME": str(settings.home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    results = json.loads((settings.builds / "run_results.json").read_text())["results"]
    return {result["unique_id"]: result["execution_time"] for result in results}
