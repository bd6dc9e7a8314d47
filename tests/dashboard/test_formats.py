"""Numbers and times as people read them."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from dashboard import formats


@pytest.mark.parametrize(
    ("value", "denominator", "shown"),
    [
        (0.4617, 39_870, "46.2 %"),
        (0.0, 50, "0.0 %"),
        (1.0, None, "100.0 %"),
        (0.5, 49, "<50"),
        (None, 0, "<50"),
        (None, None, "–"),
        (float("nan"), 100, "–"),
    ],
)
def test_a_rate(value: float | None, denominator: int | None, shown: str) -> None:
    assert formats.rate(value, denominator) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0131, "+1.3 points"), (-0.009, "−0.9 points"), (0.0001, "±0.0 points"), (None, "–")],
)
def test_a_difference_of_rates(value: float | None, shown: str) -> None:
    assert formats.points(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(512, "512 more"), (-1040, "1,040 fewer"), (0, "as many")]
)
def test_a_difference_of_counts(value: int, shown: str) -> None:
    assert formats.more(value) == shown


def test_counts_and_days() -> None:
    assert formats.count(18_420) == "18,420"
    assert formats.day(date(2026, 11, 1)) == "1 Nov 2026"
    assert formats.plural(1, "day") == "1 day"
    assert formats.plural(1204, "record") == "1,204 records"


def test_numbers_that_are_no_counts() -> None:
    assert (formats.decimals(0.931), formats.decimals(1204.5, 1)) == ("0.93", "1,204.5")
    assert (formats.times(2.44), formats.gain(0.304)) == ("2.4 ×", "+30 %")
    assert formats.css(0.625) == "62.50%"
    assert [write(None) for write in (formats.decimals, formats.times, formats.gain)] == ["–"] * 3


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Europe/Amsterdam", "21 Nov, 00:10"),
        ("UTC", "20 Nov, 23:10"),
        ("America/New_York", "20 Nov, 18:10"),
    ],
)
def test_a_moment_is_in_the_clients_time_zone(zone: str, shown: str) -> None:
    assert formats.moment(datetime(2026, 11, 20, 23, 10), zone) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0131, "Rose 1.3 points"), (-0.009, "Fell 0.9 points"), (-0.0001, "Unchanged")],
)
def test_a_movement(value: float, shown: str) -> None:
    assert formats.movement(value) == shown
