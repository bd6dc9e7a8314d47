"""The rates beside the match rate, why it changed, and how fast uploads become matched."""

from __future__ import annotations

import pandas as pd

from dashboard.queries.rates import ALL, CEP, NAMES, Slice
from dashboard.queries.reading import View, rows

MORE = f"""
with {NAMES}
select names.partner_name, names.position, more_rates.*
from more_rates inner join names using (partner_id)
where look_back_days = $look_back and breakdown = $breakdown and breakdown_value = $value
  and as_of_date = $until
order by names.position
"""

CHANGES = """
select reason, points, matched_change, eligible_change, match_rate, match_rate_before, since_date,
    least(denominator_before, denominator_before + sum(eligible_change) over ()) as records
from match_rate_changes
where partner_id = $partner_id and points is not null
order by position
"""

# Uploads with too few new records to show a share would only fill the table.
COHORTS = """
with shares as (
    select upload_seq, coalesce(list_name, list_id) as list_name, uploaded_date, new_records,
        days_since_upload, matched_share, eligible_records
    from upload_cohorts left join lists using (list_id)
    where partner_id = $partner_id
)
select upload_seq, list_name, uploaded_date, max(new_records) as new_records,
    max(days_since_upload) as age,
    max(case when days_since_upload = 0 then matched_share end) as day_0,
    max(case when days_since_upload = 1 then matched_share end) as day_1,
    max(case when days_since_upload = 3 then matched_share end) as day_3,
    max(case when days_since_upload = 7 then matched_share end) as day_7,
    max(case when days_since_upload = 14 then matched_share end) as day_14,
    max(case when days_since_upload = 30 then matched_share end) as day_30
from shares
group by upload_seq, list_name, uploaded_date
having max(new_records) >= $small and min(eligible_records) >= $small
order by upload_seq desc
limit 12
"""

WAYS = """
select breakdown_value as way, as_of_date, numerator, denominator, match_rate
from match_rates
where partner_id = $partner_id and breakdown = 'how' and look_back_days = $look_back
  and as_of_date between $since and $until
order by as_of_date
"""

MILESTONES = (0, 1, 3, 7, 14, 30)
"""Days after an upload at which its matched share is shown."""


def after(days: int) -> str:
    """A milestone in words."""
    return "Same day" if days == 0 else "1 day" if days == 1 else f"{days} days"


def more(view: View, part: Slice) -> pd.DataFrame:
    """One row per partner and one for all together, on the last day of the slice."""
    return rows(
        view,
        MORE,
        look_back=part.look_back,
        breakdown=part.breakdown,
        value=part.value,
        until=part.until,
    )


def changes(view: View, partner_id: str = ALL) -> pd.DataFrame:
    """Why the match rate is not what it was a week ago; empty where there was none."""
    return rows(view, CHANGES, partner_id=partner_id)


def cohorts(view: View, partner_id: str, small: int) -> pd.DataFrame:
    """The newest uploads that brought enough new records, with their shares at MILESTONES."""
    return rows(view, COHORTS, partner_id=partner_id, small=small)


def ways(view: View, part: Slice) -> pd.DataFrame:
    """The CEP match rate by how contacts were linked, day by day."""
    return rows(
        view, WAYS, partner_id=CEP, look_back=part.look_back, since=part.since, until=part.until
    )
