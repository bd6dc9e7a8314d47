"""One server and one browser for all browser tests of a worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from matchbook.settings import Settings
from tests.dashboard import world

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.pixel_world import World


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a normal morning is served."""
    from tests.browser.serving import dashboard_at

    settings = Settings(home=Path(tmp_path_factory.mktemp("browser")) / "home", now=world.NOW)
    world.make_registry(settings)
    world.publish(settings)
    world.deliver(settings, "homestead")
    world.record_run(settings, "done")
    with dashboard_at(settings.home, now=world.NOW.isoformat()) as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
def _patience() -> Iterator[None]:
    """Two of a kind are waited out (tests/browser/patience.py)."""
    from tests.browser.patience import be_patient

    with pytest.MonkeyPatch.context() as patch:
        be_patient(patch)
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Chromium."""
    from tests.browser.serving import chromium

    with chromium() as launched:
        yield launched


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A collector and sites with its pixel."""
    from tests.browser.pixel_world import world as pixel_world

    with pixel_world(tmp_path_factory.mktemp("pixel") / "home") as running:
        yield running


@pytest.fixture(scope="session")
def open_browser(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """A browser that takes third-party cookies."""
    from tests.browser.pixel_world import person

    folder = tmp_path_factory.mktemp("open")
    with person(browser, folder, blocks_third_parties=False) as context:
        yield context


@pytest.fixture(scope="session")
def closed_browser(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """A browser that blocks third-party cookies."""
    from tests.browser.pixel_world import person

    folder = tmp_path_factory.mktemp("closed")
    with person(browser, folder, blocks_third_parties=True) as context:
        yield context


@pytest.fixture
def page(open_browser: BrowserContext, everything: World) -> Iterator[Page]:
    """A tab of somebody whom we have never seen."""
    from tests.browser.pixel_world import forget

    forget(open_browser, everything)
    opened = open_browser.new_page()
    yield opened
    opened.close()
