"""Homes that the tests of the dbt project share."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.project import artifact, dbt


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh home after a bare `dbt build`; shared by all workers, so never written."""
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    home = shared / "empty_warehouse"
    with (shared / "empty_warehouse.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "empty_warehouse.complete").exists():
            home.mkdir(exist_ok=True)
            dbt(home, "build")
            (shared / "empty_warehouse.complete").touch()
    return home


@pytest.fixture(scope="session")
def manifest(empty_home: Path) -> dict[str, Any]:
    """What dbt knows of the project."""
    return artifact(empty_home, "manifest")
