"""The dbt project, run in this process against a home of a test."""

from __future__ import annotations

import json
import os
from contextlib import chdir
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from matchbook.settings import REPOSITORY

PROJECT = REPOSITORY / "dbt_project"


def dbt(home: Path, *arguments: str) -> None:
    """Run one dbt command; fails with what dbt says."""
    broken = broken_nodes(home, *arguments)
    assert not broken, broken


def broken_nodes(home: Path, *arguments: str) -> dict[str, str]:
    """Run one dbt command; the models and tests that failed, and why."""
    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    # The lock of a home that only this test knows need not be taken.
    environment = {"MATCHBOOK_HOME": str(home), "MATCHBOOK_RUN_LOCK": str(home)}
    with patch.dict(os.environ, environment), chdir(PROJECT):
        try:
            outcome = dbtRunner().invoke([*arguments, "--log-level", "none", *folders])
        finally:
            _let_go_of_the_file()
    results = getattr(outcome.result, "results", None) or []
    broken = {r.node.name: str(r.message) for r in results if r.status in ("error", "fail")}
    assert outcome.success or broken, str(outcome.exception)
    return broken


def artifact(home: Path, name: str) -> dict[str, Any]:
    """manifest or run_results."""
    found: dict[str, Any] = json.loads((home / "dbt" / f"{name}.json").read_text())
    return found


def models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every model of the project by its name."""
    nodes = manifest["nodes"].values()
    return {node["name"]: node for node in nodes if node["resource_type"] == "model"}


def rows(warehouse: Path, query: str) -> list[tuple[Any, ...]]:
    """What the warehouse answers."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


def _let_go_of_the_file() -> None:
    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager._ENV.close()
    DuckDBConnectionManager.close_all_connections()
