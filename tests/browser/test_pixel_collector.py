"""The on-site pixel with a real collector: whose cookie is set where, and what is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.pixel_world import IDS, PARTNERS, World, forget, person, world

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("browser")]

MAX_AGE = 33_696_000


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("pixel") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def open_browser(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """A browser that takes third-party cookies."""
    folder = tmp_path_factory.mktemp("open")
    with person(browser, folder, blocks_third_parties=False) as context:
        yield context


@pytest.fixture
def page(open_browser: BrowserContext, everything: World) -> Iterator[Page]:
    """A tab of somebody whom we have never seen."""
    forget(open_browser, everything)
    opened = open_browser.new_page()
    yield opened
    opened.close()


def our_cookies(context: BrowserContext) -> list[dict[str, Any]]:
    return [dict(cookie) for cookie in context.cookies() if cookie.get("name") == "mbid"]


def test_a_page_with_three_partners_is_one_browser(everything: World, page: Page) -> None:
    before = everything.count
    page.goto(everything.page("site-a", "/shoes/red?size=42#top"))
    lines = everything.lines_since(before, 4)
    assert [line["type"] for line in lines] == ["page_view", "sync", "sync", "sync"]
    assert lines[0]["page"] == everything.page("site-a", "/shoes/red")
    synced = {line["partner"]: line["cookieid"] for line in lines[1:]}
    assert synced == dict(zip(PARTNERS, IDS.values(), strict=True))
    assert {(line["site"], line["decision"], line["basis"], line["bot"]) for line in lines} == {
        ("site-a", "tracked", "declared", False)
    }
    assert len({line["visitor"] for line in lines}) == 1
    (cookie,) = our_cookies(page.context)
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "None")
    assert lines[0]["visitor"] in cookie["value"]

    page.goto(everything.page("site-b"))
    again = everything.lines_since(before + 4, 4)
    assert {line["visitor"] for line in again} == {lines[0]["visitor"]}
    assert our_cookies(page.context) == [cookie]


def test_the_plain_image_reports_the_page(everything: World, page: Page) -> None:
    before = everything.count
    page.goto(everything.page("site-a", "/plain"))
    (line,) = everything.lines_since(before, 1)
    assert (line["type"], line["page"]) == ("page_view", everything.page("site-a", "/plain"))
    assert len(our_cookies(page.context)) == 1


def test_only_a_site_that_switched_it_on_gets_a_partitioned_cookie(
    everything: World, page: Page
) -> None:
    before = everything.count
    page.goto(everything.page("site-c"))
    (line,) = everything.lines_since(before, 1)
    (cookie,) = our_cookies(page.context)
    assert cookie["partitionKey"] == "http://site-c.localhost"
    assert line["visitor"] in cookie["value"]

    page.goto(everything.page("site-a"))
    lines = everything.lines_since(before + 1, 4)
    by_partition = {c.get("partitionKey"): c["value"] for c in our_cookies(page.context)}
    assert by_partition.keys() == {None, "http://site-c.localhost"}
    assert lines[0]["visitor"] in by_partition[None]
    assert lines[0]["visitor"] != line["visitor"]

    page.goto(everything.page("site-c"))
    (both,) = everything.lines_since(before + 5, 1)
    assert both["visitor"] == lines[0]["visitor"], "the unpartitioned one wins"
