"""What somebody does on the page Audiences, and homes to do it in."""

from __future__ import annotations

import html
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import context
from matchbook.kept_audiences import store
from matchbook.kept_audiences.store import Audience
from matchbook.settings import Settings
from tests.dashboard import world_audiences
from tests.dashboard.pages import words
from tests.matchbook.kept_audiences.nights import SHOP


@pytest.fixture(scope="module")
def shop_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop after its second night; never written."""
    settings = Settings(home=tmp_path_factory.mktemp("audiences") / "home", now=world_audiences.NOW)
    return world_audiences.make_home(settings).home


@pytest.fixture
def shop(shop_made: Path, tmp_path: Path) -> Iterator[Settings]:
    """A copy of it that the test may change; pages of this test serve from it."""
    settings = Settings(home=tmp_path / "home", now=world_audiences.NOW)
    shutil.copytree(shop_made, settings.home)
    context.serve_from(settings)
    st.cache_data.clear()
    yield settings
    context.serve_from(settings)


def said(app: AppTest) -> str:
    """What our own HTML says, as people read it."""
    return html.unescape(words(app))


def press(app: AppTest, label: str, place: int = 0) -> AppTest:
    """Press the button of this label, of several the one at this place."""
    [button for button in app.button if button.label == label][place].click()
    return again(app)


def again(app: AppTest) -> AppTest:
    """Run once more; a page that raised fails the test."""
    app.run()
    assert not app.exception, [error.value for error in app.exception]
    return app


def choose(app: AppTest, label: str, value: object) -> AppTest:
    """Choose in the select box of this label."""
    next(box for box in app.selectbox if box.label == label).set_value(value)
    return again(app)


def write(app: AppTest, label: str, value: str) -> AppTest:
    """Write into the text field of this label."""
    next(box for box in [*app.text_input, *app.text_area] if box.label == label).set_value(value)
    return again(app)


def number(app: AppTest, label: str, value: float | None) -> AppTest:
    """Enter a number."""
    next(box for box in app.number_input if box.label == label).set_value(value)
    return again(app)


def saved(settings: Settings, audience_id: str) -> Audience:
    """As it is stored."""
    return store.get(settings, SHOP, audience_id)
