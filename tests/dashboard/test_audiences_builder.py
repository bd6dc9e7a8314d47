"""Building an audience: conditions, size, save, versions, and what stands in its way."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.app_pages.audience_words import estimated
from matchbook import audit, jobs
from matchbook.audiences import of
from matchbook.cli.work import drain
from matchbook.kept_audiences import store
from matchbook.settings import Settings
from tests.dashboard.audience_pages import (
    again,
    choose,
    number,
    press,
    said,
    saved,
    shop,
    shop_made,
    write,
)
from tests.dashboard.pages import AUDIENCES, open_page
from tests.matchbook.kept_audiences.nights import SHOP, in_segment

__all__ = ["shop", "shop_made"]
SIZE = "120 people 120 reachable in CEP"


def test_a_saved_one_opens_at_its_address(shop: Settings) -> None:
    text = said(open_page(AUDIENCES, audience="loyal-ones"))
    assert (
        "Kept up to date: Yes, as of 18 Nov, 04:10, with 120 people, 120 reachable in CEP" in text
    )
    assert "has a CRM record whose “segment” is “loyal” 120 people" in text
    assert SIZE in text
    assert "Everybody we know 260 has a CRM record whose “segment” is “loyal” 120" in text
    assert "Tealium 120 cookie ids" in text
    assert "120 never seen with its cookie" in text
    assert "Below 100 nothing is sent there." in text


def test_from_a_template_to_a_saved_audience(shop: Settings) -> None:
    app = open_page(AUDIENCES, new="section")
    assert "Not saved yet." in said(app)
    assert "has visited a page in section “sale” · at least 2 times · in the last 30 days" in said(
        app
    )
    assert SIZE in said(app)
    write(app, "Name", "Sale, twice")
    press(app, "Save")
    assert app.query_params["audience"] == "sale-twice"
    assert "new" not in app.query_params
    assert "Saved as version 1." in said(app)
    assert "The refresh waits, and nothing works on it." in said(app)
    assert [job.arguments for job in jobs.all_of(shop, "refresh_audiences")] == [
        {"audience_ids": ["sale-twice"]}
    ]
    drain(shop, say=lambda _: None)
    assert "Kept up to date: Yes" in said(open_page(AUDIENCES, audience="sale-twice"))


def test_conditions_are_joined_turned_round_and_removed(shop: Settings) -> None:
    app = press(open_page(AUDIENCES, new="empty"), "Add a condition")
    choose(app, "What", "attribute")
    choose(app, "The CRM's", "segment")
    assert "Choose what they did" in said(app)
    assert "Nobody yet." in said(app)
    choose(app, "Value", "loyal")
    assert SIZE in said(app)
    press(app, "or …")
    choose(app, "What", "is")
    choose(app, "Is", "matched")
    assert "200 people 120 reachable in CEP" in said(app)
    choose(app, "Who", "has not")
    assert "is not matched with a CRM record 60 people" in said(app)
    assert "180 people 120 reachable in CEP" in said(app)
    press(app, "Remove", 1)
    press(app, "and …")
    choose(app, "What", "total")
    choose(app, "Of", "hits")
    number(app, "At least", 3)
    assert SIZE in said(app)
    write(app, "Name", "Mine")
    press(app, "Save")
    assert saved(shop, "mine").definition == of(
        name="Mine",
        enter={
            "kind": "all",
            "of": [
                in_segment("loyal").model_dump()["enter"],
                {"kind": "total", "of": "hits", "at_least": 3},
            ],
        },
    )


def test_what_an_audience_says_of_itself(shop: Settings) -> None:
    app = open_page(AUDIENCES, audience="loyal-ones")
    write(app, "Owner", "Shop team")
    write(app, "Description", "Line one\nline two")
    number(app, "Look-back, days", 14)
    number(app, "Expires after days", 60)
    number(app, "Holdout, per cent", 5)
    next(t for t in app.toggle if t.label == "Count each browser by itself").set_value(True)
    press(app, "Save")
    assert "Saved as version 2." in said(app)
    found = saved(shop, "loyal-ones").definition
    assert (found.owner, found.description, found.look_back_days, found.expires_after_days) == (
        "Shop team", "Line one\nline two", 14, 60,
    )  # fmt: skip
    assert (found.holdout_percent, found.count_each_browser) == (5, True)
    assert "5 % of them are held out" in said(app)
    press(app, "Save")
    assert "Nothing had changed." in said(app)


def test_people_leave_when(shop: Settings) -> None:
    app = open_page(AUDIENCES, audience="loyal-ones")
    press(app, "Add a condition")
    choose(app, "What", "total")
    choose(app, "Of", "hits")
    number(app, "At least", 100)
    assert "is not among those who leave 120" in said(app)
    assert "People who came earlier may stay" in said(app)
    press(app, "Save")
    assert saved(shop, "loyal-ones").definition.leave is not None


def test_deeper_nesting_is_text_and_stays(shop: Settings) -> None:
    before = saved(shop, "nested").definition
    app = open_page(AUDIENCES, audience="nested")
    assert "nest deeper than this page can show" in said(app)
    assert "OR (has had at least 1 calls in all AND has had at least 2 calls in all)" in said(app)
    write(app, "Name", "Nested, renamed")
    press(app, "Save")
    assert saved(shop, "nested").definition == before.model_copy(update={"name": "Nested, renamed"})


@pytest.mark.parametrize(
    ("name", "refusal"),
    [("", "at name"), ("   ", "at name"), ("\x00", "at name")],
    ids=["UI07-empty", "blank", "null"],
)
def test_a_name_that_cannot_be(shop: Settings, name: str, refusal: str) -> None:
    app = write(open_page(AUDIENCES, audience="loyal-ones"), "Name", name)
    press(app, "Save")
    assert refusal in said(app)
    assert "Nothing was saved." in said(app)
    assert saved(shop, "loyal-ones").version == 1


@pytest.mark.parametrize("name", ["x" * 10_000], ids=["UI07-long"])
def test_a_name_has_an_end(shop: Settings, name: str) -> None:
    press(write(open_page(AUDIENCES, audience="loyal-ones"), "Name", name), "Save")
    assert saved(shop, "loyal-ones").name == name[:120]


def test_an_unfinished_condition_is_not_saved(shop: Settings) -> None:
    app = open_page(AUDIENCES, new="list")
    press(app, "Save")
    assert "A condition is not finished. Nothing was saved." in said(app)
    app = press(write(open_page(AUDIENCES, new="empty"), "Name", "None"), "Save")
    assert "Nobody is in an audience without a condition." in said(app)


def test_no_circle(shop: Settings) -> None:
    app = open_page(AUDIENCES, audience="loyal-ones")
    press(app, "and …")
    choose(app, "What", "in_audience")
    choose(app, "Audience", "everybody-else")
    press(app, "Save")
    assert "The audience refers to itself" in said(app)


def test_sizes_do_not_tell_about_a_few(shop: Settings) -> None:
    """UI10: 121 and 120 people read alike; UI11: no step below 50 is told."""
    one_more = {"kind": "total", "of": "hits", "at_least": 5}
    made = store.create(shop, SHOP, of(name="Nearly", enter=one_more), by="Anna")
    text = said(open_page(AUDIENCES, audience=made.audience_id))
    assert SIZE in text
    assert "The size of “Loyal ones” is told: the two differ by a few people only." in text
    app = press(open_page(AUDIENCES, audience="loyal-ones"), "and …")
    choose(app, "What", "in_share")
    number(app, "Per cent of all people", 5.0)
    assert "<50 people <50 reachable in CEP" in said(app)


def test_a_sequence_is_counted_exactly_in_the_end(shop: Settings) -> None:
    app = press(open_page(AUDIENCES, new="empty"), "Add a condition")
    choose(app, "What", "sequence")
    assert "<50 people <50 reachable in CEP" in said(app)
    assert "≈" not in said(app)
    assert estimated(1300, 1200, 1500) == (
        "≈ 1,300",
        "95 % sure: 1,200 to 1,500; counting exactly",
    )
    assert estimated(None, None, 60)[0] == "≈ <50"


TABS: dict[str, tuple[str, ...]] = {
    "Overlap": ("Everybody else 140 <50 –", "Kept 120 120 100 %"),
    "Its people": ("With an e-mail 120 100 %", "Phone, Firefox · reachable in CEP"),
    "Trend": ("18 Nov, 04:10 120 120 <50 120 <50", "17 Nov, 04:10 120 120 120"),
    "In words and SQL": ("Everyone who has a CRM record whose “segment” is “loyal”.", "$p1"),
    "Why is somebody in it?": ("Who asks is logged.",),
    "Versions": ("Version 1: Loyal ones Saved 17 Nov, 04:10 by Anna",),
}


@pytest.mark.parametrize("tab", TABS)
def test_more_of_it(shop: Settings, tab: str) -> None:
    app = open_page(AUDIENCES, audience="loyal-ones", more=tab)
    for text in TABS[tab]:
        assert text in said(app)
    new = said(open_page(AUDIENCES, new="empty", more=tab))
    assert any(text in new for text in ("Nobody yet.", "Save it first.", "No version yet.",
                                        "No size over time yet."))  # fmt: skip


def test_the_sql_holds_no_value(shop: Settings) -> None:
    app = open_page(AUDIENCES, audience="loyal-ones", more="In words and SQL")
    (code,) = [element.value for element in app.code]
    assert "SELECT" in code
    assert "loyal" not in code


def test_why_is_somebody_in_it(shop: Settings) -> None:
    app = open_page(AUDIENCES, audience="loyal-ones", more="Why is somebody in it?")
    write(app, "CRM record id", "r1")
    assert "Is in the audience." in said(app)
    assert "has a CRM record whose “segment” is “loyal” yes" in said(app)
    again(app)
    assert len(_questions(shop)) == 1
    write(app, "CRM record id", "r201")
    assert "Is not in the audience" in said(app)
    assert "“loyal” no" in said(app)
    write(app, "CRM record id", "<b>nobody")
    assert "No browser is known to be this record" in said(app)
    assert len(_questions(shop)) == 3
    app = open_page(AUDIENCES, audience="everybody-else", more="Why is somebody in it?")
    write(app, "CRM record id", "r201")
    assert "To be in it is not in audience “Loyal ones” yes" in said(app)


def _questions(settings: Settings) -> list[Any]:
    return [one for one in audit.events(settings, client_id=SHOP) if one.action == "audience_why"]


def test_an_older_version_opens_and_is_saved_again(shop: Settings) -> None:
    app = write(open_page(AUDIENCES, audience="loyal-ones", more="Versions"), "Name", "Changed")
    press(app, "Save")
    assert "Version 2: Changed" in said(app)
    press(app, "Open")
    press(app, "Save")
    assert saved(shop, "loyal-ones").name == "Loyal ones"
    assert saved(shop, "loyal-ones").version == 3


def test_somebody_else_saved_meanwhile(shop: Settings) -> None:
    app = open_page(AUDIENCES, audience="loyal-ones")
    store.save(shop, SHOP, "loyal-ones", in_segment("new", "Loyal ones"), by="Ben")
    again(app)
    assert "Ben saved another version meanwhile." in said(app)


def test_nothing_at_this_address(shop: Settings) -> None:
    app = open_page(AUDIENCES, audience="never-saved")
    assert "There is no audience at this address." in said(app)
    press(app, "All audiences")
    assert "audience" not in app.query_params
