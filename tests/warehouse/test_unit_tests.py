"""dbt's unit tests, run where no data is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.warehouse.project import dbt

pytestmark = pytest.mark.xdist_group("warehouse")


def test_unit_tests_of_the_models_pass(empty_home: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(empty_home, tmp_path / "home"))
    dbt(home, "test", "--select", "test_type:unit")
