"""What the tests of the dbt project build once, whoever asks first."""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.warehouse.nights import WAREHOUSE, Nights, live_through
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

    def fill(copy: Path) -> None:
        dbt(lived_in(copy), "build")
        shutil.copytree(lived_in(copy), copy, dirs_exist_ok=True)

    return make_once("empty_warehouse", fill)


def lived_in(empty_home: Path) -> Path:
    """The one home where dbt runs: in any other it would parse the whole project again."""
    return empty_home.with_name("warehouse")


@pytest.fixture(scope="session")
def manifest(empty_home: Path) -> dict[str, Any]:
    """What dbt knows of the project."""
    return artifact(empty_home, "manifest")


@pytest.fixture(scope="session")
def nights(empty_home: Path, make_once: MakeOnce) -> Nights:
    """Three nights, one build each, the last one with all its tests."""
    home = lived_in(empty_home)
    make_once("nights", lambda _: live_through(home))
    told: Nights = pickle.loads((home / "nights.pickle").read_bytes())
    return told


@pytest.fixture
def another_home(nights: Nights) -> Iterator[Path]:
    """The home of the nights, with a warehouse to be changed."""
    with locked(nights.home):
        shutil.copy(nights.home / "nightly.duckdb", nights.home / WAREHOUSE)
        yield nights.home
