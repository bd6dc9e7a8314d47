"""What the pixel check finds on a page, and what it says to do."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from ingest.pixel_check import check_page
from ingest.pixel_check.tags import Tag, find_tags
from ingest.pixel_check.verdict import Verdict
from matchbook import pixels, registry
from matchbook.registry import Client, ClientPartner, Pixel, Registry, Site
from matchbook.settings import Settings
from tests.web_server import Answer, page, redirect, serving

HOST = "px.acme.example"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
SCRIPT = f'<script async src="https://{HOST}/bakery/pixel.js?site=shop"></script>'
IMAGE = f'<img src="https://{HOST}/bakery/page?site=shop&amp;u=https%3A%2F%2Fshop.example%2F">'
SYNC = f"https://{HOST}/bakery/sync/dmpsyncendpoint?site=shop&amp;partner="


def site(site_id: str, *integrations: str, host: str = "127.0.0.1") -> Site:
    pixel = Pixel(integrations=integrations, created_at=NOW, created_by="test")
    name = site_id.title()
    return Site(site_id=site_id, client_id="acme", name=name, hosts=(host,), pixel=pixel)


def register(settings: Settings, *sites: Site) -> None:
    own = [ClientPartner(partner_id=p, codes=()) for p in ("tealium", "selligent")]
    piano = ClientPartner(partner_id="piano", codes=("PO_1",))
    acme = Client(client_id="acme", name="Acme", collector_hosts=(HOST,), partners=(*own, piano))
    beta = Client(client_id="beta", name="Beta", collector_hosts=("px.beta.example",))
    theirs = Site(site_id="theirs", client_id="beta", name="Theirs")
    document = Registry(clients=(acme, beta), sites=(*sites, theirs))
    registry.replace(settings, document, by="test")


def check(settings: Settings, html: str, client_id: str | None = "acme") -> Verdict:
    with serving(page(html)) as server:
        return check_page(settings, server.url(), client_id=client_id, allowed=server.named)


@pytest.mark.parametrize(
    "html",
    [
        SCRIPT,
        SCRIPT.replace("https:", ""),
        SCRIPT.replace("site=shop", "site=Shop"),
        f"<SCRIPT\nASYNC SRC = 'https://{HOST.upper()}/bakery/pixel.js?site=shop' ></SCRIPT>",
        f'<script>load("https://{HOST}/bakery/pixel.js?site=shop");</script>',
        f'<script>["https:\\/\\/{HOST}\\/bakery\\/pixel.js?site=shop"]</script>',
        "<!-- a note -->" + SCRIPT + "<!-- never closed",
        IMAGE.replace("page?", "pixel.js?") + SCRIPT,
    ],
)
def test_implemented(settings: Settings, html: str) -> None:
    register(settings, site("shop", "mapp_email", "tealium", "piano"))
    found = check(settings, f"<html><head>{html}</head></html>")
    assert (found.result, found.site_id) == ("implemented", "shop")
    assert found.is_good


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("<p>Nothing here.</p>", "missing"),
        ("", "missing"),
        (f"<!-- {SCRIPT} -->", "missing"),
        (f"<!-- {SCRIPT}", "missing"),
        (SCRIPT.replace("src=", "data-src="), "missing"),
        (SCRIPT.replace("script", "a").replace("src=", "href="), "missing"),
        (SCRIPT.replace("pixel.js", "pixel.css"), "missing"),
        (SCRIPT.replace(HOST, "px.beta.example"), "other_host"),
        (SCRIPT.replace(HOST, f"{HOST}.evil.example"), "other_host"),
        (f'<img src="{SYNC}tealium">', "only_syncs"),
    ],
)
def test_missing(settings: Settings, html: str, reason: str) -> None:
    register(settings, site("shop"))
    found = check(settings, html)
    assert (found.result, found.reason, found.site_id) == ("missing", reason, "shop")
    assert found.todo


@pytest.mark.parametrize(
    ("named", "reason"),
    [("blog", "wrong_site"), ("theirs", "wrong_site"), ("nobody", "wrong_site"), ("", "no_site")],
)
def test_wrong_site(settings: Settings, named: str, reason: str) -> None:
    register(settings, site("shop"), site("blog", host="blog.example"))
    found = check(settings, SCRIPT.replace("site=shop", f"site={named}"))
    assert (found.result, found.reason, found.site_id) == ("wrong_site", reason, "shop")
    assert "Shop" in found.happened
    assert named in found.happened


def test_a_page_of_no_registered_host_may_carry_any_site_of_the_client(settings: Settings) -> None:
    register(settings, site("shop", host="elsewhere.example"))
    assert check(settings, SCRIPT).result == "implemented"
    assert check(settings, SCRIPT.replace("=shop", "=theirs")).result == "wrong_site"


def test_a_site_without_a_pixel_is_to_be_set_up(settings: Settings) -> None:
    register(settings, site("shop").model_copy(update={"pixel": None}))
    found = check(settings, SCRIPT)
    assert (found.result, found.reason) == ("missing", "not_set_up")


def test_an_image_does_nothing_but_page_views(settings: Settings) -> None:
    register(settings, site("shop", "mapp_email", "tealium", "piano"))
    found = check(settings, IMAGE + f'<img src="{SYNC}PO_1">')
    assert (found.result, found.reason) == ("integration_missing", "image_only")
    assert found.missing == ("Mapp Digital – Email", "Tealium")
    assert "script form" in found.todo
    register(settings, site("shop"))
    assert check(settings, IMAGE).result == "implemented"


@pytest.mark.parametrize(
    ("handed_over", "result"),
    [
        ("", "integration_missing"),
        ('<script>matchbook.partners = {selligent: ""};</script>', "integration_missing"),
        ("<script>matchbook.partners = {'selligent': '' };</script>", "integration_missing"),
        ("<script>matchbook.partners = {selligent: visitor};</script>", "implemented"),
        ('<script>matchbook.partners["selligent"] = visitor;</script>', "implemented"),
        (f'<img src="{SYNC}selligent">', "implemented"),
    ],
)
def test_an_id_that_only_the_page_knows(settings: Settings, handed_over: str, result: str) -> None:
    register(settings, site("shop", "selligent", "tealium"))
    found = check(settings, handed_over + SCRIPT)
    assert found.result == result
    assert found.missing == (("Selligent",) if result != "implemented" else ())


def test_the_snippets_are_what_the_check_looks_for(settings: Settings) -> None:
    shop = site("shop", "mapp_email", "tealium")
    register(settings, shop)
    client = registry.current(settings).clients[0]
    made = pixels.snippet(settings, client, shop)
    assert check(settings, made.script).result == "implemented"
    assert check(settings, made.image).reason == "image_only"


def test_an_untouched_snippet_lacks_what_the_page_must_say(settings: Settings) -> None:
    shop = site("shop", "tealium", "selligent")
    register(settings, shop)
    made = pixels.snippet(settings, registry.current(settings).clients[0], shop)
    assert check(settings, made.script).missing == ("Selligent",)
    filled = made.script.replace('selligent: ""', "selligent: window.visitor")
    assert check(settings, filled).result == "implemented"


def test_the_page_behind_a_redirect_counts(settings: Settings) -> None:
    register(settings, site("shop"))
    with serving(page(SCRIPT)) as there, serving(redirect(there.url())) as here:
        allowed = here.named | there.named
        found = check_page(settings, here.url(), client_id="acme", allowed=allowed)
    assert found.result == "implemented"


def test_the_operator_names_hosts_in_the_settings(settings: Settings) -> None:
    register(settings, site("shop"))
    with serving(page(SCRIPT)) as server:
        assert check_page(settings, server.url()).reason == "private_address"
        named = Settings(settings.home, settings.now, check_hosts=server.named)
        assert check_page(named, server.url()).result == "implemented"


def test_what_a_page_says_of_itself_is_made_harmless(settings: Settings) -> None:
    register(settings, site("shop"))
    hostile = SCRIPT.replace("=shop", "=%3Cimg src=x onerror=alert(1)%3E" + "y" * 500)
    found = check(settings, hostile.replace('"', "'").replace(" src=x onerror", "+src=x+onerror"))
    assert found.result == "wrong_site"
    assert not set("<>&\"'") & set(found.happened)
    assert len(found.happened) < 200


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (page("gone", status=404), "status_404"),
        (page("{}", content_type="application/json"), "not_html"),
        (page("no gzip", content_encoding="gzip"), "unreadable"),
        (page("brotli?", content_encoding="br"), "unreadable"),
    ],
)
def test_what_is_no_page(settings: Settings, answer: Answer, reason: str) -> None:
    with serving(answer) as server:
        found = check_page(settings, server.url(), allowed=server.named)
    assert (found.result, found.reason) == ("not_a_page", reason)
    assert found.todo


HOSTILE = {
    "tags": "<img ",
    "tags without end": "<img " + "a" * 4090,
    "sources": ' src="',
    "comments": "<!--",
    "quotes": '"//',
    "long quotes": '"//' + "a" * 1990,
    "our folder": f'"//{HOST}/bakery/pixel.js?',
    "fields": f'"//{HOST}/bakery/pixel.js?{"a=b&" * 400}"',
    "partners": "matchbook.partners selligent:",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_page_costs_no_more_than_its_length(settings: Settings, piece: str) -> None:
    register(settings, site("shop", "selligent"))
    text = (SCRIPT + piece * ((1 << 20) // len(piece)))[: 1 << 20]
    started = time.process_time()
    assert check(settings, text).result in ("implemented", "integration_missing")
    assert time.process_time() - started < 2


def test_tags_are_found_with_their_parts() -> None:
    text = f'{SCRIPT}{IMAGE}<img src="{SYNC}tealium"><img src="http://[bad/bakery/page">'
    assert find_tags("https://shop.example/", text).tags == (
        Tag("script", HOST, "shop"),
        Tag("image", HOST, "shop"),
        Tag("sync", HOST, "shop", "tealium"),
    )
