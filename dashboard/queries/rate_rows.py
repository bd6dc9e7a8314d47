"""The rows behind the match rates: the client's own ids and nothing else."""

from __future__ import annotations

from datetime import date

import pandas as pd

from dashboard.queries.more_rates import MILESTONES
from dashboard.queries.rates import Slice
from dashboard.queries.reading import View, rows

RECORDS = """
with eligible as (
    select crm_record_id, bool_or(is_known_to_partner) as is_known
    from record_progress
    where is_eligible and ($partner_id = 'all' or partner_id = $partner_id)
      and ($breakdown <> 'identifier_type' or contains(identifier_types, $value))
    group by crm_record_id
),
seen as (
    select crm_record_id, max(last_seen_at) as last_seen_at
    from record_sightings
    where ($partner_id = 'all' or partner_id = $partner_id)
      and ($breakdown <> 'site' or site_id = $value)
    group by crm_record_id
)
select crm_record_id, last_seen_at, is_known,
    coalesce(last_seen_at >= as_of - to_days($look_back), false) as is_matched
from eligible left join seen using (crm_record_id) cross join build
order by is_matched desc, crm_record_id
"""

PAIRS = """
select matches.crm_record_id, partner_name, coalesce(evidence_types, '') as evidence_types,
    confidence, last_seen_at
from matches inner join partners using (partner_id) cross join build
where is_deliverable and ($partner_id = 'all' or partner_id = $partner_id)
  and last_seen_at >= as_of - to_days($look_back)
order by crm_record_id, partners.position, last_seen_at desc
"""

MOVED = """
select crm_record_id, reason,
    sum(matched_change)::int as matched_change, sum(eligible_change)::int as eligible_change
from rate_movements
where partner_id in ($partner_id, 'any')
group by crm_record_id, reason
order by reason, crm_record_id
"""

CALLS = """
select coalesce(site_name, site_id) as site_name, partner_name, hit_date, hits, cookies
from sync_days inner join partners using (partner_id) left join sites using (site_id)
cross join build
where ($partner_id = 'all' or partner_id = $partner_id)
  and ($breakdown <> 'site' or site_id = $value)
  and hit_date > as_of_date - $look_back::integer
order by hit_date desc, site_name, partners.position
"""

STATED = """
with counting as (
    select crm_record_id, partner_id, max(as_of_date) as since
    from match_steps
    where partner_id in ($partner_id, 'any') and as_of_date <= $day
    group by crm_record_id, partner_id
    having sum(step) = 1
)
select eligible.crm_record_id, matched.since is not null as is_matched,
    matched.since as matched_since
from counting as eligible
left join counting as matched
    on eligible.crm_record_id = matched.crm_record_id and matched.partner_id <> 'any'
where eligible.partner_id = 'any'
order by is_matched desc, eligible.crm_record_id
"""

GAINED = """
select crm_record_id,
    coalesce(sum(step) filter (partner_id <> 'any'), 0)::int as matched_change,
    coalesce(sum(step) filter (partner_id = 'any'), 0)::int as eligible_change
from match_steps
where partner_id in ($partner_id, 'any') and as_of_date > $since and as_of_date <= $until
group by crm_record_id
having matched_change <> 0 or eligible_change <> 0
order by crm_record_id
"""

LAST_SEEN = """
select days_ago,
    coalesce(sum(cookies) filter (partner_id <> 'any'), 0)::bigint as cookies,
    coalesce(sum(matched_cookies) filter (partner_id <> 'any'), 0)::bigint as matched_cookies,
    coalesce(sum(browsers) filter (partner_id <> 'any'), 0)::bigint as browsers,
    coalesce(sum(browsers) filter (partner_id = 'any'), 0)::bigint as seen_browsers
from last_sightings
where days_ago <= $look_back
  and (partner_id = 'any' or partner_id = $partner_id and breakdown_value =
    case when $breakdown = 'site' then $value else 'all' end)
group by days_ago
order by days_ago
"""

AUDITED = """
select match_tests.as_of_date, crm_record_id, is_confirmed
from match_tests cross join build
where match_tests.as_of_date > build.as_of_date - 30
order by match_tests.as_of_date desc, crm_record_id
"""

# Of a record that is usable so many days after the upload, whether it is matched then.
COHORT_DAY = """
case
    when sum(step) filter (partner_id = 'any' and step_date <= uploaded_date + {days}) = 1
        and uploaded_date + {days} <= as_of_date
    then coalesce(
        sum(step) filter (partner_id <> 'any' and step_date <= uploaded_date + {days}), 0
    ) = 1
end as day_{days}
"""

COHORT = f"""
with named as (
    select crm_record_id, uploaded_date
    from record_origins
    inner join (select distinct upload_seq, uploaded_date from upload_cohorts) using (upload_seq)
    where upload_seq = $upload_seq
),
steps as (
    select crm_record_id, partner_id, step, as_of_date as step_date from match_steps
    where partner_id in ($partner_id, 'any')
)
select crm_record_id, {", ".join(COHORT_DAY.format(days=days) for days in MILESTONES)}
from named left join steps using (crm_record_id) cross join build
group by crm_record_id, uploaded_date, as_of_date
order by crm_record_id
"""

CONTACTS = """
select cep_contact_id, last_click_at, last_read_at, last_identify_at,
    coalesce(last_linked_at >= as_of - to_days($look_back), false) as is_linked
from cep_links cross join build
order by is_linked desc, cep_contact_id
"""

LOST = """
select crm_record_id, reason
from record_progress
where partner_id = $partner_id and coalesce(reason, 'delivered') = $reason
  and ($kind = 'all' or contains(identifier_types, $kind))
order by crm_record_id
"""


def records(view: View, partner_id: str, part: Slice) -> pd.DataFrame:
    """Every eligible record: whether it is matched, and whether the partner knew it by itself."""
    return rows(view, RECORDS, **_asked(partner_id, part))


def pairs(view: View, partner_id: str, part: Slice) -> pd.DataFrame:
    """Matches behind the match rate, one row per partner cookie and record, without the cookie."""
    return rows(view, PAIRS, partner_id=partner_id, look_back=part.look_back)


def moved(view: View, partner_id: str) -> pd.DataFrame:
    """The records that the match rate gained or lost in a week, with the reason."""
    return rows(view, MOVED, partner_id=partner_id)


def calls(view: View, partner_id: str, part: Slice) -> pd.DataFrame:
    """Cookie syncs per site and day in the look-back: browsers are not listed one by one."""
    return rows(view, CALLS, **_asked(partner_id, part))


def stated(view: View, partner_id: str, day: date) -> pd.DataFrame:
    """Every record that was eligible at the end of a day: whether, and since when, matched."""
    return rows(view, STATED, partner_id=partner_id, day=day)


def gained(view: View, partner_id: str, part: Slice) -> pd.DataFrame:
    """The records that began or ceased to count between the first day of a slice and the last."""
    return rows(view, GAINED, partner_id=partner_id, since=part.since, until=part.until)


def last_seen(view: View, partner_id: str, part: Slice) -> pd.DataFrame:
    """Cookie ids and browsers in the look-back, each counted where it was last seen."""
    return rows(view, LAST_SEEN, **_asked(partner_id, part))


def audited(view: View) -> pd.DataFrame:
    """The matches that the last 30 days tested."""
    return rows(view, AUDITED)


def cohort(view: View, partner_id: str, upload_seq: int) -> pd.DataFrame:
    """The records of an upload; at each milestone matched or not, missing where not usable."""
    return rows(view, COHORT, partner_id=partner_id, upload_seq=upload_seq)


def contacts(view: View, part: Slice) -> pd.DataFrame:
    """CEP contacts we know of and when each was last linked."""
    return rows(view, CONTACTS, look_back=part.look_back)


def lost(view: View, partner_id: str, kind: str, reason: str) -> pd.DataFrame:
    """The records that stop for a reason, or reach the partner (`delivered`)."""
    return rows(view, LOST, partner_id=partner_id, kind=kind, reason=reason)


def _asked(partner_id: str, part: Slice) -> dict[str, str | int]:
    return {
        "partner_id": partner_id,
        "look_back": part.look_back,
        "breakdown": part.breakdown,
        "value": part.value,
    }
