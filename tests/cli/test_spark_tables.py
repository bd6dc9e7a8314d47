"""What a killed build of Spark left goes, and what stood whole stays."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from matchbook.cli.spark_tables import WholeTables
from matchbook.settings import Settings


def event(name: str, table: str, materialized: str = "table", status: str = "success") -> object:
    node = SimpleNamespace(
        resource_type="model",
        materialized=materialized,
        node_status=status,
        node_relation=SimpleNamespace(schema="marts", alias=table),
    )
    return SimpleNamespace(info=SimpleNamespace(name=name), data=SimpleNamespace(node_info=node))


def folders(settings: Settings) -> set[str]:
    return {path.name for path in settings.spark_tables.glob("*.db/*")}


def made(settings: Settings, table: str, **kind: str) -> None:
    """A build that ends this table."""
    tables = WholeTables(settings, full_refresh=False)
    tables.watch(event("NodeStart", table, **kind))
    (settings.spark_tables / "marts.db" / table).mkdir(parents=True, exist_ok=True)
    tables.watch(event("NodeFinished", table, **kind))


@pytest.mark.parametrize(
    ("materialized", "full_refresh", "stays"),
    [("table", False, False), ("incremental", False, True), ("incremental", True, False)],
)
def test_a_killed_build(
    materialized: str, full_refresh: bool, stays: bool, settings: Settings
) -> None:
    made(settings, "people", materialized=materialized)
    made(settings, "matches")
    killed = WholeTables(settings, full_refresh=full_refresh)
    killed.watch(event("NodeStart", "people", materialized=materialized))
    (settings.spark_tables / "marts.db" / "half").mkdir()
    WholeTables(settings, full_refresh=False).remove_others()
    assert folders(settings) == {"matches"} | ({"people"} if stays else set())


def test_a_model_that_failed_is_made_anew(settings: Settings) -> None:
    tables = WholeTables(settings, full_refresh=False)
    tables.watch(event("NodeStart", "people"))
    (settings.spark_tables / "marts.db" / "people").mkdir(parents=True)
    tables.watch(event("NodeFinished", "people", status="error"))
    WholeTables(settings, full_refresh=False).remove_others()
    assert folders(settings) == set()
