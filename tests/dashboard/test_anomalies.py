"""Anomalies on the Overview, on Data quality and on the charts; who knows says so once."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.charts.annotations import Mark
from dashboard.charts.trends import small_multiples
from dashboard.queries import rates
from dashboard.queries.alerts import alerts, around
from dashboard.queries.reading import open_view
from dashboard.theme import LIGHT
from matchbook import audit, registry
from matchbook.alerts import store
from matchbook.alerts.looking import look_at
from matchbook.settings import Settings
from tests.dashboard import world
from tests.dashboard.pages import DATA_QUALITY, MATCH_RATES, OVERVIEW, open_page, words
from tests.dashboard.world_uploads import forget_marts

TAB = {"tab": "Anomalies"}
CONSENT = {"anomaly": "20 Nov · All partners on blog.homestead.example · consent"}


@pytest.fixture
def watched(published: Settings) -> Settings:
    """A morning whose night has looked for anomalies."""
    look_at(published, "homestead")
    return published


def test_what_is_off_needs_you_with_its_likely_cause(watched: Settings) -> None:
    app = open_page(OVERVIEW)
    said = words(app)
    assert "Tealium on shop.homestead.example: no calls since 18 Nov." in said
    assert "Likely: its tag is gone from the site." in said
    assert "All partners on blog.homestead.example: consent 37 % below usual since 20 Nov." in said
    assert "And 1 other: Newsletter: upload 3 days overdue." in said
    assert "is silent on" not in said
    assert [link.label for link in app.get("page_link")].count("Look at it") == 3


def test_the_way_from_the_line_to_the_anomaly(watched: Settings) -> None:
    link = next(one for one in open_page(OVERVIEW).get("page_link") if one.label == "Look at it")
    assert link.proto.page == "data-quality"
    assert "tab=Anomalies" in link.proto.query_string
    assert "anomaly=20+Nov" in link.proto.query_string


def test_the_tab_tells_each_with_cause_and_days(watched: Settings) -> None:
    app = open_page(DATA_QUALITY, **TAB, **CONSENT)
    said = words(app)
    assert "consent 37 % below usual" in said
    assert "Nobody has said that they know." in said
    assert "Piano on shop.homestead.example" in said
    assert len(app.get("plotly_chart")) == 1


def test_who_knows_says_so_and_it_needs_nobody_any_more(watched: Settings) -> None:
    app = open_page(DATA_QUALITY, **TAB, **CONSENT)
    app.text_input[0].set_value("The new banner").run()
    press(app, "Acknowledge")
    known = [alert for alert in store.of_client(watched, "homestead") if alert.note]
    assert [(alert.cause, alert.note) for alert in known] == [("consent", "The new banner")]
    assert "knows since 21 Nov" in words(app)
    assert audit.events(watched)[0].action == "alert_acknowledged"
    said = words(open_page(OVERVIEW))
    assert "consent 37 % below usual since 20 Nov. " in said
    assert "knows: The new banner" in said
    assert [link.label for link in open_page(OVERVIEW).get("page_link")].count("Look at it") == 2


def test_the_note_stands_beside_the_chart(watched: Settings) -> None:
    gone = next(a for a in store.of_client(watched, "homestead") if a.cause == "gone")
    store.acknowledge(watched, gone.alert_id, by="A. Vos", note="Tag manager release 12")
    said = words(open_page(MATCH_RATES, partner="Tealium"))
    assert "Tealium on shop.homestead.example: no calls. Tag manager release 12" in said
    assert "amber ones anomalies" in said
    assert "Piano on" not in said


def test_a_mark_is_on_its_partners_panel_alone(watched: Settings) -> None:
    view = open_view(watched, registry.current(watched).clients[0])
    part = rates.Slice(since=world.LAST_DAY.replace(day=1), until=world.LAST_DAY)
    panels = dict(list(rates.history(view, part).groupby("partner_name"))[:3])
    marks = {"Piano": [Mark(world.LAST_DAY, is_trouble=True)]}
    drawn = small_multiples(panels, marks, LIGHT, top=100)
    assert len(drawn.layout.shapes) == ("Piano" in panels)


def test_the_band_is_what_was_usual(watched: Settings) -> None:
    view = open_view(watched, registry.current(watched).clients[0])
    gone = next(alert for alert in alerts(view) if alert.cause == "gone")
    days = around(view, gone)
    newest = days.iloc[-1]
    assert newest["value"] < 1
    assert newest["low"] < 550 < newest["high"]


def test_nothing_was_off(published: Settings) -> None:
    assert "Nothing has been off." in words(open_page(DATA_QUALITY, **TAB))


def test_data_of_before_an_update_leaves_the_chart_out(watched: Settings) -> None:
    forget_marts(watched, "call_days")
    app = open_page(DATA_QUALITY, **TAB)
    assert "A part of this page is not in the data yet" in words(app)
    assert "All anomalies" in words(app)


def test_another_clients_anomalies_are_not_there(watched: Settings) -> None:
    said = words(open_page(DATA_QUALITY, client="Farways Travel", **TAB))
    assert "homestead" not in said.lower()


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
