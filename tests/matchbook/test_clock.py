"""What a moment typed on the command line stands for."""

from __future__ import annotations

import pytest

from matchbook.clock import parse_moment, parse_moment_or_day_end
from matchbook.errors import ConfigError


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-11-18", "2026-11-18T23:59:59"),
        (" 2026-11-18 ", "2026-11-18T23:59:59"),
        ("2026-11-18T03:10:00Z", "2026-11-18T03:10:00"),
        ("2026-11-18T04:10+01:00", "2026-11-18T03:10:00"),
    ],
)
def test_a_date_is_the_end_of_its_day(typed: str, moment: str) -> None:
    assert parse_moment_or_day_end(typed) == parse_moment(moment)


def test_what_is_neither_a_date_nor_a_time_is_refused() -> None:
    with pytest.raises(ConfigError):
        parse_moment_or_day_end("yesterday")
