"""dbt's unit tests, run where no data is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.warehouse.nights import WAREHOUSE
from tests.warehouse.project import dbt

pytestmark = pytest.mark.xdist_group("warehouse")


def test_unit_tests_of_the_models_pass(another_home: Path) -> None:
    shutil.copy(another_home / "empty.duckdb", another_home / WAREHOUSE)
    dbt(another_home, "test", "--select", "test_type:unit")
