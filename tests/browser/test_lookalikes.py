"""Lookalikes in a real browser: from a seed to a list that is kept, reopened by its address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from matchbook.cli.work import drain
from matchbook.kept_audiences import sizes
from matchbook.settings import Settings
from tests.browser.serving import PATIENCE, dashboard_at, visit
from tests.browser.upload_page import open_uploads
from tests.dashboard import world_lookalikes
from tests.matchbook.kept_audiences.nights import SHOP

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("browser")]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Settings, str]]:
    """The shop of gardeners, and where it is served."""
    expect.set_options(timeout=PATIENCE)
    settings = Settings(home=tmp_path / "home", now=world_lookalikes.NOW)
    world_lookalikes.make_home(settings)
    with dashboard_at(settings.home, now=world_lookalikes.NOW.isoformat()) as address:
        yield settings, address


@pytest.mark.proof
def test_from_a_seed_to_a_kept_list(served: tuple[Settings, str], browser: Browser) -> None:
    settings, address = served
    page, traffic = open_uploads(browser, address, path="/lookalikes")
    page.get_by_role("button", name="Begin with: buyers").click()
    page.get_by_role("combobox", name="Look among").click()
    page.get_by_role("option", name="people matched with a CRM record").click()
    expect(page.get_by_text("Not studied yet.")).to_be_visible()
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    page.get_by_role("button", name="See how good it is").click()
    expect(page.get_by_text("nothing works on it")).to_be_visible()
    drain(settings, say=lambda _: None)
    card = page.locator(".mb-study")
    expect(card).to_contain_text(re.compile(r"Of 100 people on this list about \d+"))
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    slider = page.get_by_role("slider")
    slider.press("Home")
    expect(page.locator(".mb-size")).to_contain_text("100people")
    slider.press("ArrowRight")
    expect(page.locator(".mb-size")).not_to_contain_text("100people")
    page.get_by_label("Name", exact=True).fill("More buyers")
    page.get_by_label("Name", exact=True).press("Enter")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile(r"audience=more-buyers"))
    drain(settings, say=lambda _: None)
    expect(page.get_by_text("Kept up to date: Yes")).to_be_visible()
    visit(page, page.url)
    expect(page.get_by_label("Name", exact=True)).to_have_value("More buyers")
    page.get_by_role("tab", name="Overlap").click()
    expect(page.get_by_role("row", name="Could buy")).to_be_visible()
    assert (sizes.one(settings, SHOP, "more-buyers").people or 0) > 100
    assert traffic.errors == []
    page.context.close()
