"""Why a record is matched: its browsers, its partners, the log lines and the rivals behind it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from dashboard.queries.reading import View, rows
from matchbook.published_keys import published_key

RECORD = "select exists (from record_lives where crm_record_id = $record_id) as is_known"

COOKIE = """
select partner_name, crm_record_id
from partner_cookies inner join partners using (partner_id)
left join matches using (partner_id, partner_cookie_key)
where partner_cookie_key in ($as_typed, $in_lower_case)
order by position, crm_record_id
"""

BROWSERS = """
select *, row_number() over (order by confidence desc, visitor_key) as browser_number
from recognised_browsers where crm_record_id = $record_id
order by browser_number
"""

EVIDENCE = f"""
with browsers as ({BROWSERS})
select browser_number, evidence_type, identifier_type, hits, hit_date, first_hit_at,
    first_file_name, first_line_number, last_file_name, last_line_number
from match_evidence inner join browsers using (crm_record_id, visitor_key)
order by hit_date desc, browser_number, evidence_type, identifier_type
"""

RIVALS = f"""
with browsers as ({BROWSERS})
select browser_number, other.crm_record_id, other.evidence_types, other.evidence_days,
    other.confidence, other.is_confident, other.last_evidence_date
from recognised_browsers as other inner join browsers using (visitor_key)
where other.crm_record_id <> $record_id
order by browser_number, other.confidence desc, other.crm_record_id
"""

PARTNERS = """
select partner_name, count(*) as cookies, count(*) filter (is_deliverable) as sure_cookies,
    count(*) filter (is_hot) as hot_cookies, max(confidence) as confidence,
    max(matches.last_seen_at) as last_seen_at, count(last_delivered_at) as cookies_delivered,
    min(first_delivered_at) as first_delivered_at, max(last_delivered_at) as last_delivered_at
from matches inner join partners using (partner_id)
left join match_deliveries using (match_id)
where matches.crm_record_id = $record_id
group by partner_name, position
order by position
"""


RULES = """
select rules_version, confidence_threshold, evidence_days
from build cross join clients
"""


@dataclass(frozen=True)
class Found:
    """What a text that somebody typed stands for."""

    records: tuple[str, ...]
    """CRM record ids."""
    partners: tuple[str, ...] = ()
    """Where it is a cookie id: the names of the partners that use it."""

    @property
    def is_known(self) -> bool:
        """Whether it stands for anything."""
        return bool(self.records or self.partners)


def find(view: View, text: str) -> Found:
    """A CRM record id, or else a partner's cookie id and the records matched to it."""
    if rows(view, RECORD, record_id=text)["is_known"].iloc[0]:
        return Found((text,))
    # Most partners' ids are kept in lower case; a few tell the cases apart.
    keys = [published_key(view.client.client_id, form) for form in (text, text.lower())]
    cookies = rows(view, COOKIE, as_typed=keys[0], in_lower_case=keys[1])
    records = cookies["crm_record_id"].dropna().drop_duplicates()
    return Found(tuple(records), tuple(cookies["partner_name"].drop_duplicates()))


def browsers(view: View, record_id: str) -> pd.DataFrame:
    """The record's browsers, numbered from the surest on."""
    return rows(view, BROWSERS, record_id=record_id)


def evidence(view: View, record_id: str) -> pd.DataFrame:
    """Each day's evidence with its first and last log line, newest first."""
    return rows(view, EVIDENCE, record_id=record_id)


def rivals(view: View, record_id: str) -> pd.DataFrame:
    """Other records recognised in the same browsers."""
    return rows(view, RIVALS, record_id=record_id)


def rules(view: View) -> pd.Series:
    """By which rules the build judged: their version and what the client chose."""
    return rows(view, RULES).iloc[0]


def partners(view: View, record_id: str) -> pd.DataFrame:
    """What each partner could be told of the record, and since when it was."""
    return rows(view, PARTNERS, record_id=record_id)
