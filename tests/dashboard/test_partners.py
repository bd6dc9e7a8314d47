"""Partners: the nine cards, sites × partners, and one of them on one site."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from matchbook import partner_channels, registry
from matchbook.partners import load_partners
from matchbook.settings import Settings
from tests.dashboard import world
from tests.dashboard.pages import PARTNERS, drawn, fetch, links, open_page, words
from tests.dashboard.world_partners import newest_file
from tests.dashboard.world_uploads import forget_marts


def card(app: AppTest, partner_id: str) -> str:
    html = drawn(app, "partner_cards")
    found = re.search(rf'<button[^>]*data-pick="{partner_id}".*?</button>', html)
    assert found
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])).strip()


def cell(app: AppTest, partner_id: str, site_id: str) -> str:
    html = drawn(app, "partner_grid")
    found = re.search(rf'<button[^>]*data-pick="{partner_id} {site_id}".*?</button>', html)
    assert found
    return found[0]


def test_nine_cards_say_rate_sync_file_and_state(published: Settings) -> None:
    newest_file(published, "selligent")
    app = open_page(PARTNERS)
    assert drawn(app, "partner_cards").count("<button") == 9
    assert card(app, "selligent") == (
        "Selligent Active Match rate, 30 days 46.6 % Last sync 21 Nov, 00:57 "
        "Last file 21 Nov, 4,120 rows"
    )
    assert "Silent on 1 site" in card(app, "tealium")
    assert "Silent on shop.homestead.example since 18 Nov" in card(app, "tealium")


def test_a_partner_the_client_does_not_work_with_can_be_set_up(published: Settings) -> None:
    app = open_page(PARTNERS, client="Farways Travel")
    assert card(app, "permutive") == "Permutive Not set up Set it up"
    assert "Active" in card(app, "spotler")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"state": "rejected", "confirmed_at": None}, "File not delivered"),
        ({"state": "unknown", "confirmed_at": None}, "File not certain"),
        ({"state": "planned", "confirmed_at": None}, "File waits"),
    ],
    ids=["rejected", "unknown", "waiting"],
)
def test_after_a_broken_night_the_card_says_so(
    published: Settings, changed: dict[str, object], said: str
) -> None:
    newest_file(published, "piano", **changed)
    app = open_page(PARTNERS)
    assert said in card(app, "piano")
    assert "mb-trouble" in drawn(app, "partner_cards")


def test_partners_that_cannot_take_removals_are_named(published: Settings) -> None:
    unable = [p for p in load_partners() if p.delivery.removals.how == "unable"]
    assert unable
    app = open_page(PARTNERS)
    said = words(app)
    assert "These partners have no way to do that:" in said
    for partner in unable:
        assert partner.delivery.removals.says.replace("'", "&#x27;") in said
        assert "No removals" in card(app, partner.partner_id)
    assert "No removals" not in card(app, "tealium")


def test_a_paused_channel(published: Settings) -> None:
    fields = {"address": "file:///srv/out/tealium"}
    partner_channels.add(published, "homestead", "tealium", fields, by="desk")
    assert "Not active yet" in card(open_page(PARTNERS), "tealium")
    partner_channels.activate(published, "homestead", "tealium", by="desk")
    partner_channels.pause(published, "homestead", "tealium", by="desk")
    assert "Paused" in card(open_page(PARTNERS), "tealium")


def test_the_grid_says_yesterday_usual_and_silent(published: Settings) -> None:
    app = open_page(PARTNERS)
    assert "Syncs on Friday 20 Nov, and small what is usual on a Friday." in words(app)
    silent = cell(app, "tealium", "homestead-shop")
    assert "mb-silent" in silent
    assert "silent, last sync on 17 Nov" in silent
    assert "mb-low" in cell(app, "piano", "homestead-shop")
    assert "<b>400</b><small>412</small>" in cell(app, "selligent", "homestead-shop")
    assert "never synced" in cell(app, "tealium", "homestead-blog")
    assert "Selligent on Pages without a site: 3 syncs, in its first week" in cell(
        app, "selligent", ""
    )


def test_one_partner_on_one_site(published: Settings) -> None:
    app = open_page(PARTNERS, partner="Tealium", site="shop.homestead.example")
    said = words(app)
    assert "mb-chosen" in cell(app, "tealium", "homestead-shop")
    assert "Tealium on shop.homestead.example shop.homestead.example Silent since 18 Nov" in said
    assert "The call holds a placeholder" in said
    assert "21 19 Nov access-1.log.gz, line 41" in said
    assert "A cookie id that stands for nobody" not in said  # longer ago than 30 days
    [code] = [element.value for element in app.code]
    assert "site=homestead-shop&partner=tealium&read=false&cookieid=" in code
    assert "The pixel of shop.homestead.example reads Tealium&#x27;s id by itself." in said
    [link] = links(app)
    table = fetch(link).text
    assert table.startswith("Why,Calls,Last on,The last one stands in")


def test_calls_that_name_no_site_have_no_tag(published: Settings) -> None:
    app = open_page(PARTNERS, partner="Selligent", site="Pages without a site")
    assert "Selligent on pages without a site Last sync 20 Nov, 02:00" in words(app)
    assert not app.code


def test_a_client_without_partners_starts_with_the_steps(published: Settings) -> None:
    document = registry.current(published)
    alone = document.clients[1].model_copy(update={"partners": ()})
    clients = (document.clients[0], alone)
    registry.replace(published, document.model_copy(update={"clients": clients}), by="test")
    said = words(open_page(PARTNERS, client="Farways Travel"))
    assert "No partner yet." in said
    assert "Choose the partner and its sites" in said


def test_before_the_first_night_partners_can_be_set_up(home: Settings) -> None:
    world.make_registry(home)
    app = open_page(PARTNERS)
    assert "never" in card(app, "tealium")
    assert "counted from tonight&#x27;s run on" in words(app)
    assert "Tealium is among your partners." in words(open_page(PARTNERS, tab="Set up a partner"))


def test_a_snapshot_from_before_the_marts_does_no_harm(published: Settings) -> None:
    forget_marts(published, "partner_sites")
    app = open_page(PARTNERS)
    assert "Active" in card(app, "tealium")
    assert words(app).count("A part of this page is not in the data yet") == 1


def test_hostile_names_never_become_markup(published: Settings) -> None:
    hostile = "<script>alert(1)</script>"
    document = registry.current(published)
    sites = tuple(
        site.model_copy(update={"name": hostile}) if site.site_id == "homestead-shop" else site
        for site in document.sites
    )
    registry.replace(published, document.model_copy(update={"sites": sites}), by="test")
    newest_file(published, "piano", reason=hostile, state="rejected", confirmed_at=None)
    app = open_page(PARTNERS)
    assert "<script" not in drawn(app, "partner_grid") + drawn(app, "partner_cards")
    assert "&lt;script&gt;" in drawn(app, "partner_grid")
    assert not any("<script" in element.value for element in app.html)
