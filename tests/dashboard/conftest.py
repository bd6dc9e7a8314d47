"""Homes for the pages: nothing published, a normal morning, a failed night."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from dashboard import context
from matchbook.settings import Settings
from tests.dashboard import world


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Settings]:
    """A deployment where nothing has happened yet; pages of this test serve from it."""
    made = Settings(home=tmp_path / "home", now=world.NOW)
    context.serve_from(made)
    st.cache_data.clear()
    yield made
    context.serve_from(made)


@pytest.fixture(scope="session")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A normal morning's home: two clients, last night went well, all files delivered."""
    settings = Settings(home=tmp_path_factory.mktemp("morning") / "home", now=world.NOW)
    world.make_registry(settings)
    world.publish(settings)
    for client_id in world.CLIENTS:
        world.deliver(settings, client_id)
    world.record_run(settings, "done")
    return settings.home


@pytest.fixture
def published(home: Settings, morning: Path) -> Settings:
    """A copy of that morning which the test may change."""
    shutil.copytree(morning, home.home)
    return home
