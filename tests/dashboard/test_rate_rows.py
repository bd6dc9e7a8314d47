"""Over a real night: the rows behind the numbers of Match rates add up to the numbers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from dashboard.queries import more_rates, rate_rows, rates
from dashboard.queries.more_rates import MILESTONES
from dashboard.queries.rates import ALL, CEP, Slice
from dashboard.queries.reading import View, open_view
from matchbook import registry
from matchbook.clock import parse_moment
from matchbook.settings import Settings
from tests.demo_home import LAST_NIGHT

pytestmark = pytest.mark.xdist_group("nights")

LOOK_BACKS = (1, 30, *(pytest.param(days, marks=pytest.mark.proof) for days in (7, 90)))


@pytest.fixture(scope="module")
def view(demo_world: Path) -> View:
    settings = Settings(home=demo_world, now=parse_moment(LAST_NIGHT))
    client = registry.current(settings).clients[0]
    return open_view(settings, client)


@pytest.fixture(scope="module")
def part(view: View) -> Slice:
    return Slice(*rates.days(view))


def test_the_headline_of_a_past_day_is_its_records(view: View, part: Slice) -> None:
    """Of every day it is a law of the warehouse (match_steps_add_up)."""
    history = rates.history(view, part)
    counted = history[history["partner_id"].isin([ALL, "tealium"])]
    assert len(counted) > 10
    for row in counted.iloc[::5].itertuples():
        found = rate_rows.stated(view, row.partner_id, pd.Timestamp(row.as_of_date).date())
        assert (found["is_matched"].sum(), len(found)) == (row.numerator, row.denominator)


def test_the_change_over_the_days_is_the_records_that_came_and_went(
    view: View, part: Slice
) -> None:
    for row in rates.standing(view, part, least=0).itertuples():
        if row.partner_id != CEP:
            found = rate_rows.gained(view, row.partner_id, part)
            assert found["matched_change"].sum() == row.numerator - row.numerator_before
            assert found["eligible_change"].sum() == row.denominator - row.denominator_before


@pytest.mark.parametrize("look_back", LOOK_BACKS)
def test_the_rates_of_cookies_and_browsers_are_sums_of_days(
    view: View, part: Slice, look_back: int
) -> None:
    sites = list(rates.breakdowns(view, "site"))
    for split in [(ALL, ALL), *(("site", site) for site in sites)]:
        asked = Slice(part.since, part.until, look_back, *split)
        found = more_rates.more(view, asked)
        assert split[0] != ALL or found["seen_cookies"].sum() > 0
        for row in found.itertuples():
            days = rate_rows.last_seen(view, row.partner_id, asked)
            assert days["cookies"].sum() == row.seen_cookies
            assert days["matched_cookies"].sum() == row.matched_cookies
            assert days["browsers"].sum() == row.synced_browsers
            assert days["seen_browsers"].sum() == row.seen_browsers


def test_a_cohorts_shares_are_its_records(view: View) -> None:
    uploads = more_rates.cohorts(view, ALL, 1)
    assert not uploads.empty
    for upload in uploads.to_dict("records"):
        found = rate_rows.cohort(view, ALL, upload["upload_seq"])
        assert len(found) == upload["new_records"]
        shares = [found[f"day_{days}"].dropna().astype(float).mean() for days in MILESTONES]
        assert shares == pytest.approx([upload[f"day_{d}"] for d in MILESTONES], nan_ok=True)


def test_audited_precision_is_its_matches(view: View) -> None:
    row, found = rates.audited(view), rate_rows.audited(view)
    assert row is not None
    assert (len(found), found["is_confirmed"].sum()) == (row.tested_pairs, row.confirmed_pairs)
