"""Overview: the four numbers, what needs a person, the partners ranked."""

from __future__ import annotations

from datetime import timedelta

import duckdb
import pandas as pd

from dashboard.charts.ranked import ranked_bars
from dashboard.theme import LIGHT
from matchbook import partner_channels, state
from matchbook.clock import utc_naive
from matchbook.settings import Settings
from tests.dashboard import world
from tests.dashboard.pages import OVERVIEW, open_page, words
from tests.dashboard.world_uploads import forget_marts


def test_a_normal_morning(published: Settings) -> None:
    said = words(open_page(OVERVIEW))
    assert "Homestead Overview" in said
    assert "Data as of 21 Nov, 04:06 · last night OK · times in Europe/Amsterdam" in said
    assert "25,756 of 41,870 CRM records are matched at one partner or more" in said
    assert "▼ 0.6 points on last week" in said
    assert "9 of 9 by 04:41 in the night of 21 Nov" in said


def test_a_silent_partner_needs_you(published: Settings) -> None:
    app = open_page(OVERVIEW)
    assert "Tealium is silent on shop.homestead.example since 18 Nov." in words(app)
    assert [link.label for link in app.get("page_link")] == ["See Tealium", "Upload"]


def test_an_upload_that_is_late_needs_you(published: Settings) -> None:
    said = words(open_page(OVERVIEW))
    assert "Newsletter: upload 3 days overdue. It is uploaded every week." in said
    assert "overdue" not in words(open_page(OVERVIEW, client="Farways Travel"))


def test_the_way_to_a_late_upload(published: Settings) -> None:
    [late] = [link for link in open_page(OVERVIEW).get("page_link") if link.label == "Upload"]
    assert late.proto.page == "crm-uploads"
    assert "client=Homestead" in late.proto.query_string


def test_without_a_mart_the_rest_is_there(published: Settings) -> None:
    forget_marts(published, "upload_schedules")
    said = words(open_page(OVERVIEW))
    assert said.count("A part of this page is not in the data yet") == 1
    assert "matchbook build, then matchbook publish" in said
    assert "Tealium is silent on shop.homestead.example" in said
    assert "Match rate by partner" in said


def test_one_client_is_shown_and_the_url_chooses_it(published: Settings) -> None:
    said = words(open_page(OVERVIEW, client="Farways Travel"))
    assert "Farways Travel Overview" in said
    assert "Nothing. Every partner that calls regularly called" in said
    assert "Homestead" not in said


def test_an_unknown_client_in_the_url_is_ignored(published: Settings) -> None:
    assert "Homestead Overview" in words(open_page(OVERVIEW, client="Nobody & Sons"))


def test_a_single_client_has_no_switch(home: Settings) -> None:
    world.make_registry(home, ("farways",))
    world.publish(home, ("farways",))
    assert not open_page(OVERVIEW).sidebar.selectbox


def test_a_file_that_was_refused_needs_you(home: Settings) -> None:
    world.make_registry(home)
    world.publish(home)
    world.deliver(home, "homestead", rejected="weborama")
    said = words(open_page(OVERVIEW)).replace("&#x27;", "'")
    assert "8 of 9" in said
    assert "Weborama did not take tonight's file. The folder is full." in said


def test_a_partner_that_is_paused_is_not_waited_for(published: Settings) -> None:
    fields = {
        "address": "file:///srv/out/piano",
        "overrides": {"values": {"customer_prefix": "abc"}},
    }
    partner_channels.add(published, "homestead", "piano", fields, by="desk")
    with state.begin(published) as connection:
        table = state.deliveries
        connection.execute(table.delete().where(table.c.partner_id == "piano"))
        accepted = table.update().where(table.c.partner_id == "supermetrics")
        connection.execute(accepted.values(state="sent", receipt="answers"))
    assert "8 of 8" in words(open_page(OVERVIEW))


def test_tooltips_are_the_marts_descriptions(published: Settings) -> None:
    shown = " ".join(element.value for element in open_page(OVERVIEW).html)
    assert f'title="{world.DESCRIPTIONS[0][2]}"' in shown


def test_files_nobody_sent_need_you(home: Settings) -> None:
    world.make_registry(home)
    world.publish(home)
    said = words(open_page(OVERVIEW))
    assert "9 nightly files not sent yet. matchbook deliver" in said


def test_a_week_ago_there_were_no_records(published: Settings) -> None:
    snapshot = next(published.published.glob("homestead/*.duckdb"))
    with duckdb.connect(str(snapshot)) as connection:
        connection.execute(
            "update match_rates set numerator = 0, denominator = 0, match_rate = null "
            "where as_of_date < date '2026-11-18' and partner_id <> 'mapp_cep'"
        )
    said = words(open_page(OVERVIEW))
    assert "61.5 % first week" in said
    assert "25,756 first week" in said


def test_files_that_came_late_are_said_so(published: Settings) -> None:
    assert "in the night of 21 Nov, on time" in words(open_page(OVERVIEW))
    table = state.deliveries
    with state.begin(published) as connection:
        late = utc_naive(world.NOW) + timedelta(hours=3)
        late_one = table.update().where(table.c.partner_id == "piano")
        connection.execute(late_one.values(confirmed_at=late))
    assert "in the night of 21 Nov, 1 of them late" in words(open_page(OVERVIEW))


def test_each_bar_has_its_change_on_last_week_and_its_uplift() -> None:
    partners = pd.DataFrame(
        {
            "partner_name": ["Tealium", "Piano", "Weborama"],
            "match_rate": [0.4, 0.3, None],
            "denominator": [1000, 1000, 12],
            "rate_before": [0.38, None, None],
            "change": [0.02, None, None],
            "added_rate": [0.1, None, None],
            "uplift": [0.333, None, None],
        }
    )
    told = {note.text for note in ranked_bars(partners, LIGHT).layout.annotations}
    assert told == {"on last week", "uplift", "▲ 2.0 points", "+33 %", "–", ""}
