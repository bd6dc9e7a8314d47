"""Every page of the menu, and every tab, in every state of the house: nothing published yet, a
normal morning of the demo, data of three days ago, a night that broke."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import streamlit as st

from dashboard import context
from dashboard.navigation import MENU
from matchbook import snapshots
from matchbook.settings import Settings
from tests.dashboard import world
from tests.dashboard.pages import open_page, words

PAGES = {
    "" if module == "overview" else module.replace("_", "-"): title
    for pages in MENU.values()
    for module, title in pages
}
STATES = (
    "empty",
    "demo",
    pytest.param("stale", marks=pytest.mark.proof),
    pytest.param("broken", marks=pytest.mark.proof),
)
NEVER = ("Traceback", "Error:", "select ", "None,", "nan ", "NaT")


@pytest.fixture(scope="module")
def states(demo_world: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Settings]:
    """A home for each state; two share the demo's last morning."""
    base = tmp_path_factory.mktemp("states")
    empty = Settings(home=base / "empty", now=world.NOW)
    world.make_registry(empty)
    homes = {name: shutil.copytree(demo_world, base / name) for name in ("demo", "broken")}
    publication = snapshots.published(Settings(home=homes["demo"]))
    assert publication is not None
    now = publication.as_of + timedelta(minutes=5)
    demo, broken = (Settings(home=home, now=now) for home in homes.values())
    world.record_run(broken, "failed", step="build", at=now)
    stale = replace(demo, now=now + timedelta(days=3))
    return {"empty": empty, "demo": demo, "stale": stale, "broken": broken}


@pytest.fixture
def state(request: pytest.FixtureRequest, states: dict[str, Settings]) -> Iterator[str]:
    """Serve the home of one state."""
    context.serve_from(states[request.param])
    st.cache_data.clear()
    yield request.param
    context.serve_from(states["empty"])


@pytest.mark.parametrize("state", STATES, indirect=True)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_in_every_state(states: dict[str, Settings], page: str, state: str) -> None:
    said = words(open_page(page)).replace("&#x27;", "'")
    assert PAGES[page] in said
    assert [word for word in NEVER if word in said] == []
    assert str(states[state].home) not in said
    told = {
        "empty": "Put a pixel on your site" in said,
        "demo": "Data as of" in said and "last night OK" in said,
        "stale": "This data is 3 days old. You see the data of" in said,
        "broken": "Last night failed at “build”. You see the data of" in said,
    }
    assert told[state], said[:400]


@pytest.mark.parametrize("state", ["demo"], indirect=True)
@pytest.mark.parametrize("page", PAGES)
def test_every_tab(state: str, page: str) -> None:
    for tab in [tab.label for tab in open_page(page).tabs][1:]:
        said = words(open_page(page, tab=tab))
        assert PAGES[page] in said
        assert [word for word in NEVER if word in said and tab != "Definitions"] == [], tab
