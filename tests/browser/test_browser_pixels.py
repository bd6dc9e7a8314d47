"""The page Pixels in a real browser: integrations, a new pixel, a page checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from matchbook import jobs, registry
from matchbook.cli.work import drain
from matchbook.registry import Pixel
from matchbook.settings import Settings
from tests.browser.serving import PATIENCE, dashboard_at, visit
from tests.dashboard import world
from tests.web_server import page as web_page
from tests.web_server import serving

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("browser")]

HOSTILE = (
    '<title><script>document.title="taken"</script></title>'
    '<script src="//localhost/bakery/pixel.js?site=<img src=x onerror=document.title=1>"></script>'
    "<script>load('http://localhost/bakery/pixel.js?site=%3Cimg%2Fsrc%3Dx%3E')</script>"
)


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """A normal morning of its own: this test changes the registry."""
    settings = Settings(home=tmp_path / "home", now=world.NOW)
    world.make_registry(settings)
    world.publish(settings)
    world.record_run(settings, "done")
    return settings


@pytest.fixture
def pixels(home: Settings, browser: Browser) -> Iterator[Page]:
    """The page, open."""
    with dashboard_at(home.home, now=world.NOW.isoformat()) as address:
        page = browser.new_context(viewport={"width": 1300, "height": 1400}).new_page()
        page.set_default_timeout(PATIENCE)
        visit(page, f"{address}/pixels")
        yield page
        page.context.close()


def pixel_of(settings: Settings, site_id: str) -> Pixel:
    sites = registry.current(settings).sites
    return next(s.pixel for s in sites if s.site_id == site_id and s.pixel)


@pytest.mark.proof
def test_a_pixel_is_changed_made_and_checked(home: Settings, pixels: Page) -> None:
    card = pixels.locator(".mb-pixel").first
    expect(card.locator(".mb-spark i")).to_have_count(30)
    _switch_off_tealium(home, pixels)
    expect(card).not_to_contain_text("Tealium", timeout=PATIENCE)
    _make_one(home, pixels)
    _check_a_page(home, pixels)


def _switch_off_tealium(home: Settings, page: Page) -> None:
    page.get_by_role("button", name="Edit").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Tealium", exact=True).click()
    expect(dialog.get_by_text("pixel.js?site=homestead-shop")).to_be_visible(timeout=PATIENCE)
    dialog.get_by_role("button", name="Save").click()
    dialog.wait_for(state="detached")
    assert pixel_of(home, "homestead-shop").integrations == ("mapp_email",)


def _make_one(home: Settings, page: Page) -> None:
    page.get_by_role("tab", name="New pixel").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("Outlet")
    page.get_by_role("textbox", name="Addresses", exact=True).fill(
        "outlet.homestead.example, 127.0.0.1"
    )
    page.get_by_role("textbox", name="Addresses", exact=True).press("Tab")
    page.get_by_role("button", name="Make the pixel").click()
    page.get_by_text("The pixel of Outlet is made.").wait_for()
    expect(page.get_by_text("pixel.js?site=outlet")).to_be_visible(timeout=PATIENCE)
    assert pixel_of(home, "outlet").created_by.endswith("on the dashboard")


def _check_a_page(home: Settings, page: Page) -> None:
    page.get_by_role("tab", name="Check a page").click()
    with serving(web_page(HOSTILE)) as server:
        page.get_by_role("textbox", name="Address", exact=True).fill(server.url("/?<b>here</b>"))
        page.get_by_role("textbox", name="Address", exact=True).press("Tab")
        page.get_by_role("button", name="Check", exact=True).click()
        page.get_by_text("The check waits, and nothing works on it.").wait_for()
        drain(replace(home, check_hosts=server.named), say=lambda _: None)
    page.get_by_text("where Outlet is expected").wait_for()
    assert [job.status for job in jobs.all_of(home, "check_pixel")] == ["done"]
    assert page.locator(".mb-notice img, .mb-quiet b").count() == 0
    assert page.title() == "Matchbook"
