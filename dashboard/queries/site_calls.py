"""Calls of the sites' pixels, as of the last night."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd

from dashboard.queries.reading import View, rows

DAYS_SHOWN = 30
QUIET_DAYS = 2

LAST_CALLS = """
select site_id, max(last_hit_at) as last_call_at, max(hit_date) as last_day
from site_days group by site_id
"""

PER_DAY = """
select site_id, hit_date, hits from site_days
where hit_date between $since and $until
order by site_id, hit_date
"""

BY_KIND = """
with counted as (
    select site_id, sum(page_views)::bigint as page_views, sum(syncs)::bigint as syncs,
        sum(events)::bigint as events, sum(identifies)::bigint as identifies,
        sum(hits)::bigint as hits
    from site_days where hit_date between $since and $until group by site_id
)
select site_id, max(last_hit_at) as last_call_at, counted.* exclude (site_id)
from site_days inner join counted using (site_id)
group by all order by hits desc, site_id
"""


@dataclass(frozen=True)
class Calls:
    """What one site's pixel called; the days end with the last full one."""

    last_call_at: datetime | None
    is_silent: bool
    """It called before, but not on the last two full days."""
    days: tuple[tuple[date, int], ...]


NO_CALLS = Calls(None, is_silent=False, days=())


def calls_by_site(view: View) -> dict[str, Calls]:
    """The calls of each site that ever called."""
    per_day = _period(view, PER_DAY).groupby("site_id")
    counted = {
        str(site_id): {_day(row.hit_date): int(row.hits) for row in part.itertuples()}
        for site_id, part in per_day
    }
    days = [_since(view) + timedelta(days=n) for n in range(DAYS_SHOWN)]
    quiet = last_full_day(view) - timedelta(days=QUIET_DAYS)
    return {
        row.site_id: Calls(
            last_call_at=row.last_call_at.to_pydatetime(),
            is_silent=_day(row.last_day) <= quiet,
            days=tuple((day, counted.get(row.site_id, {}).get(day, 0)) for day in days),
        )
        for row in rows(view, LAST_CALLS).itertuples()
    }


def by_kind(view: View) -> pd.DataFrame:
    """One row per site that called in the days shown, the busiest first."""
    return _period(view, BY_KIND)


def last_full_day(view: View) -> date:
    """The last UTC day that had ended: the bars end with it."""
    return (view.as_of - timedelta(days=1)).date()


def _period(view: View, sql: str) -> pd.DataFrame:
    return rows(view, sql, since=_since(view), until=last_full_day(view))


def _since(view: View) -> date:
    return last_full_day(view) - timedelta(days=DAYS_SHOWN - 1)


def _day(value: object) -> date:
    return pd.Timestamp(value).date()  # type: ignore[no-any-return]
