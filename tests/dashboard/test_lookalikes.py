"""The page Lookalikes: the list, a study and its words, sizes, saving, refusals."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from dashboard import context
from matchbook import jobs, lookalikes
from matchbook.cli.work import drain
from matchbook.kept_audiences import refreshing, store
from matchbook.lookalikes import lookalike
from matchbook.lookalikes.wishes import KIND
from matchbook.settings import Settings
from tests.dashboard import world_audiences, world_lookalikes
from tests.dashboard.audience_pages import again, choose, press, said, saved, write
from tests.dashboard.pages import AUDIENCES, LOOKALIKES, drawn, open_page
from tests.matchbook.kept_audiences.nights import SHOP, make_client

pytestmark = pytest.mark.xdist_group("lookalikes")

SAVED = {"audience": "could-buy"}
SENTENCE = (
    r"Of 100 people on this list about (\d+) will do what your seed did; "
    r"picked at random about (\d+)\."
)
RULE = "Of one person of the seed and one other, the seed's came first in"


@pytest.fixture(scope="module")
def shop_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop of gardeners; never written."""
    home = tmp_path_factory.mktemp("lookalikes") / "home"
    return world_lookalikes.make_home(Settings(home=home, now=world_lookalikes.NOW)).home


@pytest.fixture
def shop(shop_made: Path, tmp_path: Path) -> Iterator[Settings]:
    """A copy of it that the test may change."""
    settings = Settings(home=tmp_path / "home", now=world_lookalikes.NOW)
    shutil.copytree(shop_made, settings.home)
    context.serve_from(settings)
    st.cache_data.clear()
    yield settings
    context.serve_from(settings)


def test_each_lookalike_with_whom_it_is_like_and_how_good(shop: Settings) -> None:
    app = open_page(LOOKALIKES)
    html = drawn(app, "audience_rows")
    assert "Could buy" in html
    assert "Usable · like “buyers”" in html
    assert re.search(r'mb-number">300</td><td class="mb-number">1\d0</td>', html)
    cards = drawn(app, "audience_cards")
    assert cards.count("<button") == 3, "a lookalike is no seed"
    assert "250 people" in cards
    assert "Could buy" not in drawn(open_page(AUDIENCES), "audience_rows")


def test_before_there_is_a_seed(home: Settings) -> None:
    world_audiences.publish(make_client(home), 0, world_audiences.people())
    text = said(open_page(LOOKALIKES))
    assert "No lookalike yet." in text
    assert "Needs a seed of 100 people or more." in text


def test_before_the_first_night(home: Settings) -> None:
    make_client(home)
    assert "No contacts yet." in said(open_page(LOOKALIKES))


def test_how_good_it_is_in_words_before_any_number(shop: Settings) -> None:
    text = said(open_page(LOOKALIKES, **SAVED))
    found = re.search(rf"Usable {SENTENCE}", text)
    assert found is not None
    assert int(found[1]) > 1.5 * int(found[2])
    assert "300 people" in text
    assert "can receive your e-mail in CEP" in text
    assert "visits section “garden”" in text
    assert text.index("Of 100 people on this list") < text.index("AUC")
    assert RULE in text
    assert "usable at 60 %" in text
    assert "Not used, because the seed asks for it: has done event “buy”" in text
    assert "Kept up to date: Yes, as of 17 Nov" in text


def test_from_similar_to_broad(shop: Settings) -> None:
    app = open_page(LOOKALIKES, **SAVED)
    slider = app.select_slider[0]
    assert [int(option.replace(",", "")) for option in slider.options] == [
        100, 120, 180, 250, 300, 370, 620,
    ]  # fmt: skip
    before = re.search(SENTENCE, said(app))
    slider.set_value(100)
    text = said(again(app))
    found = re.search(SENTENCE, text)
    assert before is not None
    assert found is not None
    assert int(found[1]) > int(before[1]), "the likest are more like it"
    assert re.search(r"100 people (<50|[5-9]\d|100) can receive your e-mail in CEP", text)
    assert "There are changes that are not saved." in text
    press(app, "Save")
    definition = saved(shop, "could-buy").definition
    assert definition.similar is not None
    assert definition.similar.people == 100


def test_from_a_seed_to_a_saved_lookalike(shop: Settings) -> None:
    app = open_page(LOOKALIKES, new="like:buyers")
    choose(app, "Look among", "cep_reachable")
    assert "Not studied yet." in said(app)
    assert next(b for b in app.button if b.label == "Save").disabled
    press(app, "See how good it is")
    assert "The study waits, and nothing works on it." in said(app)
    drain(shop, say=lambda _: None)
    text = said(again(app))
    assert "Of 100 people on this list" in text
    app.multiselect[0].set_value(["on-sale"])
    assert "Not studied yet." in said(again(app)), "without others it is another list"
    app.multiselect[0].set_value([])
    write(app, "Name", "Buyers to write to")
    press(app, "Save")
    assert app.query_params["audience"] == "buyers-to-write-to"
    similar = saved(shop, "buyers-to-write-to").definition.similar
    assert similar is not None
    assert (similar.seed, similar.pool) == ("buyers", "cep_reachable")
    drain(shop, say=lambda _: None)
    assert "Kept up to date: Yes" in said(open_page(LOOKALIKES, audience="buyers-to-write-to"))


def test_a_seed_drawn_by_lot_is_refused_with_the_reason(shop: Settings) -> None:
    lookalikes.ask(shop, SHOP, lookalike(name="-", seed="drawn", people=100))
    drain(shop, say=lambda _: None)
    app = open_page(LOOKALIKES, new="like:drawn")
    assert "No signal." in said(app)
    assert app.button[[b.label for b in app.button].index("Save")].disabled
    assert not app.select_slider
    assert RULE in said(app), "what was measured is told all the same"


def test_a_newer_build_and_a_study_that_failed(shop: Settings) -> None:
    world_lookalikes.next_night(shop)
    st.cache_data.clear()
    app = open_page(LOOKALIKES, **SAVED)
    assert "As of 17 Nov, 04:10." in said(app)
    press(app, "Study it on the newest data")
    job = jobs.claim(shop)
    assert job is not None
    assert job.kind == KIND
    problem = {"error": {"happened": "The disk was full.", "todo": "Make room."}}
    jobs.finish(shop, job.job_id, status="failed", result=problem)
    text = said(again(app))
    assert "The last study failed. The disk was full. Make room." in text
    assert re.search(SENTENCE, text), "the study from before stays"


def test_drift_is_told(shop: Settings) -> None:
    later = world_lookalikes.next_night(shop)
    refreshing.refresh(later, SHOP)
    context.serve_from(later)
    st.cache_data.clear()
    text = said(open_page(LOOKALIKES, **SAVED))
    assert "From build to build As good as on 17 Nov." in text
    assert text.index("As good as on 17 Nov.") < text.index(RULE), "beside the label, too"
    assert "18 Nov, 04:10 Usable" in text


TABS = {
    "Overlap": "on sale 420",
    "Its people": "Matched with a CRM record 300 100 %",
    "Size over time": "17 Nov, 04:10 300 1",
    "Why is somebody in it?": "Who asks is logged.",
    "Versions": "Version 1: Could buy",
}


@pytest.mark.parametrize("tab", TABS)
def test_an_audience_like_any_other(shop: Settings, tab: str) -> None:
    assert TABS[tab] in said(open_page(LOOKALIKES, more=tab, **SAVED))
    new = said(open_page(LOOKALIKES, more=tab, new="like:buyers"))
    assert any(text in new for text in ("Nobody yet.", "Once it is saved", "No version yet.",
                                        "No size over time yet."))  # fmt: skip


def test_each_kind_opens_on_its_own_page(shop: Settings) -> None:
    assert "There is no audience at this address." in said(open_page(LOOKALIKES, audience="buyers"))
    text = said(open_page(AUDIENCES, **SAVED))
    assert "This audience is a lookalike: its people are found, not chosen." in text


def test_put_away_and_brought_back(shop: Settings) -> None:
    app = press(open_page(LOOKALIKES, **SAVED), "Archive")
    assert "It is archived" in said(app)
    app = press(open_page(LOOKALIKES, tab="Archived"), "Restore")
    assert saved(shop, "could-buy").archived_at is None
    assert "archived" not in said(open_page(AUDIENCES, tab="Archived")).replace("is archived.", "")


@pytest.mark.parametrize(
    "name", ["<img src=x onerror=alert(1)>", "🙂" * 120], ids=["UI07", "emoji"]
)
def test_a_name_is_text(shop: Settings, name: str) -> None:
    wish = lookalike(name=name, seed="buyers", people=300)
    made = store.create(shop, SHOP, wish, by="Anna")
    for app in (open_page(LOOKALIKES), open_page(LOOKALIKES, audience=made.audience_id)):
        assert "<img" not in "".join(element.value for element in app.html)
    assert "<img" not in drawn(open_page(LOOKALIKES), "audience_rows")
