"""What a million hits cost a build on either engine: processors, bytes landed, slowest models."""

from __future__ import annotations

import json
import resource
from dataclasses import replace
from pathlib import Path

import pytest

from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse
from tests.benchmarks import synthetic_days
from tests.benchmarks.test_build import _dbt as on_duckdb
from tests.warehouse import spark

MILLIONS = (1, 3)
VISITORS, RECORDS = 40_000, 30_000


@pytest.mark.bench
def test_cost_of_a_million_hits(tmp_path: Path) -> None:
    costs = {}
    for millions in MILLIONS:
        settings = _home(tmp_path / str(millions), millions)
        costs[millions] = _cost(lambda home=settings.home: on_duckdb(Settings(home=home), "run"))
        nothing = _cost(lambda home=settings.home: on_duckdb(Settings(home=home), "run"))
        net = costs[millions] - nothing
        print(
            f"\n{millions} million hits of one day, DuckDB: {costs[millions]:.1f} s of processors, "
            f"{nothing:.1f} s of them with nothing new; {net / millions:.1f} s per million"
        )
        _tell(settings)
    few, many = (costs[millions] / millions for millions in MILLIONS)
    assert many <= 1.3 * few  # a million more never costs more than the first


@pytest.mark.spark
def test_cost_of_a_million_hits_on_spark(tmp_path: Path) -> None:
    settings = replace(_home(tmp_path, 1), engine="spark")
    spark.land_in_lake(settings.home)
    cost = _cost(lambda: spark.dbt_on_spark(settings.home, "run"))
    print(
        f"\n1 million hits of one day, Spark local[1]: {cost:.1f} s of processors, start included"
    )
    _tell(settings)


def _home(home: Path, millions: int) -> Settings:
    settings = Settings(home=home)
    with open_warehouse(settings) as connection:
        synthetic_days.register(connection, RECORDS)
        synthetic_days.add_day(
            connection, 0, hits=millions * 1_000_000, visitors=VISITORS, records=RECORDS
        )
        path = home / "landed.parquet"
        connection.execute("copy raw.hits to $path", {"path": str(path)})
    print(f"\n{path.stat().st_size / millions / 1e6:.1f} MB of Parquet land per million hits")
    return settings


def _cost(run) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _tell(settings: Settings) -> None:
    results = json.loads((settings.builds / "run_results.json").read_text())["results"]
    slowest = sorted(results, key=lambda result: -result["execution_time"])[:5]
    for result in slowest:
        name = result["unique_id"].split(".")[-1]
        print(f"  {name:30} {result['execution_time']:.2f} s")
