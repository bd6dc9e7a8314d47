"""Below the match rate: why it changed, the other rates, the cohorts, and the rows behind."""

from __future__ import annotations

import pytest

from dashboard import formats
from matchbook.settings import Settings
from tests.dashboard import world_uploads
from tests.dashboard.pages import MATCH_RATES, fetch, links, open_page, words

ROWS = {"rows": "true"}
LOSSES = "Where we lose records"


def test_why_it_changed_in_one_sentence(published: Settings) -> None:
    said = words(open_page(MATCH_RATES, partner="Tealium"))
    assert (
        "Last 7 days: fell 0.9 points: −1.6 new records not seen yet, +0.9 newly recognised, "
        "−0.2 not seen for 30 days"
    ) in said


@pytest.mark.parametrize("more", [{"days": "7 days"}, {"type": "E-mail"}, {"partner": "Mapp CEP"}])
def test_the_sentence_stands_beside_its_own_rate_only(
    published: Settings, more: dict[str, str]
) -> None:
    assert "Last 7 days:" not in words(open_page(MATCH_RATES, **more))


def test_rounded_parts_add_up_to_the_rounded_whole() -> None:
    parts = [-0.0162, 0.0087, -0.0015, 0.0004]
    assert sum(formats.tenths(parts, sum(parts))) == round(1000 * sum(parts))
    assert formats.tenths([], 0.0) == []


def test_the_other_rates_by_partner(published: Settings) -> None:
    said = words(open_page(MATCH_RATES))
    assert "More rates On 20 Nov 2026, seen in the last 30 days." in said
    assert "Tealium 52.0 % 20.0 % 13.0 % 50.0 % 75.0 % 1.00" in said
    assert "Supermetrics 23.0 % not known not known" in said
    assert "Not known: what a partner knew by itself" in said


def test_the_other_rates_of_a_partner_with_what_they_are_made_of(published: Settings) -> None:
    said = words(open_page(MATCH_RATES, partner="Tealium"))
    assert (
        "own rate 20.0 % 8,374 of 41,870 usable records, by its matched ids of 2 Nov 2026" in said
    )
    assert "Incremental match rate 13.0 % 5,44" in said
    assert "usable records, 65.0 % on top of what it knew" in said
    assert "cookie ids seen; 95 % interval 46.1–53.9 %" in said
    assert "Sync rate 75.0 % 3,000 of 4,000 browsers seen" in said


def test_without_a_baseline_nothing_reads_zero(published: Settings) -> None:
    said = words(open_page(MATCH_RATES, partner="Selligent"))
    assert "Incremental match rate not known Ask Selligent for its matched ids." in said


def test_browsers_are_not_split_by_identifier_type(published: Settings) -> None:
    said = words(open_page(MATCH_RATES, partner="Tealium", type="E-mail"))
    assert "Sync rate – Not split this way." in said


def test_how_fast_uploads_become_matched(published: Settings) -> None:
    said = words(open_page(MATCH_RATES))
    assert "How fast uploads become matched" in said
    assert "Newsletter, 28 Oct 2026 6,200 0.0 % 1.0 % 3.0 % 7.0 % 14.0 % –" in said
    assert said.count(" 6,200 0.0 %") == 3


def test_cep_by_how_contacts_were_linked(published: Settings) -> None:
    said = words(open_page(MATCH_RATES, partner="Mapp CEP"))
    assert "CEP match rate 29.0 %" in said
    assert "How contacts were linked" in said
    assert "27 Sep Matching by link click approved" in said
    assert "More rates" not in said


def test_rows_are_read_once_they_are_asked_for(published: Settings) -> None:
    assert "CRM record Matched" not in words(open_page(MATCH_RATES, partner="Tealium"))


def test_the_records_behind_a_rate_and_their_csv(published: Settings) -> None:
    app = open_page(MATCH_RATES, partner="Tealium", **ROWS)
    assert "55 matched of 110 usable." in words(app)
    assert "The first 100 of 110; the CSV has all of them." in words(app)
    lines = fetch(links(app)[-1]).text.splitlines()
    assert lines[0] == "CRM record,Matched,Last seen (UTC day),Known to the partner by itself"
    assert len(lines) == 111
    assert lines[1] == "r0,yes,20 Nov 2026,yes"


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("Matches, one row per cookie id", "Clicked an e-mail, signed in Very likely 20 Nov 2026"),
        ("Records gained and lost in 7 days", "r7 records gone 0 −1"),
        ("Calls with a cookie id, by site and day", "shop.homestead.example Tealium 400 300"),
        (
            "Cookie ids and browsers, by when last seen",
            "300 matched of 600 cookie ids; 450 browsers with a cookie id of 750 seen on all sites",
        ),
        ("Matches audited in 30 days", "54 right of 55 tested, at all partners"),
        ("Matches audited in 30 days", "20 Nov 2026 r0 no"),
        ("Records gained and lost since the first day", "54 more matched, 110 more usable"),
    ],
)
def test_other_rows(published: Settings, kind: str, said: str) -> None:
    assert said in words(open_page(MATCH_RATES, partner="Tealium", rows_of=kind, **ROWS))


def test_the_contacts_behind_the_cep_match_rate(published: Settings) -> None:
    said = words(open_page(MATCH_RATES, partner="Mapp CEP", **ROWS))
    assert "60 linked of 60 contacts." in said


def test_the_records_of_an_upload_are_those_of_its_cohort(published: Settings) -> None:
    kind = {"rows_of": "Records of one upload, matched or not", **ROWS}
    app = open_page(MATCH_RATES, partner="Tealium", upload="Newsletter, 27 Oct 2026 (6)", **kind)
    lines = fetch(links(app)[-1]).text.splitlines()
    assert lines[0] == "CRM record,Same day,1 day,3 days,7 days,14 days,30 days"
    assert len(lines) == 121
    assert {"r1,no,no,no,no,no,–", "r2,no,no,no,no,yes,–", "r111,–,–,–,–,–,–"} <= set(lines)


def test_the_records_behind_the_match_rate_of_a_past_day(published: Settings) -> None:
    days = {"dates": ["2026-11-01", "2026-11-10"]}
    app = open_page(MATCH_RATES, partner="Tealium", **days, **ROWS)
    assert "55 matched of 110 usable." in words(app)
    assert "r0 yes 5 Nov 2026" in words(app)
    of = {"rows_of": "Records gained and lost since the first day", **days, **ROWS}
    said = words(open_page(MATCH_RATES, partner="Tealium", **of))
    assert "From 1 Nov 2026 to 10 Nov 2026: 55 more matched, as many usable" in said


@pytest.mark.parametrize("more", [{"days": "7 days"}, {"type": "E-mail"}, {"partner": "Mapp CEP"}])
def test_other_rows_are_the_newest_days(published: Settings, more: dict[str, str]) -> None:
    said = words(open_page(MATCH_RATES, dates=["2026-11-01", "2026-11-10"], **more, **ROWS))
    assert "For these rows let the days end on 20 Nov 2026." in said


def test_the_records_that_are_lost(published: Settings) -> None:
    more = {"lost": "true", "lost_because": "Never clicked, read online or signed in"}
    said = words(open_page(MATCH_RATES, tab=LOSSES, funnel_partner="Spotler", **more))
    assert "r1 Never clicked, read online or signed in" in said


def test_an_older_snapshot_shows_the_rest_and_says_so_once(published: Settings) -> None:
    world_uploads.forget_marts(published, "more_rates", "match_rate_changes", "upload_cohorts")
    said = words(open_page(MATCH_RATES, partner="Tealium"))
    assert "Match rate, Tealium 52.0 %" in said
    assert said.count("it was built before an update") == 1
