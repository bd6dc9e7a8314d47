"""What Spark leaves, Parquet and artifacts, is published as a DuckDB build is."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from matchbook.errors import SnapshotUnavailable
from matchbook.mirror_files import write_mirror
from matchbook.publishing import publish
from matchbook.publishing.source import open_built
from matchbook.settings import Settings
from matchbook.snapshots import open_snapshot, outbox_folder, published
from matchbook.warehouse import open_warehouse
from tests.warehouse_fixture import EXPORTS, MARTS, build, small_world


@pytest.fixture
def on_spark(settings: Settings) -> Settings:
    """A home with the same build of either engine, DuckDB's published."""
    build(settings, small_world())
    publish(settings)
    spark = replace(settings, engine="spark")
    with open_warehouse(settings) as connection:
        for schema, tables in (("marts", MARTS), ("exports", EXPORTS)):
            for table in tables:
                folder = spark.spark_tables / f"{schema}.db" / table
                folder.mkdir(parents=True)
                _write(connection, f"{schema}.{table}", folder)
        write_mirror(connection, spark)
        (spark.lake / "loads").mkdir(parents=True)
        connection.execute(f"copy raw.loads to '{spark.lake}/loads/1.parquet'")
    shutil.copytree(settings.builds, spark.builds)
    _name_exports(spark.builds / "manifest.json")
    return spark


def _write(connection: duckdb.DuckDBPyConnection, table: str, folder: Path) -> None:
    """As Spark does: days are folders, and their column stands in no file."""
    if table != "marts.visitor_hits":
        connection.execute(
            f"copy {table} to '{folder}/part-00000-x.snappy.parquet' (format parquet)"
        )
        return
    days = connection.execute(f"select distinct hit_date from {table}").fetchall()
    for (day,) in days:
        inner = folder / f"hit_date={day}"
        inner.mkdir()
        connection.execute(
            f"copy (select * exclude (hit_date) from {table} where hit_date = $day) "
            f"to '{inner}/part-00000-x.snappy.parquet' (format parquet)",
            {"day": day},
        )


def _name_exports(path: Path) -> None:
    manifest = json.loads(path.read_text())
    for table, columns in EXPORTS.items():
        named = (column.split() for column in columns.split(", "))
        manifest["nodes"][f"export.{table}"] = {
            "resource_type": "model", "name": table, "schema": "exports", "description": "",
            "config": {"materialized": "ephemeral"},  # no result of it is asked for
            "columns": {name: {"name": name, "data_type": kind} for name, kind in named},
        }  # fmt: skip
    path.write_text(json.dumps(manifest))


def _shown(settings: Settings) -> dict[str, Any]:
    """Every row that readers and exporters get."""
    found = published(settings)
    assert found is not None
    told: dict[str, Any] = {}
    for client in found.clients:
        with open_snapshot(settings, client) as connection:
            names = [row[0] for row in connection.execute("show tables").fetchall()]
            for name in (*names, "visitor_hits"):
                rows = connection.execute(f'from "{name}"').fetchall()
                told[f"{client} {name}"] = sorted(map(repr, rows))
    for path in sorted(outbox_folder(settings, found).rglob("*.parquet")):
        told["/".join(path.parts[-2:])] = duckdb.read_parquet(str(path)).fetchall()
    return told


def test_the_same_rows_are_published(on_spark: Settings) -> None:
    before = _shown(replace(on_spark, engine="duckdb"))
    publish(on_spark, force=True)
    assert _shown(on_spark) == before
    assert len(before) > 10


def test_leftovers_of_a_killed_job_are_not_read(on_spark: Settings) -> None:
    with open_built(on_spark) as connection:
        before = connection.execute("select count(*) from warehouse.marts.visitor_hits").fetchone()
    folder = on_spark.spark_tables / "marts.db" / "visitor_hits"
    whole = next(folder.glob("hit_date=*/*.parquet"))
    for name in ("_temporary/0/hit_date=2026-11-20", ".spark-staging-1/hit_date=2026-11-20"):
        (folder / name).mkdir(parents=True)
        shutil.copy(whole, folder / name)
    with open_built(on_spark) as connection:
        after = connection.execute("select count(*) from warehouse.marts.visitor_hits").fetchone()
    assert after == before


def test_before_the_first_build_there_is_nothing(settings: Settings) -> None:
    with pytest.raises(SnapshotUnavailable):
        publish_nothing(replace(settings, engine="spark"))


def publish_nothing(settings: Settings) -> None:
    with open_built(settings):
        pass
