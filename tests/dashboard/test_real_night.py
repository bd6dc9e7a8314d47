"""The pages over what real nights publish: the marts and the queries agree on every name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboard import context
from matchbook.clock import parse_moment
from matchbook.settings import Settings
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
