"""The weekly report: the pages' numbers, on one page that needs nothing beside itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dashboard import report
from dashboard.queries.reading import View, open_view
from matchbook import registry
from matchbook.alerts import store
from matchbook.alerts.looking import look_at
from matchbook.cli import main
from matchbook.errors import ConfigError
from matchbook.settings import Settings
from tests.dashboard import world
from tests.dashboard.pages import OVERVIEW, fetch, links, open_page, words


@pytest.fixture
def view(published: Settings) -> View:
    look_at(published, "homestead")
    return open_view(published, registry.current(published).clients[0])


def test_its_numbers_are_the_overview_s(view: View) -> None:
    html = text_of(report.render(report.read_week(view, report.week_of("2026-W47"))))
    overview = words(open_page(OVERVIEW))
    assert "25,756" in html
    assert "25,756" in overview
    for rate in re.findall(r"\d\d\.\d %", html)[:2]:
        assert rate in overview
    assert "Nightly files on time 9 of 9 all of them" in html
    assert "so far, up to 20 Nov" in html


def test_it_tells_anomalies_with_cause_and_note(view: View) -> None:
    gone = next(a for a in store.of_client(view.settings, "homestead") if a.cause == "gone")
    store.acknowledge(view.settings, gone.alert_id, by="A. Vos", note="<b>Release 12</b>")
    html = report.render(report.read_week(view, report.week_of("2026-W47")))
    said = text_of(html)
    assert "Tealium on shop.homestead.example: no calls since 18 Nov" in said
    assert "Likely: its tag is gone from the site. A. Vos:" in said
    assert "<b>Release" not in html


def test_a_week_of_before_has_its_own_numbers(view: View) -> None:
    html = text_of(report.render(report.read_week(view, report.week_of("2026-W45"))))
    assert "2 Nov to 8 Nov 2026" in html
    assert "so far" not in html
    assert "None: calls of all partners were as usual." in html
    assert "25,756" not in html


def test_it_needs_nothing_beside_itself(view: View) -> None:
    html = report.render(report.read_week(view, report.week_of("2026-W47")))
    assert not re.search(r"<(script|img|link|iframe)|url\(|https?://|@import", html)
    assert "default-src 'none'" in html


@pytest.mark.parametrize("week", ["47", "2026-47", "2026-W60", "2026-W4x", "next"])
def test_what_is_no_week_is_refused(week: str) -> None:
    with pytest.raises(ConfigError, match="This is not a week"):
        report.week_of(week)


def test_a_week_without_data_says_what_there_is(view: View) -> None:
    with pytest.raises(ConfigError, match="no match rates of 2027-W02"):
        report.read_week(view, report.week_of("2027-W02"))


def test_the_newest_week_is_offered_first(view: View) -> None:
    assert report.weeks_known(view)[:2] == ["2026-W47", "2026-W46"]


def test_the_command_writes_it(published: Settings, tmp_path: Path) -> None:
    out = tmp_path / "week.html"
    made = run(published, "--client", "homestead", "--week", "2026-W47", "--out", str(out))
    assert (made.exit_code, made.stdout) == (0, f"Wrote {out}.\n")
    assert out.read_text().startswith("<!doctype html>")
    assert run(published, "--client", "nobody").exit_code == 78


def test_the_overview_offers_it_to_who_may_see_the_client(view: View) -> None:
    app = open_page(OVERVIEW, weekly_report="true")
    assert links(app) == []
    app.session_state["weekly_report"] = True
    app.run()
    (link,) = links(app)
    answer = fetch(link)
    assert answer.headers["content-disposition"] == 'attachment; filename="homestead-2026-w47.html"'
    assert "Week 47" in answer.text


def run(settings: Settings, *arguments: str) -> Result:
    now = world.NOW.isoformat()
    given = ["--home", str(settings.home), "--now", now, "report", *arguments]
    return CliRunner().invoke(main, given)


def text_of(html: str) -> str:
    body = html.partition("<body>")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))
