"""The story of the demo world: what an analyst should be able to find."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from ingest.demo import WorldOptions, story
from ingest.demo.cast import Cast, make_cast
from ingest.demo.companies import RETAILER, TRAVEL
from ingest.demo.devices import ALLOWED
from ingest.demo.mailings import mail_day
from ingest.demo.streams import STREAMS
from ingest.demo.truth_files import TruthWriter
from matchbook.keys import Keys

OPTIONS = WorldOptions(end=date(2026, 11, 20), visitors=1000, days=60, nights=7)


@pytest.fixture(scope="module")
def cast() -> Cast:
    return make_cast(OPTIONS, Keys((bytes(32),), (bytes(32),), (bytes(32),)))


def test_a_large_upload_adds_many_records_on_one_day(cast: Cast) -> None:
    records = cast.people.records[RETAILER.client_id]
    day = OPTIONS.at_share(story.LARGE_UPLOAD)
    assert np.mean(records.created_day == day) > 0.15
    assert records.is_loyalty[records.created_day == day].mean() > 0.9


def test_a_partners_pixel_is_missing_on_one_site_for_a_while(cast: Cast, tmp_path: Path) -> None:
    gap = story.PIXEL_GAPS[0]
    first, end = OPTIONS.at_share(gap.first), OPTIONS.at_share(gap.end or 1)
    days = (first - 1, first, end - 1, end)
    seen = [syncs_of(gap, cast, day, tmp_path) > 0 for day in days]
    assert seen == [True, False, False, True]


def test_another_is_gone_when_the_story_ends(cast: Cast, tmp_path: Path) -> None:
    gap = story.PIXEL_GAPS[1]
    first, last = OPTIONS.at_share(gap.first), OPTIONS.days - 1
    seen = [syncs_of(gap, cast, day, tmp_path) > 0 for day in (first - 1, first, last)]
    assert seen == [True, False, False]


def test_fewer_browsers_agree_to_the_new_banner(cast: Cast) -> None:
    browsers = np.arange(OPTIONS.visitors)
    day = OPTIONS.at_share(story.BANNER_CHANGE)
    before, after = (
        np.mean(cast.permission(RETAILER, browsers, d) == ALLOWED) for d in (day - 1, day)
    )
    assert before - after > 0.05
    assert np.mean(cast.permission(TRAVEL, browsers, day) == ALLOWED) == before


def test_clicks_before_the_switch_are_made_all_the_same(cast: Cast) -> None:
    reasons = {}
    for day in range(OPTIONS.days):
        calls = mail_day(cast, RETAILER, day).calls
        reasons[day] = {reason for batch in calls for reason in batch.refusal}
    off = OPTIONS.at_share(story.CLICK_SWITCH)
    assert {"switch_off"} == set.union(*(reasons[day] for day in range(off - 1)))
    assert "" in set.union(*(reasons[day] for day in range(off + 3, OPTIONS.days)))


def syncs_of(gap: story.Gap, cast: Cast, day: int, folder: Path) -> int:
    """Syncs of the gap's partner on its site."""
    calls = STREAMS[0].calls(cast, day, TruthWriter(folder, OPTIONS))
    queries = [parse_qs(urlsplit(uri).query) for uri in calls.uri]
    return sum(
        query.get("partner") == [gap.partner_id] and query.get("site") == [gap.site_id]
        for query in queries
    )
