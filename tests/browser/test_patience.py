"""Of two that stand beside each other for a moment, the one that stays is pressed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Error, expect

from tests.browser import patience

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("browser")]

TWO = "<button>Push</button><button>Push</button>"
ONE_IS_LEFT_SOON = "setTimeout(() => document.querySelector('button').remove(), 700)"


def test_a_button_that_is_there_twice_for_a_moment(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(TWO)
    page.evaluate(ONE_IS_LEFT_SOON)
    page.get_by_role("button", name="Push").click()
    page.set_content(TWO)
    page.evaluate(ONE_IS_LEFT_SOON)
    expect(page.get_by_role("button", name="Push")).to_be_visible()
    page.close()


def test_one_that_stays_twice_is_a_mistake(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "SECONDS", 0.5)
    page = browser.new_page()
    page.set_content(TWO)
    with pytest.raises(Error, match=patience.TWO):
        page.get_by_role("button", name="Push").click()
    page.close()
