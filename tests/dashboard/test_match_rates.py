"""Match rates: the filters in the URL, the numbers, the losses."""

from __future__ import annotations

import duckdb

from matchbook.settings import Settings
from tests.dashboard import world
from tests.dashboard.pages import MATCH_RATES, fetch, links, open_page, words

LOSSES = "Where we lose records"


def test_all_partners_over_all_days(published: Settings) -> None:
    said = words(open_page(MATCH_RATES))
    assert "Match rate, all partners 61.5 %" in said
    assert "Rose 26.9 points since 24 Jul: 14,426 more matched, 9,117 more usable" in said
    assert "6 Oct 6,200 records uploaded (Newsletter)" in said
    assert "27 Sep Matching by link click approved" in said
    assert "Mapp CEP 29.0 %" in said


def test_filters_come_from_the_url(published: Settings) -> None:
    app = open_page(
        MATCH_RATES,
        partner="Tealium",
        type="E-mail",
        dates=["2026-11-01", "2026-11-10"],
        days="7 days",
    )
    said = words(app)
    assert "Match rate, Tealium" in said
    assert "seen in the last 7 days, on 10 Nov 2026" in said
    assert "since 1 Nov" in said
    assert "11 Nov 2026" not in said


def test_nonsense_in_the_url_is_ignored(published: Settings) -> None:
    app = open_page(
        MATCH_RATES, partner="<script>", site="'; drop table", dates=["never"], days="0", tab="x"
    )
    assert "Match rate, all partners 61.5 %" in words(app)


def test_by_site_there_is_no_rate_over_all_partners(published: Settings) -> None:
    snapshot = next(published.published.glob("homestead/*.duckdb"))
    with duckdb.connect(str(snapshot)) as connection:
        connection.execute(
            "delete from match_rates where partner_id = 'all' and breakdown = 'site'"
        )
    said = words(open_page(MATCH_RATES, site="shop.homestead.example"))
    assert "Match rate, all partners" not in said
    assert "Tealium 52.0 %" in said


def test_a_partner_that_never_synced(published: Settings) -> None:
    snapshot = next(published.published.glob("homestead/*.duckdb"))
    with duckdb.connect(str(snapshot)) as connection:
        connection.execute("update match_rates set numerator = 0 where partner_id = 'tealium'")
    said = words(open_page(MATCH_RATES, partner="Tealium"))
    assert "Tealium has not synced yet. Its match rate stands here once" in said


def test_a_rate_over_few_records_is_not_shown(published: Settings) -> None:
    snapshot = next(published.published.glob("homestead/*.duckdb"))
    with duckdb.connect(str(snapshot)) as connection:
        connection.execute(
            "update match_rates set numerator = 20, denominator = 49, match_rate = 20/49 "
            "where partner_id = 'piano'"
        )
    said = words(open_page(MATCH_RATES))
    assert "Piano &lt;50 – 20 49" in said


def test_the_csv_is_what_the_table_shows(published: Settings) -> None:
    link = links(open_page(MATCH_RATES))[-1]
    lines = fetch(link).text.splitlines()
    assert lines[0] == "Partner,Match rate,Since 24 Jul,Matched,Usable"
    assert lines[1] == "All partners,61.5 %,'+26.9 points,25756,41870"
    assert len(lines) == 12


def test_charts_start_with_the_first_records(published: Settings) -> None:
    snapshot = next(published.published.glob("homestead/*.duckdb"))
    with duckdb.connect(str(snapshot)) as connection:
        connection.execute(
            "update match_rates set numerator = 0, denominator = 0, match_rate = null "
            "where as_of_date < date '2026-10-12' and partner_id <> 'mapp_cep'"
        )
    assert "since 12 Oct" in words(open_page(MATCH_RATES))


def test_where_records_are_lost(published: Settings) -> None:
    said = words(open_page(MATCH_RATES, tab=LOSSES, funnel_partner="Spotler"))
    assert "Uploaded records in your CRM files 39,870" in said
    assert "Synced with Spotler" in said
    assert "Never clicked, read online or signed in Switch on link tracking" in said
    assert "−11,961" in said


def test_records_are_lost_by_identifier_type(published: Settings) -> None:
    said = words(open_page(MATCH_RATES, tab=LOSSES, funnel_type="Phone"))
    assert "11,961 100.0 %" in said


def test_the_fixture_keeps_the_law_of_the_funnel() -> None:
    rows = world._funnel_rows("homestead", "tealium", "all", 1000)
    reached = [row[7] for row in rows if row[5] is None]
    assert reached[0] - sum(row[7] for row in rows if row[5]) == reached[-1]
