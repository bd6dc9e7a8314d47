"""The project on Spark, in a process of its own, and what both engines left of a home."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from matchbook.mirror_files import write_mirror
from matchbook.publishing.source import open_built
from matchbook.settings import Settings
from matchbook.warehouse import open_file
from tests.warehouse.project import PROJECT

SUBMIT = (
    "--master local[1] --driver-memory 2g "
    '--driver-java-options "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC" '
    "--conf spark.sql.shuffle.partitions=1 --conf spark.sql.adaptive.enabled=false "
    "--conf spark.sql.codegen.wholeStage=false --conf spark.ui.showConsoleProgress=false "
    "pyspark-shell"
)
"""For many small queries on one core: compiling each would take most of the time."""
LOW_PRIORITY = ("nice", "-n", "19")


def environment(home: Path) -> dict[str, str]:
    own = {"MATCHBOOK_HOME": str(home), "MATCHBOOK_ENGINE": "spark"}
    return {**os.environ, **own, "PYSPARK_SUBMIT_ARGS": SUBMIT, "PYSPARK_PYTHON": sys.executable}


def land_in_lake(home: Path) -> None:
    """What was landed by hand, as the lake and the mirror have it."""
    connection = open_file(home / "warehouse.duckdb")
    write_mirror(connection, Settings(home=home))
    landed = connection.execute(
        "select table_name from duckdb_columns() "
        "where schema_name = 'raw' and column_name = 'hit_date'"
    ).fetchall()
    for (table,) in landed:
        folder = home / "lake" / table
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        connection.execute(f"copy raw.{table} to '{folder}/all.parquet'")
    connection.close()


def dbt_on_spark(home: Path, *arguments: str) -> None:
    """Run one dbt command; fails with what dbt says."""
    command = [*LOW_PRIORITY, sys.executable, "-m", "dbt.cli.main", *arguments]
    command += [
        "--target",
        "spark",
        "--target-path",
        str(home / "spark/dbt"),
        "--profiles-dir",
        ".",
    ]
    done = subprocess.run(
        command, cwd=PROJECT, env=environment(home), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-5000:]


def digests(home: Path, engine: str) -> dict[str, tuple[int, str]]:
    """Of every mart and export: how many rows, and a hash of them in order.

    Columns and their types are those of the contracts; doubles count to twelve digits.
    """
    settings = replace(Settings(home=home), engine=engine)
    nodes = json.loads((settings.builds / "manifest.json").read_text())["nodes"].values()
    models = {f"{n['schema']}.{n['name']}": n for n in nodes if n["resource_type"] == "model"}
    found = {}
    with open_built(settings) as connection:
        for name in sorted(name for name in models if name.startswith(("marts.", "exports."))):
            columns = ", ".join(
                f"cast({c} as {kind['data_type']})" for c, kind in models[name]["columns"].items()
            )
            rows = connection.execute(f"select {columns} from warehouse.{name}").fetchall()
            lines = sorted(repr(tuple(map(comparable, row))) for row in rows)
            digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
            found[name] = (len(rows), digest)
    return found


def comparable(value: object) -> object:
    return float(f"{value:.12g}") if isinstance(value, float) else value
