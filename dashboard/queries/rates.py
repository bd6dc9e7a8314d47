"""Match rates over time, for the whole client, a site or an identifier type."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from dashboard.formats import SMALL, plural
from dashboard.queries import alerts
from dashboard.queries.reading import View, rows
from matchbook.alerts.words import in_chart

ALL = "all"
CEP = "mapp_cep"
CEP_NAME = "Mapp CEP"
ANOMALIES_SHOWN = 8
"""On a chart; all of them are on Data quality."""
HEADLINE_DAYS = 30
"""The look-back of the match rate."""

# The partners a client works with, in their order, Mapp CEP last.
NAMES = f"""
names as (
    select partner_id, partner_name, position
    from partners inner join client_partners using (partner_id)
    union all
    select '{CEP}', '{CEP_NAME}', 100
    union all
    select '{ALL}', 'All partners', 0
)
"""

NAMES_ONLY = f"with {NAMES} select * from names order by position"

STANDING = f"""
with {NAMES},
rates as (
    select * from match_rates
    where look_back_days = $look_back and breakdown = $breakdown and breakdown_value = $value
)
select
    names.partner_id, partner_name, position,
    newest.numerator, newest.denominator, newest.match_rate,
    earlier.numerator as numerator_before,
    earlier.denominator as denominator_before,
    earlier.match_rate as rate_before,
    newest.match_rate - earlier.match_rate as change
from rates as newest
inner join names on names.partner_id = newest.partner_id
left join rates as earlier
    on earlier.partner_id = newest.partner_id and earlier.as_of_date = $since
    and least(earlier.denominator, newest.denominator) >= $small
where newest.as_of_date = $until
order by newest.match_rate desc nulls last, position
"""

HISTORY = f"""
with {NAMES}
select partner_id, partner_name, position, as_of_date, numerator, denominator, match_rate
from match_rates inner join names using (partner_id)
where look_back_days = $look_back and breakdown = $breakdown and breakdown_value = $value
  and as_of_date between $since and $until
order by position, as_of_date
"""

FILTERS = """
select distinct breakdown, breakdown_value, coalesce(site_name, breakdown_value) as label
from match_rates left join sites on breakdown = 'site' and site_id = breakdown_value
where breakdown <> 'all' and denominator > 0
order by breakdown, label
"""

# Days before the first CRM file have no records and so no rate: charts start after them.
AUDITED = """
select tested_pairs, confirmed_pairs, audited_precision, interval_low, interval_high
from audited_precision where tested_pairs > 0
"""

DAYS = """
select min(as_of_date) filter (denominator > 0) as first_day, max(as_of_date) as last_day
from match_rates where partner_id = 'all'
"""

# A list's first file, or one half as large again as usual, that brings a twentieth of the
# records or more: that explains a step in the lines.
LARGE_UPLOADS = """
with files as (
    select *,
        median(accepted) over of_list as usual,
        row_number() over (of_list order by load_seq) as number_in_list
    from uploads
    where list_mode <> 'opt-out'
    window of_list as (partition by list_id, list_mode)
),
known as (
    select max(denominator) as records from match_rates
    where partner_id = 'all' and breakdown = 'all'
)
select landed_at, list_name, accepted as records
from files cross join known
where (accepted >= 1.5 * usual or number_in_list = 1)
  and accepted >= known.records / 20
  and cast(landed_at as date) between $since and $until
order by landed_at desc limit 5
"""


@dataclass(frozen=True)
class Slice:
    """Which match rates: the filters of the page."""

    since: date
    until: date
    look_back: int = HEADLINE_DAYS
    breakdown: str = ALL
    value: str = ALL

    @property
    def is_headline(self) -> bool:
        """Whether it is the match rate: all sites and types, the last 30 days."""
        return self.breakdown == ALL and self.look_back == HEADLINE_DAYS

    def parameters(self) -> dict[str, date | int | str]:
        """As bound parameters."""
        return dict(vars(self))


def partner_names(view: View) -> dict[str, str]:
    """'all', the client's partners in their order, and Mapp CEP, with their names."""
    found = rows(view, NAMES_ONLY)
    return dict(zip(found["partner_id"], found["partner_name"], strict=True))


def standing(view: View, part: Slice, *, least: int = SMALL) -> pd.DataFrame:
    """One row per partner: its rate on the last day, and what it was on the first.

    What it was is missing where either rate is over fewer than `least` records.
    """
    return rows(view, STANDING, small=least, **part.parameters())


def history(view: View, part: Slice) -> pd.DataFrame:
    """One row per partner and day."""
    return rows(view, HISTORY, **part.parameters())


def breakdowns(view: View, breakdown: str) -> dict[str, str]:
    """The sites or identifier types that have a rate, with their names on screen."""
    found = rows(view, FILTERS)
    found = found[found["breakdown"] == breakdown]
    return dict(zip(found["breakdown_value"], found["label"], strict=True))


def days(view: View) -> tuple[date, date]:
    """The first and the last day that have a rate."""
    found = rows(view, DAYS)
    first, last = found["first_day"].iloc[0], found["last_day"].iloc[0]
    if pd.isna(first):
        return view.as_of_date, view.as_of_date
    return pd.Timestamp(first).date(), pd.Timestamp(last).date()


def audited(view: View) -> pd.Series | None:
    """What the evidence of later days says of how many matches are right; None untested."""
    found = rows(view, AUDITED)
    return None if found.empty else found.iloc[0]


@dataclass(frozen=True)
class Event:
    """Something that can explain a step in a line."""

    day: date
    text: str
    partner_id: str = ALL
    """Whose line it is on, if it is one partner's alone."""
    is_trouble: bool = False


def events(view: View, part: Slice, partner_id: str = ALL) -> list[Event]:
    """Large CRM uploads, the approvals of the two CEP switches and anomalies, newest first.

    Of one partner, or of all; of one site where the slice is one.
    """
    found = rows(view, LARGE_UPLOADS, since=part.since, until=part.until)
    uploads = [
        Event(
            pd.Timestamp(row.landed_at).date(),
            f"{plural(row.records, 'record')} uploaded ({row.list_name})",
        )
        for row in found.itertuples()
    ]
    known = uploads + _approvals(view) + _anomalies(view, part, partner_id)
    inside = [event for event in known if part.since <= event.day <= part.until]
    return sorted(inside, key=lambda event: event.day, reverse=True)


def _anomalies(view: View, part: Slice, partner_id: str) -> list[Event]:
    named = alerts.names(view)
    site_id = part.value if part.breakdown == "site" else None
    found = [
        Event(alert.since_date, in_chart(alert, named), alert.partner_id, is_trouble=True)
        for alert in alerts.alerts(view)
        if partner_id in (ALL, alert.partner_id) or alert.partner_id == ALL
        if site_id in (None, alert.site_id)
        if part.since <= alert.since_date <= part.until
    ]
    return found[:ANOMALIES_SHOWN]


def _approvals(view: View) -> list[Event]:
    switches = (
        ("Matching by link click approved", view.client.dmp_matching_link_click),
        ("Matching by read online approved", view.client.dmp_matching_read_message_online),
    )
    return [Event(approval.approved_at.date(), text) for text, approval in switches if approval]
