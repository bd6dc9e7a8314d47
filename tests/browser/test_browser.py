"""What only a real browser can tell: who it talks to, what it draws, what it downloads."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.serving import visit
from tests.sizes import a_few_now

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("browser")]

PAGES = {
    "overview": ("/", "Match rate by partner"),
    "rates": ("/match-rates", "Every partner on one scale"),
    "losses": ("/match-rates?tab=Where+we+lose+records", "From your CRM files to Tealium"),
    "pixels": ("/pixels", "Sites"),
    "uploads": ("/crm-uploads", "CRM uploads"),
    "lines": ("/data-quality", "Where every line went"),
}
BACKGROUND = {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 22, 28)"}
THEMES = a_few_now(
    ((name, scheme) for name in PAGES for scheme in BACKGROUND),
    ("overview", "light"),
    ("overview", "dark"),
)


def open_in(browser: Browser, scheme: str) -> tuple[Page, set[str], list[str]]:
    """A fresh page, the hosts it asks, and the errors its scripts raise."""
    page = browser.new_context(color_scheme=scheme).new_page()  # type: ignore[arg-type]
    hosts: set[str] = set()
    errors: list[str] = []
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.on("websocket", lambda socket: hosts.add(urlsplit(socket.url).netloc))
    page.on("pageerror", lambda error: errors.append(str(error)))
    return page, hosts, errors


@pytest.mark.parametrize(("name", "scheme"), THEMES)
def test_a_page_in_both_themes(browser: Browser, address: str, name: str, scheme: str) -> None:
    page, hosts, errors = open_in(browser, scheme)
    path, heading = PAGES[name]
    visit(page, address + path)
    assert page.get_by_role("heading", name=heading, exact=True).is_visible()
    if name not in ("losses", "pixels", "uploads"):
        page.locator(".stPlotlyChart .main-svg").first.wait_for()
    app = page.locator('[data-testid="stApp"]')
    assert app.evaluate("e => getComputedStyle(e).backgroundColor") == BACKGROUND[scheme]
    assert page.evaluate("document.fonts.check('16px Inter')")
    assert hosts - {""} == {urlsplit(address).netloc}
    assert errors == []
    page.context.close()


def test_streamlit_shows_nothing_of_its_own(browser: Browser, address: str) -> None:
    page, _, _ = open_in(browser, "light")
    visit(page, address)
    assert page.get_by_text("Deploy").count() == 0
    assert not page.locator('[data-testid="stMainMenu"]').is_visible()
    page.context.close()


@pytest.mark.proof
def test_the_menu_keeps_the_client_and_a_link_sets_the_filters(
    browser: Browser, address: str
) -> None:
    page, _, _ = open_in(browser, "light")
    visit(page, f"{address}/?client=Farways+Travel")
    page.get_by_role("link", name="Match rates").click()
    page.get_by_role("heading", name="Match rates").wait_for()
    assert page.locator(".mb-client").inner_text() == "Farways Travel"
    visit(page, address)
    page.get_by_role("link", name="See Tealium").click()
    page.get_by_text("Tealium on shop.homestead.example").first.wait_for()
    assert "/partners" in page.url
    page.context.close()


@pytest.mark.proof
def test_a_csv_is_downloaded(browser: Browser, address: str) -> None:
    page, _, _ = open_in(browser, "light")
    visit(page, f"{address}/match-rates")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").last.click()
    assert download.value.suggested_filename == "match-rates.csv"
    assert "Tealium,52.0 %" in download.value.path().read_text()
    page.context.close()


@pytest.mark.parametrize("path", ["/", "/healthz", "/download/none", "/app/static/favicon.svg"])
def test_every_answer_has_the_security_headers(address: str, path: str) -> None:
    headers = httpx.get(address + path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "default-src" in headers["content-security-policy"]


def test_a_taken_port_moves_on(address: str) -> None:
    from dashboard.server import _listen

    host, port = "127.0.0.1", urlsplit(address).port
    assert port is not None
    with _listen(host, port) as listening:
        assert listening.getsockname()[1] > port
