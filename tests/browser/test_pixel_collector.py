"""The on-site pixel with a real collector: whose cookie is set where, and what is written."""

from __future__ import annotations

import re
import time
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import unquote

import pytest
from playwright.sync_api import BrowserContext, Page, Request

from tests.browser.pixel_world import IDS, PARTNERS, World, forget, our_cookies

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("pixels")]

MAX_AGE = 33_696_000


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


def test_a_mail_link_lands_with_our_cookie_and_leaves_no_token(
    everything: World, page: Page
) -> None:
    before = everything.count
    page.goto(everything.mail_link("site-a", "4711"))
    lines = everything.lines_since(before, 5)
    assert page.url == everything.page("site-a", "/landing?from=mail")
    assert [line["type"] for line in lines] == ["click", "page_view", "sync", "sync", "sync"]
    assert (lines[0]["client"], lines[0]["contact"], lines[0]["message"]) == ("acme", "4711", "m1")
    assert len({line["visitor"] for line in lines}) == 1
    (cookie,) = our_cookies(page.context)
    assert (lines[0]["visitor"] in cookie["value"], "partitionKey" in cookie) == (True, False)
    assert 0.99 * MAX_AGE < cookie["expires"] - time.time() < 1.01 * MAX_AGE


def test_the_opt_out_page_works(everything: World, page: Page) -> None:
    before = everything.count
    page.goto(everything.page("site-a"))
    seen = everything.lines_since(before, 4)[0]
    page.goto(f"{everything.collector_url('site-a')}/bakery/optout")
    page.get_by_role("button").first.click()
    page.wait_for_load_state()
    (withdrawn,) = everything.lines_since(before + 4, 1)
    assert (withdrawn["decision"], withdrawn["visitor"]) == ("withdraw", seen["visitor"])
    assert our_cookies(page.context) == []
    page.goto(everything.page("site-a"))
    lines = everything.lines_since(before + 5, 4)
    assert {(line["decision"], line["reason"]) for line in lines} == {("untracked", "opted_out")}
    assert our_cookies(page.context) == []


def test_global_privacy_control_withdraws_a_browser_we_know(everything: World, page: Page) -> None:
    before = everything.count
    page.goto(everything.page("site-a"))
    seen = everything.lines_since(before, 4)[0]
    page.set_extra_http_headers({"sec-gpc": "1"})  # Chromium has no such setting of its own
    page.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
    page.goto(everything.page("site-a"))
    (line,) = everything.lines_since(before + 4, 1)
    assert (line["decision"], line["reason"]) == ("withdraw", "gpc")
    assert line["visitor"] == seen["visitor"]


def test_nothing_readable_about_a_person_leaves_the_page(everything: World, page: Page) -> None:
    person = {"email": "Jan.Jansen@example.com", "phone": "06 12345678", "postal": "NL|1012JM|7|B"}
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))
    before = everything.count
    page.goto(everything.page("site-a", "/account/Jan.Jansen@example.com?phone=0612345678"))
    everything.lines_since(before, 4)
    told = page.evaluate("person => matchbook.identify(person)", person)
    assert told == dict.fromkeys(person, True)
    (identified,) = everything.lines_since(before + 4, 1)
    assert {found["type"] for found in identified["identifiers"]} == person.keys()
    assert readable("?e=jan.jansen%2540example.com", person.values()) == {
        "jansen",
        person["email"].lower(),
    }
    ours = [request for request in requests if everything.collector_url("site-a") in request.url]
    assert len(ours) == 6
    for request in ours:
        sent = " ".join([request.url, str(request.all_headers()), request.post_data or ""])
        assert readable(sent, person.values()) == set()


def readable(sent: str, texts: Iterable[str]) -> set[str]:
    """Which texts stand in what was sent: as they are, normalised, encoded once or twice."""
    plain = unquote(unquote(sent)).lower()
    forms = {form.lower() for text in texts for form in (text, re.sub(r"\W", "", text))}
    forms |= {"jansen", "12345678", "1012jm"}
    encoded = {b64encode(form.encode()).decode().rstrip("=") for form in forms}
    return {form for form in forms if form in plain} | {form for form in encoded if form in sent}


@pytest.mark.parametrize(
    ("site", "browsers", "stays"),
    [("site-a", 1, False), ("site-b", 5, False), ("site-d", 1, True)],
    ids=["the token, on this page view", "neither", "a collector host of the site's own domain"],
)
def test_what_ties_where_third_party_cookies_are_blocked(
    everything: World, closed_browser: BrowserContext, site: str, browsers: int, stays: bool
) -> None:
    forget(closed_browser, everything)
    page = closed_browser.new_page()
    before = everything.count
    page.goto(everything.mail_link(site, "4712"))
    lines = everything.lines_since(before, 5)
    assert [line["type"] for line in lines] == ["click", "page_view", "sync", "sync", "sync"]
    assert len({line["visitor"] for line in lines}) == browsers
    page.goto(everything.page(site))
    later = everything.lines_since(before + 5, 4)
    assert (lines[0]["visitor"] in {line["visitor"] for line in later}) == stays
    page.close()
