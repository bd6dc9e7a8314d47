"""The pages over what real nights publish: the marts and the queries agree on every name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboard import context
from matchbook import deliveries, registry
from matchbook.clock import parse_moment
from matchbook.settings import Settings
from matchbook.snapshots import open_snapshot
from tests.dashboard.pages import ALL_PAGES, DATA_QUALITY, MATCH_RATES, OVERVIEW, open_page, words


@pytest.fixture
def served(demo_home: Path) -> Settings:
    settings = Settings(home=demo_home, now=parse_moment("2026-11-21T08:00:00Z"))
    context.serve_from(settings)
    return settings


def test_every_page_over_a_real_night(served: Settings) -> None:
    said = {page: words(open_page(page)) for page in ALL_PAGES}
    assert all("last night OK" in text for text in said.values())
    assert "9 of 9" in said[OVERVIEW]
    assert re.search(r"Match rate \d+\.\d % ", said[OVERVIEW])
    assert re.search(r"Match rate, all partners \d+\.\d % ", said[MATCH_RATES])
    assert "Lines unaccounted for 0 " in said[DATA_QUALITY]
    losses = words(open_page(MATCH_RATES, tab="Where we lose records"))
    assert "Delivered to Tealium" in losses
    codes = re.findall(r"\b[a-z]+_[a-z_]+\b", " ".join([*said.values(), losses]))
    assert codes == []


def test_every_file_is_what_its_build_said(served: Settings) -> None:
    """Each pair has one fate: what the marts account for is what the exporter wrote."""
    checked = 0
    for client in registry.current(served).clients:
        with open_snapshot(served, client.client_id) as snapshot:
            told = snapshot.execute(
                "select partner_id, added_pairs, seen_pairs, removed_pairs from delivery_accounts"
            ).fetchall()
        newest = {done.partner_id: done for done in deliveries.of_client(served, client.client_id)}
        for partner_id, *counts in told:
            done = newest[partner_id]
            assert [done.rows_added, done.rows_seen, done.rows_removed] == counts
            checked += sum(counts)
    assert checked > 50
