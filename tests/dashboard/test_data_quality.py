"""Data quality: every line accounted for, in plain words."""

from __future__ import annotations

import duckdb

from matchbook.settings import Settings
from tests.dashboard.pages import DATA_QUALITY, links, open_page, words


def test_the_waterfall_adds_up(published: Settings) -> None:
    said = words(open_page(DATA_QUALITY))
    assert "Lines unaccounted for 0 " in said
    assert (
        "1,556,996 lines = 1,020,897 accepted + 330,918 untracked + 5,104 rejected "
        "+ 1,502 repeated + 198,575 not ours" in said
    )
    assert "200,256 of them are not attributable to a client" in said


def test_reasons_are_in_plain_words(published: Settings) -> None:
    said = words(open_page(DATA_QUALITY)).replace("&#x27;", "'")
    assert "a placeholder that the partner's tag did not fill in 2,342" in said
    assert "The browser had no valid cookie of ours 73,318" in said
    assert "unexpanded_macro" not in said


def test_one_source_and_some_days(published: Settings) -> None:
    app = open_page(DATA_QUALITY, source="CRM files", line_dates=["2026-11-01", "2026-11-10"])
    said = words(app)
    assert "The hash of an empty value" in said
    assert "untracked" in said
    assert "8 Nov, 03:00 Newsletter Add" in said
    assert "19 Nov" not in said


def test_an_outcome_nobody_knows_is_unaccounted_for(published: Settings) -> None:
    snapshot = next(published.published.glob("homestead/*.duckdb"))
    with duckdb.connect(str(snapshot)) as connection:
        connection.execute(
            "insert into line_accounting select * replace ('lost' as outcome, 7 as lines) "
            "from line_accounting limit 1"
        )
    assert "Lines unaccounted for 7 " in words(open_page(DATA_QUALITY))


def test_every_table_has_its_csv(published: Settings) -> None:
    assert len(links(open_page(DATA_QUALITY))) == 3
