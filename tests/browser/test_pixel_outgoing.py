"""A partner whose id the page does not know is asked for it by a redirect."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from matchbook.settings import Settings
from tests.browser.pixel_page import pixel_page, script
from tests.browser.serving import QUIET, program
from tests.browser.tls_hosts import SITE_HOST, tls_hosts
from tests.collecting import BROWSER, Collecting, collecting
from tests.outgoing import REGISTRY
from tests.pixel_lines import SNOWPLOW_ID

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("pixels")]

SPOTLER = "sqzl6569a21a0000043f8712"


def test_only_a_partner_with_a_url_and_without_a_known_id_is_asked(browser: Browser) -> None:
    source = script("spotler", "tealium", "selligent", asked=("spotler", "selligent", "piano"))
    cookies = {"sqzllocal": SPOTLER}
    with pixel_page(browser, source, cookies=cookies, has_own_clock=True) as opened:
        opened.wait_for("sync")
        opened.page.clock.run_for(4_000)
        assert [call["path"] for call in opened.settled()] == ["page", "sync/dmpsyncendpoint"]
        opened.page.clock.run_for(30_000)
        found = opened.wait_for("sync/out")
        assert found == [{"path": "sync/out", "site": "shop", "partner": "selligent"}]
        assert len(opened.settled()) == 3


def test_nobody_is_asked_without_consent(browser: Browser) -> None:
    source = script("selligent", declared=False, asked=("selligent",))
    with pixel_page(browser, source, has_own_clock=True) as opened:
        opened.page.clock.run_for(30_000)
        assert [call["path"] for call in opened.settled()] == ["page"]


def test_a_real_browser_goes_to_the_partner_and_comes_back(
    browser: Browser, tmp_path: Path
) -> None:
    with (
        collecting(Settings(home=tmp_path / "home"), REGISTRY) as collector,
        tls_hosts(tmp_path, collector.port) as hosts,
    ):
        rule = f"--host-resolver-rules=MAP *.example 127.0.0.1:{hosts.server_port}"
        own = browser.browser_type.launch(executable_path=program(), args=[*QUIET, rule])
        page = own.new_context(ignore_https_errors=True, user_agent=BROWSER).new_page()
        page.clock.install()
        for lines_at_first, lines_later in ((1, 2), (3, 3)):
            page.goto(f"https://{SITE_HOST}/shoes?size=42")
            lines_become(collector, lines_at_first)
            has_its_cookie(page)
            page.clock.run_for(6_000)
            lines = lines_become(collector, lines_later)
        page.wait_for_timeout(300)
        own.close()
        assert lines == collector.lines()
    assert [line["type"] for line in lines] == ["page_view", "sync", "page_view"]
    assert len({line["visitor"] for line in lines}) == 1
    assert (lines[1]["partner"], lines[1]["cookieid"]) == ("snowplow", SNOWPLOW_ID)
    ((path, headers),) = hosts.asked
    assert path.startswith("/match?account=7&back=")
    assert "referer" not in headers


def has_its_cookie(page: Page) -> None:
    """A line is written before the browser has the answer to it."""
    deadline = time.monotonic() + 20
    while not page.context.cookies() and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    assert page.context.cookies()


def lines_become(collector: Collecting, count: int) -> list[dict[str, object]]:
    """The lines once there are so many."""
    deadline = time.monotonic() + 20
    while len(collector.lines()) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    return collector.lines()
