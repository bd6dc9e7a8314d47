"""Data quality: every line accounted for, in plain words."""

from __future__ import annotations

import json

import duckdb
import pytest

from dashboard.wording import reason
from matchbook.settings import Settings
from tests.dashboard.pages import DATA_QUALITY, drawn, fetch, links, open_page, words

MACRO = reason("unexpanded_macro")


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
    assert "No client in particular" not in said


def test_an_outcome_nobody_knows_is_unaccounted_for(published: Settings) -> None:
    snapshot = next(published.published.glob("homestead/*.duckdb"))
    with duckdb.connect(str(snapshot)) as connection:
        connection.execute(
            "insert into line_accounting select * replace ('lost' as outcome, 7 as lines) "
            "from line_accounting limit 1"
        )
    assert "Lines unaccounted for 7 " in words(open_page(DATA_QUALITY))


def test_every_table_has_its_csv(published: Settings) -> None:
    assert len(links(open_page(DATA_QUALITY))) == 2


def test_a_reason_leads_to_its_lines(published: Settings) -> None:
    app = open_page(DATA_QUALITY)
    assert "unexpanded_macro" in drawn(app, "rows_lines-rejected")
    app.session_state["tab"], app.session_state["reason"] = "Rejected lines", MACRO
    said = words(app.run())
    assert "1 line of this client." in said
    assert "Tealium on shop.homestead.example shop.log, line 41" in said
    assert "GET /sync?partner=tealium" in said


def test_rejected_lines_of_nobody_are_listed_for_nobody(published: Settings) -> None:
    app = open_page(DATA_QUALITY, tab="Rejected lines")
    assert "3 lines of this client." in words(app)
    csv = fetch(links(app)[0]).text
    assert csv.count("\r\n") == 4
    assert "unparseable" not in csv


def test_the_files_that_landed(published: Settings) -> None:
    app = open_page(DATA_QUALITY, tab="Loads")
    assert "21 Nov, 04:06" in words(app)
    assert "shop.log Pixel logs 1,000 800 198 2 0" in words(app)
    assert "shop.log,Pixel logs,1000,800,198,2,0" in fetch(links(app)[0]).text


def test_definitions_are_those_of_the_tables(published: Settings) -> None:
    app = open_page(DATA_QUALITY, tab="Definitions", definition="look-back")
    said = words(app)
    assert "Numerator match_rates numerator Records with a match" in said
    assert "line_accounting" not in said


def test_tests_and_lineage_come_from_the_newest_build(published: Settings) -> None:
    write_build(published)
    said = words(open_page(DATA_QUALITY, tab="Tests and lineage"))
    assert "Rules that hold 1 of 2" in said
    assert "Matched are records. Broken. 3 rows break it." in said
    assert "A table of matches." in said
    app = open_page(DATA_QUALITY, tab="Tests and lineage", table="matches")
    assert "raw.hits" in drawn(app, "lineage")
    assert "match_rates" in drawn(app, "lineage")


def test_run_times(published: Settings) -> None:
    write_build(published)
    said = words(open_page(DATA_QUALITY, tab="Run times"))
    assert "Newest build 27 s" in said
    assert "matches marts 4.10" in said
    assert "nightly OK deliver 10 min 0 s" in said


@pytest.mark.parametrize("tab", ["Tests and lineage", "Run times"])
def test_damaged_records_of_a_build_are_none(published: Settings, tab: str) -> None:
    published.builds.mkdir(parents=True)
    for name in ("manifest.json", "run_results.json"):
        (published.builds / name).write_text("{")
    assert "Data quality" in words(open_page(DATA_QUALITY, tab=tab))


def write_build(settings: Settings) -> None:
    """dbt's artifacts of two tables and two tests."""
    nodes = {
        f"model.matchbook.{name}": {
            "resource_type": "model", "name": name, "schema": "marts", "columns": {},
            "description": text, "depends_on": {"nodes": parents},
        }
        for name, text, parents in (
            ("matches", "A table of matches.", ["source.matchbook.raw.hits"]),
            ("match_rates", "A table of matches.", ["model.matchbook.matches"]),
        )
    }  # fmt: skip
    nodes |= {
        f"test.matchbook.{name}": {
            "resource_type": "test", "name": name, "schema": "tests", "depends_on": {"nodes": []},
            "attached_node": "model.matchbook.matches",
        }
        for name in ("matches__one_row_per_pair", "matches__matched_are_records")
    }  # fmt: skip
    source = {"resource_type": "source", "name": "hits", "description": "Calls."}
    states = {
        "model.matchbook.matches": ("success", 4.1, None),
        "model.matchbook.match_rates": ("success", 1.0, None),
        "test.matchbook.matches__one_row_per_pair": ("pass", 0.1, 0),
        "test.matchbook.matches__matched_are_records": ("fail", 0.1, 3),
    }
    results = {
        "metadata": {"invocation_id": "invocation-1", "generated_at": "2026-11-21T03:05:00Z"},
        "args": {"which": "build"},
        "elapsed_time": 27.0,
        "results": [
            {"unique_id": one, "status": status, "execution_time": took, "failures": failures}
            for one, (status, took, failures) in states.items()
        ],
    }
    settings.builds.mkdir(parents=True, exist_ok=True)
    manifest = {"nodes": nodes, "sources": {"source.matchbook.raw.hits": source}}
    (settings.builds / "manifest.json").write_text(json.dumps(manifest))
    (settings.builds / "run_results.json").write_text(json.dumps(results))
