"""Every page and tab in both themes, read by axe-core as a screen reader would; and at 1,024 px."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from matchbook.settings import REPOSITORY, Settings
from tests.browser.serving import PATIENCE, READY, dashboard_at, visit
from tests.dashboard import world
from tests.dashboard.test_every_page import PAGES

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("browser")]

SCRIPTS = REPOSITORY / "dashboard" / "components" / "crm_hasher" / "node_modules"
AXE = SCRIPTS / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
"""WCAG 2.1 AA. Of 2.2, the parts of Streamlit's date field are smaller than 24 pixels."""
SERIOUS = ("serious", "critical")
NOW = "2026-11-21T08:00:00Z"


@pytest.fixture(scope="module")
def demo(demo_world: Path) -> Iterator[str]:
    """The small demo's last morning; looked at, never changed."""
    with dashboard_at(demo_world, now=NOW) as address:
        yield address


@pytest.fixture
def first_day(tmp_path: Path) -> Iterator[str]:
    """A client that was named today."""
    settings = Settings(home=tmp_path / "home", now=world.NOW)
    world.make_registry(settings, ("farways",))
    with dashboard_at(settings.home, now=world.NOW.isoformat()) as address:
        yield address


@pytest.mark.proof
@pytest.mark.needs("esbuild")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(demo: str, browser: Browser, scheme: Any) -> None:
    page = browser.new_context(color_scheme=scheme).new_page()
    found, scanned = {}, 0
    for path in PAGES:
        for name in _with_tabs(page, f"{demo}/{path}"):
            scanned += 1
            if serious := _scan(page):
                found[f"{path or 'overview'} {name}"] = serious
    print(f"axe-core, {scheme}: {scanned} pages and tabs, {len(found)} with a serious finding")
    assert found == {}
    page.context.close()


@pytest.mark.proof
@pytest.mark.needs("esbuild")
def test_axe_finds_nothing_serious_before_the_first_night(first_day: str, browser: Browser) -> None:
    page = browser.new_context().new_page()
    found = {}
    for path in PAGES:
        visit(page, f"{first_day}/{path}")
        if serious := _scan(page):
            found[path] = serious
    print(f"axe-core, first day: {len(PAGES)} pages, {len(found)} with a serious finding")
    assert found == {}
    page.context.close()


@pytest.mark.proof
def test_nothing_is_cut_off_at_1024(demo: str, browser: Browser) -> None:
    page = browser.new_context(viewport={"width": 1024, "height": 800}).new_page()
    wide = {}
    for path in PAGES:
        for name in _with_tabs(page, f"{demo}/{path}"):
            beyond = page.evaluate(
                "(() => { const e = document.querySelector('[data-testid=stMain]');"
                "return e.scrollWidth - e.clientWidth })()"
            )
            if beyond > 1:
                wide[f"{path} {name}"] = beyond
    assert wide == {}
    page.context.close()


@pytest.mark.proof
def test_the_keyboard_reaches_everything(address: str, browser: Browser) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    visit(page, f"{address}/match-rates?partner=Tealium")
    reached = _tab_through(page)
    for name in ("Partners", "Copy link", "Partner", "Download CSV"):
        assert any(name in one for one in reached), f"{name}: {reached}"
    page.get_by_role("button", name="Copy link").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    assert "partner=Tealium" in page.url
    context.close()


def _tab_through(page: Page) -> list[str]:
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(str(page.evaluate(
            "(() => { const e = document.activeElement; return (e.getAttribute('aria-label') || '')"
            " + ' ' + (e.innerText || '') })()")))  # fmt: skip
    return reached


def _with_tabs(page: Page, url: str) -> Iterator[str]:
    """The page as it opens, then with each of its further tabs open."""
    page.set_default_timeout(PATIENCE)
    visit(page, url)
    yield ""
    for number in range(1, page.get_by_role("tab").count()):
        tab = page.get_by_role("tab").nth(number)
        name = tab.inner_text()
        tab.click()
        page.wait_for_timeout(400)
        page.wait_for_selector(READY)
        yield name


def _scan(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    told = page.evaluate(
        "rules => axe.run(document, {resultTypes: ['violations'], runOnly: rules})", RULES
    )
    return [
        f"{one['id']}: {node['html'][:150]}"
        for one in told["violations"]
        if one["impact"] in SERIOUS
        for node in one["nodes"][:3]
    ]
