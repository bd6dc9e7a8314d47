"""Homes for the pages: nothing published, a normal morning, a failed night."""

from __future__ import annotations

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


@pytest.fixture
def published(home: Settings) -> Settings:
    """A normal morning: two clients, last night went well, all files delivered."""
    world.make_registry(home)
    world.publish(home)
    for client_id in world.CLIENTS:
        world.deliver(home, client_id)
    world.record_run(home, "done")
    return home
