"""The list of audiences: sizes, states, templates, what can be done with one."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from matchbook import state
from matchbook.audiences import of
from matchbook.kept_audiences import store
from matchbook.kept_audiences.tables import refreshes
from matchbook.pushes import targets
from matchbook.settings import Settings
from tests.dashboard import world_audiences
from tests.dashboard.audience_pages import press, said, shop, shop_made
from tests.dashboard.pages import AUDIENCES, drawn, fetch, links, open_page
from tests.dashboard.world_uploads import forget_marts
from tests.matchbook.kept_audiences.nights import SHOP, make_client

__all__ = ["shop", "shop_made"]
IMAGE = "<img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("http://evil")'


def rows(app: Any) -> str:
    return drawn(app, "audience_rows")


def test_each_audience_with_its_two_sizes(shop: Settings) -> None:
    app = open_page(AUDIENCES)
    html = rows(app)
    for label in ("People", "Reachable in CEP", "Goes to", "Kept up to date"):
        assert label in html
    loyal = html[html.index("Loyal ones") : html.index("<b>Nested")]
    assert loyal.count('<td class="mb-number">120</td>') == 2
    assert "CRM team · Shop" in loyal
    assert "Yes, as of 18 Nov, 04:10" in loyal
    assert 'title="17 Nov: 120 people"' in loyal
    assert '<td class="mb-number">&lt;50</td>' in html  # nobody else is reachable
    assert "240" not in html
    assert 'data-pick="open loyal-ones"' in html


def test_six_templates_and_an_empty_state(shop: Settings, home: Settings) -> None:
    cards = drawn(open_page(AUDIENCES), "audience_cards")
    assert cards.count("<button") == 6
    assert "Visited a section twice" in cards


def test_before_the_first_night(home: Settings) -> None:
    make_client(home)
    assert "No contacts yet." in said(open_page(AUDIENCES))


def test_no_audience_yet(home: Settings) -> None:
    world_audiences.publish(make_client(home), 0, world_audiences.people())
    app = open_page(AUDIENCES)
    assert "No audience yet." in said(app)
    assert drawn(app, "audience_cards").count("<button") == 6


def test_a_snapshot_from_before_audiences(shop: Settings) -> None:
    forget_marts(shop, "visitor_actions", client_id=SHOP)
    text = said(open_page(AUDIENCES, audience="loyal-ones"))
    assert "built before there were audiences" in text


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        ({"state": "failed", "reason": "A list is gone."}, "Last refresh failed, as of 17 Nov"),
        ({"state": "running"}, "Being refreshed now"),
        ({"version": 0}, "Waits for the next refresh"),
    ],
    ids=["failed", "running", "stale"],
)
def test_states_are_honest(shop: Settings, standing: dict[str, Any], words: str) -> None:
    newest = sa.select(sa.func.max(refreshes.c.refresh_id)).where(
        refreshes.c.audience_id == "loyal-ones"
    )
    with state.begin(shop) as connection:
        number = connection.scalar(newest)
        connection.execute(
            refreshes.update().where(refreshes.c.refresh_id == number).values(**standing)
        )
    assert words in rows(open_page(AUDIENCES))
    if standing.get("state") == "failed":
        opened = said(open_page(AUDIENCES, audience="loyal-ones"))
        assert "The last refresh failed. You see the people from before. A list is gone." in opened


def test_never_refreshed(shop: Settings) -> None:
    store.create(shop, SHOP, of(name="Fresh", enter=world_audiences.EVERYBODY), by="Anna")
    assert "Not refreshed yet" in rows(open_page(AUDIENCES))


@pytest.mark.parametrize("name", [IMAGE, "**bold**", "🙂" * 120], ids=["UI07-img", "md", "emoji"])
def test_a_name_is_text(shop: Settings, name: str) -> None:
    made = store.create(shop, SHOP, of(name=name, enter=world_audiences.EVERYBODY), by="Anna")
    app = open_page(AUDIENCES)
    assert "<img" not in rows(app)
    for parameters in ({"tab": "Overlap"}, {"audience": made.audience_id}):
        app = open_page(AUDIENCES, **parameters)
        assert "<img" not in "".join(element.value for element in app.html)
        assert not any(name in element.value for element in app.markdown)


def test_a_formula_is_no_formula_in_the_csv(shop: Settings) -> None:
    """UI08."""
    store.create(shop, SHOP, of(name=FORMULA, enter=world_audiences.EVERYBODY), by="Anna")
    (link,) = links(open_page(AUDIENCES))
    text = fetch(link).text
    assert "'=HYPERLINK" in text
    assert "Loyal ones,120,120," in text


def test_overlap_of_each_with_each(shop: Settings) -> None:
    text = said(open_page(AUDIENCES, tab="Overlap"))
    assert "Loyal ones <50 120 100 %" in text  # nobody is in it and among the others
    assert "Everybody else" in text


def test_where_each_one_goes(shop: Settings) -> None:
    for destination in ("mapp_cep", "tealium"):
        targets.begin(shop, SHOP, "loyal-ones", destination, name="Loyal", follows=True, by="Anna")
    app = open_page(AUDIENCES)
    assert "<td>Mapp CEP, Tealium</td>" in rows(app)
    assert "Mapp CEP, Tealium" in fetch(links(app)[0]).text


def test_archive_and_back(shop: Settings) -> None:
    app = press(open_page(AUDIENCES, audience="nested"), "Archive")
    assert "It is archived" in said(app)
    assert "Nested" not in rows(open_page(AUDIENCES))
    app = open_page(AUDIENCES, tab="Archived")
    assert "Nested" in said(app)
    press(app, "Restore")
    assert "Nested" in rows(open_page(AUDIENCES))


def test_one_that_others_need_stays(shop: Settings) -> None:
    app = press(open_page(AUDIENCES, audience="loyal-ones"), "Archive")
    assert "Another audience refers to this one. It was not archived." in said(app)


def test_a_copy(shop: Settings) -> None:
    app = press(open_page(AUDIENCES, audience="loyal-ones"), "Duplicate")
    assert app.query_params["audience"] == "copy-of-loyal-ones"
    assert "Not refreshed yet" in said(app)
