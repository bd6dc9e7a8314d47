"""The rows behind the match rates, on the newest day: the client's own ids and nothing else."""

from __future__ import annotations

import pandas as pd

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
