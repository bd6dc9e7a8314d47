"""The series of a client: the mart `call_days` as arrays, every day of every place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np

from matchbook.alerts.baseline import Floats
from matchbook.alerts.measures import Counts, Place

DAYS_READ = 150
"""Long enough for what is usual and for the past that charts show."""

NUMBERS = ("calls", "syncs", "cookies", "refused", "malformed", "other_form", "repeated")

ROWS = f"""
select partner_id, site_id, hit_date, {", ".join(NUMBERS)} from call_days
where hit_date between $since and $until
order by site_id, partner_id, hit_date
"""


def read(connection: duckdb.DuckDBPyConnection, until: date) -> Counts:
    """Up to and with a day, from an opened snapshot. A place has zeros from its first call on."""
    since = until - timedelta(days=DAYS_READ - 1)
    found = connection.execute(ROWS, {"since": since, "until": until}).fetchall()
    return arrays(found, until)


def arrays(found: Sequence[tuple[Any, ...]], until: date) -> Counts:
    """The same from rows of the mart: partner, site, day, NUMBERS; None where one is not known."""
    since = until - timedelta(days=DAYS_READ - 1)
    places = tuple(dict.fromkeys(Place(row[0], row[1]) for row in found))
    at = {place: n for n, place in enumerate(places)}
    numbers = np.full((len(NUMBERS), len(places), DAYS_READ), np.nan)
    seen = np.zeros((len(places), DAYS_READ), dtype=np.bool_)
    for partner_id, site_id, day, *values in found:
        row, column = at[Place(partner_id, site_id)], (day - since).days
        numbers[:, row, column] = [np.nan if value is None else value for value in values]
        seen[row, column] = True
    _fill(numbers, seen)
    named: dict[str, Floats] = dict(zip(NUMBERS, numbers, strict=True))
    days = tuple(since + timedelta(days=n) for n in range(DAYS_READ))
    return Counts(places=places, days=days, **named)


def _fill(numbers: Floats, seen: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> None:
    """A day without a row had no call, once there had been one."""
    begun = np.cumsum(seen, axis=1) > 0
    numbers[:, begun & ~seen] = 0.0
