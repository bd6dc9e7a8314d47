"""Alerts of a client, and the series behind one: what was measured beside what is usual."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.queries.reading import View, rows
from dashboard.queries.site_calls import last_full_day
from matchbook.alerts import messages, series, store
from matchbook.alerts.deviations import deviations
from matchbook.alerts.episodes import MEASURE_OF
from matchbook.alerts.measures import ALL
from matchbook.alerts.store import Alert
from matchbook.alerts.words import Names

DAYS_SHOWN = 60
BAND = 2.0
"""Standard deviations on either side of what is usual."""


def alerts(view: View) -> list[Alert]:
    """The newest first, those that ended included."""
    return store.of_client(view.settings, view.client.client_id)


def names(view: View) -> Names:
    """Of partners and sites."""
    return messages.names_of(view.settings, view.client.client_id)


def around(view: View, alert: Alert) -> pd.DataFrame:
    """Per day what the alert is about, and the band of what was usual: `day`, `value`, `low`,
    `high`. Raises SnapshotOutdated."""
    place = (alert.partner_id, alert.site_id)
    home, client_id = str(view.settings.home), view.client.client_id
    found = _measured(home, client_id, view.build_id, MEASURE_OF[alert.cause], view)
    of_it = found[(found["partner_id"] == place[0]) & (found["site_id"] == place[1])]
    first = min(alert.since_date - timedelta(days=28), _since(view))
    return of_it[of_it["day"] >= pd.Timestamp(first)]


def is_covered(alert: Alert, partner_id: str, site_id: str) -> bool:
    """Whether an alert tells already that a partner is silent on a site."""
    is_there = alert.site_id == site_id and alert.partner_id in (partner_id, ALL)
    return alert.is_open and alert.direction == "low" and is_there


@st.cache_data(ttl="1h", max_entries=20, show_spinner=False)
def _measured(home: str, client_id: str, build_id: str, measure: str, _view: View) -> pd.DataFrame:
    until = last_full_day(_view)
    since = until - timedelta(days=series.DAYS_READ - 1)
    frame = rows(_view, series.ROWS, since=since, until=until)
    counts = series.arrays([_row(row) for row in frame.itertuples(index=False, name=None)], until)
    found = deviations(counts, only=measure)[measure]
    reach = BAND * found.spread
    parts = [
        pd.DataFrame(
            {
                "partner_id": place.partner_id,
                "site_id": place.site_id,
                "day": pd.to_datetime(list(counts.days)),
                "value": _shown(found.values[n]),
                "low": _shown(found.centre[n] - reach[n]),
                "high": _shown(found.centre[n] + reach[n]),
            }
        )
        for n, place in enumerate(counts.places)
    ]
    return pd.concat(parts) if parts else pd.DataFrame()


def _row(values: tuple[object, ...]) -> tuple[object, ...]:
    partner_id, site_id, day, *numbers = values
    known = [None if pd.isna(number) else number for number in numbers]
    return (partner_id, site_id, pd.Timestamp(str(day)).date(), *known)


def _shown(logarithm: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[float]:
    return [float(value) for value in np.exp(logarithm)]


def _since(view: View) -> date:
    return last_full_day(view) - timedelta(days=DAYS_SHOWN - 1)
