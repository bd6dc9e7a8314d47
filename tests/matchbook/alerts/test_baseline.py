"""What is usual on a day."""

from __future__ import annotations

import numpy as np

from matchbook.alerts.baseline import HISTORY_DAYS, WEEKS, median, usual

WEEK = np.log([100.0, 100, 100, 100, 90, 40, 60])


def test_a_day_is_expected_to_be_like_its_weekday() -> None:
    history = np.tile(WEEK, (1, WEEKS))
    for day in range(7):
        centre, spread = usual(np.roll(history, -day, axis=1))
        assert abs(centre[0] - WEEK[day]) < 1e-9
        assert spread[0] < 1e-9


def test_a_bad_week_does_not_become_the_usual_one() -> None:
    history = np.tile(WEEK, (1, WEEKS))
    history[:, -14:-7] -= 1.0
    centre, _ = usual(history)
    assert abs(np.exp(centre[0]) / 100 - 1) < 0.02


def test_growth_becomes_usual_within_three_weeks() -> None:
    history = np.tile(WEEK, (1, WEEKS))
    history[:, -21:] += np.log(2)
    centre, _ = usual(history)
    assert abs(np.exp(centre[0]) - 200) < 4


def test_too_few_days_say_nothing() -> None:
    history = np.full((2, HISTORY_DAYS), np.nan)
    history[0, -13:], history[1, -14:] = 1.0, 1.0
    centre, _ = usual(history)
    assert np.isnan(centre).tolist() == [True, False]


def test_no_series_is_no_trouble() -> None:
    centre, spread = usual(np.empty((0, HISTORY_DAYS)))
    assert (centre.size, spread.size) == (0, 0)


def test_a_median_leaves_out_what_is_not_known() -> None:
    values = np.array([[3.0, np.nan, 1.0, np.nan], [np.nan] * 4, [4.0, 1.0, 2.0, 3.0]])
    np.testing.assert_array_equal(median(values), [2.0, np.nan, 2.5])
    np.testing.assert_array_equal(median(np.empty((2, 0))), [np.nan, np.nan])
