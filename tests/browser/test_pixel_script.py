"""What the script does on a page: what it reports, when, and what it leaves alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.pixel_page import SITE, SNIPPET, pixel_page, script

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("pixels")]

PAGE = {"path": "page", "site": "shop", "u": f"{SITE}/shoes"}
TEALIUM = "014c0997b79e00152f6525804ed915078002e07000fb8"
SPOTLER = "sqzl6569a21a0000043f8712"
UUID = "ecdff4d0-9175-40ac-a8bb-325c49733607"
PIANO = "cx:1qjrkuuq6t65jnzottt5akev:l3nfc0l5ionm"
PLACES = [
    {
        "tealium": ("cookie utag_main_v_id", TEALIUM),
        "supermetrics": ("cookie _svtri", UUID),
        "spotler": ("cookie sqzllocal", SPOTLER),
        "mediarithmics": ("cookie mics_vid", "28049671765"),
        "snowplow": ("cookie sp_client", UUID),
        "piano": ("cX = {getCxenseUserId: () => id}", PIANO),
        "permutive": ("localStorage['permutive-id'] = id", UUID),
        "selligent": ("matchbook.partners.selligent = id", "Abc-123_x"),
        "weborama": ("matchbook.partners.weborama = id", "AbCdEfGhIjKl"),
    },
    {
        "tealium": ("cookie utag_main", f"v_id:{TEALIUM}$_sn:3$_ss:1%3Bexp-session$_pn:2"),
        "snowplow": ("cookie sp", UUID),
        "piano": ("cookie cX_G", PIANO.replace(":", "%3A")),
        "permutive": ("cookie permutive-id", UUID),
        "spotler": ("matchbook.partners.spotler = id", SPOTLER),
    },
]
"""Places of a partner's id and what stands there."""


def test_a_page_view_has_no_query_and_no_fragment(browser: Browser) -> None:
    came_from = "Object.defineProperty(document, 'referrer', {value: 'https://a.example/b?q=c#d'})"
    with pixel_page(browser, script(), before=came_from) as opened:
        assert opened.wait_for("") == [PAGE | {"r": "https://a.example/b"}]


def test_an_address_in_the_path_is_not_sent(browser: Browser) -> None:
    with pixel_page(browser, script()) as opened:
        for path in ("/u/jan@example.com", "/u/jan%40example.com", "/u/a%2540b.de"):
            opened.visit(path)
            assert opened.wait_for("")[0]["u"] == f"{SITE}/"
            assert opened.requests[0].all_headers()["referer"] == f"{SITE}/"


@pytest.mark.parametrize("places", PLACES, ids=["the first places", "others"])
def test_where_partners_keep_their_ids(
    browser: Browser, places: dict[str, tuple[str, str]]
) -> None:
    cookies, before = {}, ["matchbook = []; matchbook.partners = {};"]
    for place, value in places.values():
        kind, _, name = place.partition(" ")
        if kind == "cookie":
            cookies[name] = value
        else:
            before.append(f"(id => {{ {place} }})({value!r});")
    with pixel_page(browser, script(*places), cookies=cookies, before="".join(before)) as opened:
        calls = opened.wait_for("sync", len(places))
    found = {call["partner"]: call["cookieid"] for call in calls}
    assert found == {
        name: TEALIUM if TEALIUM in value else value.replace("%3A", ":")
        for name, (_, value) in places.items()
    }
    assert {(c["path"], c["site"], c["read"]) for c in calls} == {
        ("sync/dmpsyncendpoint", "shop", "false")
    }


def test_only_chosen_partners_are_synced_and_the_page_has_the_last_word(browser: Browser) -> None:
    said = f"matchbook = {{partners: {{tealium: '{TEALIUM}'}}}}"
    cookies = {"utag_main_v_id": "0" * 45, "sqzllocal": SPOTLER}
    with pixel_page(browser, script("tealium"), cookies=cookies, before=said) as opened:
        (call,) = opened.wait_for("sync")
        assert call["cookieid"] == TEALIUM
        assert len(opened.settled()) == 2


def test_what_is_no_id_is_not_sent(browser: Browser) -> None:
    given = "matchbook = {partners: {tealium: 'jan@example.com', piano: 'jan%40example.com'}}"
    given += "; matchbook.partners.selligent = 'ID'"  # what nobody has filled in
    source = script("tealium", "piano", "selligent")
    with pixel_page(browser, source, before=given, has_own_clock=True) as opened:
        opened.wait_for("page")
        opened.page.clock.run_for(30_000)
        assert opened.settled() == [PAGE]


def test_an_id_that_comes_late_is_found_once(browser: Browser) -> None:
    with pixel_page(browser, script("spotler"), has_own_clock=True) as opened:
        opened.wait_for("page")
        opened.page.evaluate(f"document.cookie = 'sqzllocal={SPOTLER}'")
        opened.page.clock.run_for(3_000)
        opened.wait_for("sync")
        opened.page.clock.run_for(30_000)
        assert [call["path"] for call in opened.calls()] == ["page", "sync/dmpsyncendpoint"]


def test_the_first_call_is_answered_before_others_are_made(browser: Browser) -> None:
    # Each call without our cookie gets a new one: at once, they would be several browsers.
    given = f"matchbook = {{partners: {{tealium: '{TEALIUM}', piano: '{PIANO}'}}}}"
    with pixel_page(browser, script("tealium", "piano"), before=given, holds_first=True) as opened:
        opened.wait_for("page")
        assert len(opened.settled()) == 1
        opened.let_go()
        assert len(opened.wait_for("sync", 2)) == 2


def test_nothing_is_stored_in_the_browser(browser: Browser) -> None:
    with pixel_page(browser, script("mapp_email"), path="/?mbt=x") as opened:
        opened.wait_for("land")
        opened.page.evaluate("matchbook.identify({email: 'jan@example.com'})")
        stored = "[document.cookie, localStorage.length, sessionStorage.length]"
        assert opened.page.evaluate(stored) == ["", 0, 0]
        assert opened.page.context.cookies() == []


def test_calls_made_before_the_script_came(browser: Browser) -> None:
    early = "(window.matchbook = window.matchbook || []).push(['evnt'], ['event', 'sign up & go'])"
    with pixel_page(browser, script(), head=f"<script>{early}</script>") as opened:
        assert opened.wait_for("event") == [{**PAGE, "path": "event", "name": "sign up & go"}]
        opened.page.evaluate("matchbook.push(['identify', {email: 'jan@example.com'}])")
        opened.wait_for("identify")


def test_an_event_says_whether_it_was_sent(browser: Browser) -> None:
    with pixel_page(browser, script()) as opened:
        names = ["order", "jan@example.com", "", "a\nb", "x" * 129]
        told = opened.page.evaluate("names => Promise.all(names.map(matchbook.event))", names)
        assert told == [True, False, False, False, False]
        assert [call["name"] for call in opened.calls("event")] == ["order"]


def test_the_snippet_twice_counts_once(browser: Browser) -> None:
    with pixel_page(browser, script(), snippet=SNIPPET * 2) as opened:
        opened.wait_for("page")
        assert opened.settled() == [PAGE]


def test_a_prerendered_page_counts_when_it_is_shown(browser: Browser) -> None:
    hidden = "Object.defineProperty(document, 'prerendering', {value: true})"
    with pixel_page(browser, script(), before=hidden) as opened:
        assert opened.settled() == []
        opened.page.evaluate("document.dispatchEvent(new Event('prerenderingchange'))")
        opened.wait_for("page")
        assert opened.settled() == [PAGE]


def test_a_token_leaves_the_address_bar_and_goes_with_this_page_view(browser: Browser) -> None:
    source, cookies = script("mapp_email", "spotler"), {"sqzllocal": SPOTLER}
    with pixel_page(browser, source, cookies=cookies) as opened:
        for before, after in {
            "/sale?mbt=gAAA_-%3D&a=1%202+3#top": "/sale?a=1%202+3#top",
            "/sale?a=b&mbt=gAAA_-=": "/sale?a=b",
            "/sale?a=b&mbt=gAAA_-=&c=mbt=2": "/sale?a=b&c=mbt=2",
            "/sale?mbt=gAAA_-=#x": "/sale#x",
            "/sale?nombt=1&mbt=gAAA_-=&mbt=2": "/sale?nombt=1",
        }.items():
            opened.visit(before)
            opened.wait_for("sync")
            assert opened.page.url == SITE + after
            paths = [(call["path"], call["t"]) for call in opened.calls()]
            assert paths == [(p, "gAAA_-=") for p in ("land", "page", "sync/dmpsyncendpoint")]
            assert all(call.get("u", "") in ("", f"{SITE}/sale") for call in opened.calls())
        opened.visit("/sale")
        opened.wait_for("sync")
        assert not any("t" in call for call in opened.calls())


def test_a_token_is_removed_but_not_used_without_the_integration(browser: Browser) -> None:
    with pixel_page(browser, script(), path="/shoes?mbt=x") as opened:
        opened.wait_for("page")
        assert opened.settled() == [PAGE]
        assert opened.page.url == f"{SITE}/shoes"


def test_the_page_keeps_its_history(browser: Browser) -> None:
    state = "history.replaceState({step: 2}, '')"
    with pixel_page(browser, script("mapp_email"), path="/a?mbt=x", before=state) as opened:
        opened.wait_for("land")
        assert opened.page.evaluate("history.state.step") == 2
