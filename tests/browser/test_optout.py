"""The opt-out page as people meet it: their language, keyboard only, light or dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from matchbook.settings import Settings
from tests.collecting import Collecting, collecting
from tests.pixel_lines import REGISTRY

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("browser")]

CONTRAST = """
() => {
  const light = colour => {
    const [r, g, b] = colour.match(/[0-9.]+/g).map(Number).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = node => {
    const colour = getComputedStyle(node).backgroundColor;
    return colour === 'rgba(0, 0, 0, 0)' ? ground(node.parentElement) : colour;
  };
  return Math.min(...[...document.querySelectorAll('p,li,h1,h2,a,button')].map(node => {
    const pair = [light(getComputedStyle(node).color), light(ground(node))].sort((a, b) => b - a);
    return (pair[0] + 0.05) / (pair[1] + 0.05);
  }));
}
"""


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collecting]:
    home: Path = tmp_path_factory.mktemp("optout")
    with collecting(Settings(home=home), REGISTRY) as running:
        yield running


def opened(browser: Browser, collector: Collecting, **how: object) -> Page:
    page = browser.new_context(**how).new_page()
    page.goto(f"http://localhost:{collector.port}/bakery/optout")
    return page


def test_in_the_persons_language_and_back(browser: Browser, collector: Collecting) -> None:
    page = opened(browser, collector, locale="nl-NL")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    assert page.get_by_role("status").inner_text() == "Deze browser is niet afgemeld."
    page.get_by_role("button", name="Afmelden", exact=True).press("Enter")
    page.get_by_role("button", name="Afmelding ongedaan maken").wait_for()
    assert "Deze browser is afgemeld." in page.get_by_role("status").inner_text()
    page.get_by_role("link", name="English").click()
    assert "This browser is opted out." in page.get_by_role("status").inner_text()
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("button", name="Undo the opt-out").press("Enter")
    page.get_by_role("button", name="Opt out", exact=True).wait_for()
    assert page.get_by_role("status").inner_text() == "This browser is not opted out."
    assert page.context.cookies() == []
    assert {url.split("/")[2] for url in asked} == {f"localhost:{collector.port}"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_readable_on_a_telephone(browser: Browser, collector: Collecting, scheme: str) -> None:
    page = opened(browser, collector, color_scheme=scheme, viewport={"width": 320, "height": 640})
    assert page.evaluate(CONTRAST) >= 4.5
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
