"""A choice by TC string, made on a page and judged by a real collector."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page

from tests.browser.pixel_world import World, our_cookies
from tests.tc_strings import VENDOR, tc_string

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("pixels")]

REFUSALS = {
    "no purpose 1": ((3, 4), (VENDOR,), "tc_no_purpose"),
    "not our vendor": ((1, 3, 4), (VENDOR + 1,), "tc_no_vendor"),
}
refusals = pytest.mark.parametrize(
    ("purposes", "vendors", "reason"), REFUSALS.values(), ids=REFUSALS.keys()
)
EVERYTHING = ((1, 3, 4), (VENDOR,))


def test_a_page_whose_visitor_agreed_is_tracked(everything: World, page: Page) -> None:
    visitor = agreed(everything, page)
    (cookie,) = our_cookies(page.context)
    assert visitor in cookie["value"]


@refusals
def test_a_page_whose_visitor_refused_is_not(
    everything: World,
    page: Page,
    purposes: Collection[int],
    vendors: Collection[int],
    reason: str,
) -> None:
    before = everything.count
    chosen(page, text(purposes, vendors), purposes, vendors)
    page.goto(everything.page("site-a"))
    (line,) = everything.lines_since(before, 1)
    assert (line["type"], line["decision"]) == ("page_view", "untracked")
    assert (line["reason"], line["visitor"]) == (reason, None)
    assert our_cookies(page.context) == []


@refusals
def test_a_later_refusal_withdraws_the_browser(
    everything: World,
    page: Page,
    purposes: Collection[int],
    vendors: Collection[int],
    reason: str,
) -> None:
    visitor, before = agreed(everything, page), everything.count
    chosen(page, text(purposes, vendors), purposes, vendors)
    page.goto(everything.page("site-a"))
    (line,) = everything.lines_since(before, 1)
    assert (line["decision"], line["reason"]) == ("withdraw", reason)
    assert line["visitor"] == visitor


@refusals
def test_the_string_counts_whatever_the_platform_says_beside_it(
    everything: World,
    page: Page,
    purposes: Collection[int],
    vendors: Collection[int],
    reason: str,
) -> None:
    before = everything.count
    chosen(page, text(purposes, vendors), *EVERYTHING)
    page.goto(everything.page("site-a"))
    lines = everything.lines_since(before, 4)
    assert {(line["decision"], line["reason"]) for line in lines} == {("untracked", reason)}
    assert {(line["visitor"], line["cookieid"]) for line in lines} == {(None, None)}
    assert our_cookies(page.context) == []


def agreed(everything: World, page: Page) -> str:
    """Look at a page as somebody who agreed; the visitor id that was given."""
    before = everything.count
    chosen(page, text(*EVERYTHING), *EVERYTHING)
    page.goto(everything.page("site-a"))
    lines = everything.lines_since(before, 4)
    assert [line["type"] for line in lines] == ["page_view", "sync", "sync", "sync"]
    assert {(line["decision"], line["basis"]) for line in lines} == {("tracked", "tcf")}
    (visitor,) = {line["visitor"] for line in lines}
    return str(visitor)


def text(purposes: Collection[int], vendors: Collection[int]) -> str:
    """A valid TC string of today."""
    today = datetime.now(UTC).date()
    return tc_string(given=today, purposes=purposes, vendors=vendors, disclosed=(VENDOR,))


def chosen(page: Page, said: str, purposes: Collection[int], vendors: Collection[int]) -> None:
    """From now on every page has a consent platform whose visitor has chosen."""
    data = {
        "eventStatus": "tcloaded",
        "gdprApplies": True,
        "tcString": said,
        "purpose": {"consents": dict.fromkeys(purposes, True)},
        "vendor": {"consents": dict.fromkeys(vendors, True)},
    }
    page.add_init_script(
        "window.__tcfapi = (command, version, told) => "
        f"command === 'addEventListener' && version === 2 && told({json.dumps(data)}, true);"
    )
