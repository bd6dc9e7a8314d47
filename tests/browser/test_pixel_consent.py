"""The script asks before it sends: nothing before a choice, after a refusal only that refusal."""

from __future__ import annotations

from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import Browser

from tests.browser.pixel_page import SITE, PixelPage, pixel_page, script

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("pixels")]

PAGE = {"path": "page", "site": "shop", "u": f"{SITE}/shoes"}
SAID = {"gdpr": "1", "gdpr_consent": "CPxyz.IAbc"}
COOKIES = {"sqzllocal": "sqzl6569a21a0000043f8712"}

CMP = """
window.__tcfapi = (command, version, told) => {
  if (command === "addEventListener" && version === 2) window.tell = told;
};
window.choice = (eventStatus, purpose, vendor, more) => tell({
  eventStatus, gdprApplies: true, tcString: "CPxyz.IAbc",
  purpose: {consents: {1: purpose}}, vendor: {consents: {20: vendor}}, ...more,
}, true);
"""
"""A consent platform whose answers the test gives."""


def cmp_page(
    browser: Browser, *, vendor: int | None = None, before: str = CMP
) -> AbstractContextManager[PixelPage]:
    """A page reached by a mail link, with an id of a partner, whose seconds the test lets pass."""
    source = script("spotler", "mapp_email", vendor=vendor)
    return pixel_page(
        browser, source, path="/shoes?mbt=x", cookies=COOKIES, before=before, has_own_clock=True
    )


def everything_but_the_page_view_is_refused(opened: PixelPage) -> bool:
    told = opened.page.evaluate(
        "Promise.all([matchbook.identify({email: 'jan@example.com'}), matchbook.event('order')])"
    )
    opened.page.clock.run_for(30_000)
    return told == [{"email": False}, False] and all(c["path"] == "page" for c in opened.settled())


def test_nothing_is_sent_before_the_visitor_has_chosen(browser: Browser) -> None:
    with cmp_page(browser, vendor=20) as opened:
        opened.page.evaluate("matchbook.push(['event', 'order'])")
        opened.page.evaluate("choice('cmpuishown', false, false)")
        opened.page.clock.run_for(60_000)
        assert opened.settled() == []
        opened.page.evaluate("choice('useractioncomplete', true, true)")
        opened.wait_for("", 4)
        paths = [call["path"] for call in opened.calls()]
        assert sorted(paths) == ["event", "land", "page", "sync/dmpsyncendpoint"]
        for call in opened.calls():
            assert SAID.items() <= call.items()
            assert call["t"] == "x"


@pytest.mark.parametrize(
    ("purpose", "vendor"), [(False, True), (True, False)], ids=["no purpose 1", "no vendor"]
)
def test_after_a_refusal_only_the_page_view_says_it(
    browser: Browser, purpose: bool, vendor: bool
) -> None:
    with cmp_page(browser, vendor=20) as opened:
        opened.page.evaluate("given => choice('tcloaded', ...given)", [purpose, vendor])
        assert opened.wait_for("page") == [PAGE | SAID]
        assert everything_but_the_page_view_is_refused(opened)
        assert len(opened.calls()) == 1


def test_without_a_vendor_id_of_ours_purpose_1_decides_here(browser: Browser) -> None:
    with cmp_page(browser) as opened:
        opened.page.evaluate("choice('tcloaded', true, false)")
        opened.wait_for("sync")


def test_where_gdpr_does_not_apply_calls_say_so(browser: Browser) -> None:
    with cmp_page(browser) as opened:
        opened.page.evaluate("choice('', false, false, {gdprApplies: false})")
        (call,) = opened.wait_for("page")
        assert call == PAGE | {"gdpr": "0", "t": "x"}


def test_a_changed_choice_is_told_at_once(browser: Browser) -> None:
    with cmp_page(browser) as opened:
        opened.page.evaluate("choice('tcloaded', true, true)")
        opened.wait_for("sync")
        opened.page.evaluate("choice('cmpuishown', true, true)")
        opened.page.evaluate("choice('useractioncomplete', false, false, {tcString: 'CPno'})")
        assert opened.wait_for("page", 2)[1] == PAGE | {"gdpr": "1", "gdpr_consent": "CPno"}
        opened.requests.clear()
        assert everything_but_the_page_view_is_refused(opened)


def test_a_platform_that_never_answers_is_no_consent(browser: Browser) -> None:
    with cmp_page(browser) as opened:
        opened.page.clock.run_for(3_000)
        assert opened.settled() == []
        opened.page.clock.run_for(2_500)
        assert opened.wait_for("page") == [PAGE | {"gdpr": "1"}]
        assert everything_but_the_page_view_is_refused(opened)


@pytest.mark.parametrize("is_declared", [True, False])
def test_without_a_platform_the_declaration_decides(browser: Browser, is_declared: bool) -> None:
    source = script("spotler", declared=is_declared)
    with pixel_page(browser, source, cookies=COOKIES, has_own_clock=True) as opened:
        if is_declared:
            opened.wait_for("sync")
            assert not any("gdpr" in call for call in opened.calls())
            return
        opened.page.clock.run_for(3_000)
        assert opened.settled() == []
        opened.page.clock.run_for(2_500)
        assert opened.wait_for("page") == [PAGE]
        assert everything_but_the_page_view_is_refused(opened)


def test_a_platform_that_comes_late_is_asked(browser: Browser) -> None:
    source = script("spotler", declared=False)
    with pixel_page(browser, source, cookies=COOKIES, has_own_clock=True) as opened:
        opened.page.clock.run_for(3_000)
        opened.page.evaluate(f"(() => {{ {CMP} }})()")
        opened.page.clock.run_for(300)
        opened.page.evaluate("choice('tcloaded', true, true)")
        assert SAID.items() <= opened.wait_for("sync")[0].items()


def test_global_privacy_control_goes_before_any_consent(browser: Browser) -> None:
    gpc = "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true});"
    with cmp_page(browser, before=gpc + CMP) as opened:
        assert opened.page.evaluate("window.tell") is None
        assert opened.wait_for("page") == [PAGE | {"gdpr": "1"}]
        assert everything_but_the_page_view_is_refused(opened)
        assert len(opened.calls()) == 1
