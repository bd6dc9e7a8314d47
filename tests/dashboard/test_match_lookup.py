"""Match lookup: one record explained, and every look-up logged."""

from __future__ import annotations

from datetime import date

import duckdb
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard.app_pages.lookup_words import on_days, surely
from matchbook import audit, decisions, snapshots
from matchbook.settings import Settings
from tests.dashboard.pages import MATCH_RATES, links, open_page, words
from tests.dashboard.world_matches import COOKIE, LONELY_COOKIE
from tests.dashboard.world_uploads import forget_marts

RECORD = "C-61"


def look_up(text: str, app: AppTest | None = None) -> AppTest:
    """The tab after a search."""
    app = app or open_page(MATCH_RATES, tab="Match lookup")
    app.text_input(key="lookup_text").set_value(text)
    app.button[-1].click().run()
    assert not app.exception, [error.value for error in app.exception]
    return app


def test_a_record_is_explained(published: Settings) -> None:
    app = look_up(f" {RECORD} ")
    said = words(app)
    assert "1 Very likely: clicked an e-mail on 3, 9 and 17 Nov; nobody else did." in said
    assert "2 Unsure: signed in on 19 Nov; 1 other record did too." in said
    assert "Clicked in an e-mail, last on 17 Nov 2026." in said
    assert "Tealium Very likely (0.93) 20 Nov, 01:00 1 of 1 11 Nov 2026 20 Nov 2026" in said
    assert "Piano Unsure (0.41): too unsure to deliver" in said
    line = "shop.example/2026-11-17.log, line"
    assert f"Clicked an e-mail (CEP contact) 2 {line} 1,204 … {line} 1,311" in said
    assert "Signed in (E-mail) 1 shop.example/2026-11-19.log, line 1,204 " in said
    assert "C-62 2 Signed in 5 20 Nov 2026 Very likely (0.91) " in said
    assert "version 1a2b3c4d: evidence counts for 90 days, and matches are delivered from" in said
    assert len(links(app)) == 4, "every table can be taken along"


def test_a_cookie_leads_to_its_records(published: Settings) -> None:
    said = words(look_up(COOKIE.upper()))
    assert "A cookie of Tealium, matched to 2 records." in said
    assert "Record C-61" in said
    assert "Record C-62" in said


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LONELY_COOKIE, "A cookie of Tealium that matches no record."),
        ("C-63", "Not recognised on the web."),
        ("nobody'; drop table matches; --", "Nothing has this id."),
    ],
)
def test_what_is_not_matched_says_so(published: Settings, text: str, told: str) -> None:
    assert told in words(look_up(text))


def test_every_look_up_is_logged_without_whom_it_was_about(published: Settings) -> None:
    app = look_up(RECORD)
    app.run()  # drawn again is not looked up again
    look_up(COOKIE, app)
    look_up("nobody", app)
    found = audit.events(published, client_id="homestead")
    assert [(event.action, event.subjects) for event in found] == [
        ("match_lookup", 0),
        ("match_lookup", 2),
        ("match_lookup", 1),
    ]
    assert "dashboard" in found[0].actor
    assert RECORD not in repr(found)


def test_another_client_is_not_shown_it(published: Settings) -> None:
    app = look_up(RECORD)
    app.selectbox(key="client").set_value("Farways Travel").run()
    assert "Record C-61" not in words(app)


def test_a_snapshot_from_before_these_marts_says_so(published: Settings) -> None:
    forget_marts(published, "match_evidence")
    said = words(look_up(RECORD))
    assert "not in the data yet" in said


def test_conflicts_are_listed(published: Settings) -> None:
    said = words(open_page(MATCH_RATES, tab="Match lookup"))
    assert "C-62: very likely (0.91) C-61: unsure (0.41) 2 20 Nov 2026 One record is" in said
    snapshots.forget_open()
    with duckdb.connect(next(published.published.glob("homestead/*.duckdb"))) as connection:
        connection.execute("update match_conflicts set outcome = 'decided'")
    st.cache_data.clear()
    assert "nobody shares a browser" in words(open_page(MATCH_RATES, tab="Match lookup"))


def test_a_person_decides_whose_browser_it_is(published: Settings) -> None:
    app = look_up(RECORD)
    (whose,) = app.segmented_control
    assert (whose.label, whose.value) == ("Whose browser 2 is", "open"), "only where it is shared"
    whose.set_value("not_this_record").run()
    (made,) = decisions.all_rows(published)
    assert (made.client_id, made.visitor_key, made.crm_record_id) == ("homestead", 12, RECORD)
    assert made.decision == "not_this_record"
    assert app.segmented_control[0].value == "not_this_record"
    assert audit.events(published)[0].action == "match_decision"
    app.segmented_control[0].set_value("open").run()
    assert decisions.standing(published, "homestead") == {(12, RECORD): "open"}


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ([date(2026, 11, 3)], "on 3 Nov"),
        ([date(2026, 10, 30), date(2026, 11, 3), date(2026, 11, 9)], "on 30 Oct, 3 and 9 Nov"),
        ([date(2026, 11, day) for day in range(1, 8)], "on 7 days from 1 Nov to 7 Nov"),
    ],
)
def test_days_in_words(days: list[date], told: str) -> None:
    assert on_days([pd.Timestamp(day).date() for day in days]) == told


def test_probabilities_in_words() -> None:
    assert [surely(p) for p in (1, 0.9, 0.7, 0.1)] == [
        "Nearly certain",
        "Very likely",
        "Likely",
        "Unsure",
    ]
