"""Where every line went: the account of log lines and uploaded rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from dashboard.queries.reading import View, rows

IN_SLICE = "hit_date between $since and $until and ($source = 'all' or source = $source)"

BY_OUTCOME = f"""
select outcome, client_id is not null as is_own, sum(lines)::bigint as lines
from line_accounting where {IN_SLICE}
group by all order by outcome, is_own desc
"""

BY_REASON = f"""
select coalesce(reason, 'unknown') as reason, sum(lines)::bigint as lines,
    coalesce(sum(lines) filter (client_id is null), 0)::bigint as not_attributable
from line_accounting where outcome = $outcome and {IN_SLICE}
group by all order by lines desc, reason
"""

BY_DAY = f"""
select hit_date, sum(lines)::bigint as lines,
    coalesce(sum(lines) filter (outcome = 'quarantined'), 0)::bigint as rejected
from line_accounting where {IN_SLICE}
group by hit_date order by hit_date
"""

DAYS = "select min(hit_date) as first_day, max(hit_date) as last_day from line_accounting"

UPLOADS = """
select landed_at, list_name, list_mode, lines, accepted, quarantined
from uploads where cast(landed_at as date) between $since and $until
order by landed_at desc, load_seq desc
"""


@dataclass(frozen=True)
class Slice:
    """Which lines: the filters of the page."""

    since: date
    until: date
    source: str = "all"

    def parameters(self) -> dict[str, date | str]:
        """As bound parameters."""
        return dict(vars(self))


def by_outcome(view: View, part: Slice) -> pd.DataFrame:
    """Lines per outcome, the client's own and those of nobody in particular apart."""
    return rows(view, BY_OUTCOME, **part.parameters())


def by_reason(view: View, part: Slice, outcome: str) -> pd.DataFrame:
    """Lines of one outcome per reason, most first."""
    return rows(view, BY_REASON, outcome=outcome, **part.parameters())


def by_day(view: View, part: Slice) -> pd.DataFrame:
    """All lines, and the rejected ones, per UTC day."""
    return rows(view, BY_DAY, **part.parameters())


def uploads(view: View, part: Slice) -> pd.DataFrame:
    """CRM files landed in the period, newest first."""
    return rows(view, UPLOADS, since=part.since, until=part.until)


def days(view: View) -> tuple[date, date]:
    """The first and the last day with lines."""
    found = rows(view, DAYS)
    first, last = found["first_day"].iloc[0], found["last_day"].iloc[0]
    if pd.isna(first):
        return view.as_of_date, view.as_of_date
    return pd.Timestamp(first).date(), pd.Timestamp(last).date()
