"""What the tests of the dbt project build once, whoever asks first."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.project import artifact, dbt

MakeOnce = Callable[[str, Callable[[Path], None]], Path]


@pytest.fixture(scope="session")
def make_once(tmp_path_factory: pytest.TempPathFactory) -> MakeOnce:
    """A folder of that name, filled by the first of all workers that asks for it."""
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent

    def make(name: str, fill: Callable[[Path], None]) -> Path:
        folder = shared / name
        with locked(folder):
            if not (shared / f"{name}.complete").exists():
                folder.mkdir(exist_ok=True)
                fill(folder)
                (shared / f"{name}.complete").touch()
        return folder

    return make


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One worker at a time."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def empty_home(make_once: MakeOnce) -> Path:
    """A fresh home after a bare `dbt build`; never written."""
    return make_once("empty_warehouse", lambda home: dbt(home, "build"))


@pytest.fixture(scope="session")
def manifest(empty_home: Path) -> dict[str, Any]:
    """What dbt knows of the project."""
    return artifact(empty_home, "manifest")
