"""Stretches of time within which nothing changes by which a call is judged."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

_MICROSECOND = timedelta(microseconds=1)


class Periods:
    """The days, divided further at `moments`, each of which begins a period."""

    def __init__(self, moments: Iterable[datetime], *, oldest: datetime, latest: datetime) -> None:
        begins = {oldest, latest + _MICROSECOND, *moments}
        self._begins = np.array(sorted(begins), dtype="datetime64[us]")

    def begins(self, moments: pa.Array) -> pa.Array:
        """For each moment the beginning of its period, null for none.

        What compares alike with every beginning and lies on the same day is judged alike.
        """
        known = moments.is_valid().to_numpy(zero_copy_only=False)
        at = moments.cast(pa.int64()).fill_null(0).to_numpy().view("datetime64[us]")
        places = np.searchsorted(self._begins, at, side="right") - 1
        days = at.astype("datetime64[D]").astype("datetime64[us]")
        begins = np.where(places < 0, days, np.maximum(self._begins[places], days))
        return pa.array(begins, pa.timestamp("us"), mask=~known)
