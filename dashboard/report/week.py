"""The numbers of a week, by the very queries that the pages ask."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from dashboard import formats
from dashboard.queries import alerts, attention, more_rates, rates, uploads
from dashboard.queries.reading import View
from matchbook import deliveries
from matchbook.alerts.store import Alert
from matchbook.deliveries import Delivery
from matchbook.errors import ConfigError

_WEEK = re.compile(r"(\d{4})-W(\d{2})")
OFFERED = 8


@dataclass(frozen=True)
class Days:
    """An ISO week: Monday and Sunday, UTC days."""

    name: str
    """`2026-W47`."""
    monday: date
    sunday: date


@dataclass(frozen=True)
class Week:
    """What the report tells."""

    view: View
    days: Days
    until: date
    """The day whose rates are told: Sunday, or the newest day of a week that goes on."""
    standing: pd.DataFrame
    """One row per partner, 'all' and Mapp CEP; `change` is on the Sunday before."""
    more: pd.DataFrame
    """Empty where the week is not the newest: those rates are of the newest day only."""
    alerts: tuple[Alert, ...]
    files: tuple[Delivery, ...]
    uploads: pd.DataFrame

    @property
    def is_over(self) -> bool:
        """The Sunday has been counted."""
        return self.until == self.days.sunday


def week_of(text: str) -> Days:
    """`2026-W47` as its days. Raises ConfigError."""
    found = _WEEK.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        raise ConfigError("This is not a week.", todo="Write it like 2026-W47.") from None
    return Days(text, monday, monday + timedelta(days=6))


def weeks_known(view: View) -> list[str]:
    """The weeks that a report can be made of, the newest first; at most OFFERED."""
    first, last = rates.days(view)
    found = [last - timedelta(days=7 * n) for n in range(OFFERED)]
    return [_name(day) for day in found if week_of(_name(day)).sunday >= first]


def read_week(view: View, days: Days) -> Week:
    """Raises ConfigError when the data has no day of it, SnapshotOutdated."""
    first, last = rates.days(view)
    if days.sunday < first or days.monday > last:
        raise ConfigError(
            f"There are no match rates of {days.name}.",
            todo=f"They reach from {_name(first)} to {_name(last)}.",
        )
    until = min(days.sunday, last)
    part = rates.Slice(since=days.monday - timedelta(days=1), until=until)
    return Week(
        view=view,
        days=days,
        until=until,
        standing=rates.standing(view, part).set_index("partner_id", drop=False),
        more=more_rates.more(view, part).set_index("partner_id", drop=False),
        alerts=tuple(alert for alert in alerts.alerts(view) if _is_in(alert, days)),
        files=_files(view, days),
        uploads=_uploads(view, days),
    )


def on_time(week: Week) -> tuple[int, int]:
    """Nightly files that arrived on time, and all of the week."""
    taken = [done for done in week.files if done.is_taken and not attention.is_late(done)]
    return len(taken), len(week.files)


def _files(view: View, days: Days) -> tuple[Delivery, ...]:
    every = deliveries.of_client(view.settings, view.client.client_id)
    return tuple(done for done in every if days.monday <= done.as_of.date() <= days.sunday)


def _uploads(view: View, days: Days) -> pd.DataFrame:
    found = uploads.history(view)
    landed = [
        formats.in_zone(moment, view.client.time_zone).date() for moment in found["landed_at"]
    ]
    return found[[days.monday <= day <= days.sunday for day in landed]]


def _is_in(alert: Alert, days: Days) -> bool:
    return alert.since_date <= days.sunday and (alert.is_open or alert.until_date >= days.monday)


def _name(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"
