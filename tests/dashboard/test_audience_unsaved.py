"""Changes of an audience that nobody saved: said, asked about, and found again."""

from __future__ import annotations

from matchbook.settings import Settings
from tests.dashboard.audience_pages import again, press, said, saved, shop, shop_made, write
from tests.dashboard.pages import AUDIENCES, open_page

__all__ = ["shop", "shop_made"]


def test_changes_are_not_lost_unasked(shop: Settings) -> None:
    app = open_page(AUDIENCES, audience="loyal-ones")
    press(app, "Edit")
    press(app, "← All audiences")
    assert "audience" not in app.query_params, "nothing was changed"
    app = write(open_page(AUDIENCES, audience="loyal-ones"), "Name", "Dear ones")
    assert "There are changes that are not saved." in said(app)
    press(app, "← All audiences")
    assert "The changes of “Dear ones” would be lost." in said(app)
    press(app, "Stay")
    assert "There are changes that are not saved." in said(app)
    press(app, "Duplicate")
    press(app, "Leave without saving")
    assert app.query_params["audience"] == "copy-of-loyal-ones"
    assert "There are changes" not in said(app)
    assert saved(shop, "loyal-ones").version == 1


def test_what_was_begun_waits_on_the_list(shop: Settings) -> None:
    """As after a look at another page, which asks nothing."""
    app = press(open_page(AUDIENCES, new="section"), "Remove")
    del app.query_params["new"]
    again(app)
    assert "Visited a section twice Has changes that are not saved." in said(app)
    press(app, "Go on")
    assert app.query_params["new"] == "section"
    assert "Nobody yet." in said(app)
    del app.query_params["new"]
    press(again(app), "Give up")
    assert "Has changes" not in said(app)


def test_a_save_leaves_nothing_to_lose(shop: Settings) -> None:
    app = press(write(open_page(AUDIENCES, audience="loyal-ones"), "Owner", "Shop team"), "Save")
    assert "There are changes" not in said(app)
    press(app, "← All audiences")
    assert "audience" not in app.query_params
