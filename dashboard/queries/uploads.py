"""CRM files and the records they brought: uploads, rhythms, identifiers, lives."""

from __future__ import annotations

import pandas as pd

from dashboard.queries.reading import View, rows

HISTORY = """
select
    landed_at, coalesce(uploaded_by, '') as uploaded_by, list_id, list_name, list_mode,
    lines, quarantined, records, matched_records,
    matched_records / nullif(records, 0) as matched_share
from uploads
where $list_id = '' or list_id = $list_id
order by landed_at desc, load_seq desc
"""

PER_DAY = """
select
    cast(landed_at as date) as landed_date,
    coalesce(sum(matched_records), 0)::bigint as matched,
    coalesce(sum(records - matched_records), 0)::bigint as unmatched,
    sum(quarantined)::bigint as rejected
from uploads
where ($list_id = '' or list_id = $list_id) and list_mode <> 'opt-out'
group by landed_date
order by landed_date
"""

SCHEDULES = """
select list_id, list_name, upload_every, days_overdue, last_uploaded_date, due_date
from upload_schedules
order by days_overdue desc nulls last, due_date nulls last, list_name
"""

COVERAGE = """
select identifier_type, records_with, records_without, matched_with, matched_without,
    matched_by, matched_if_alike,
    matched_with / nullif(records_with, 0) as rate_with,
    matched_without / nullif(records_without, 0) as rate_without
from identifier_coverage
order by records_with desc, identifier_type
"""

PER_LIST = """
select
    list_id, coalesce(list_name, list_id) as list_name,
    count(*) filter (standing = 'live') as live,
    count(*) filter (standing = 'withdrawn') as withdrawn,
    count(*) filter (standing = 'missing_from_replacement') as left_out,
    count(*) filter (stays > 1) as came_back,
    min(first_uploaded_date) as first_uploaded_date,
    max(last_uploaded_date) as last_uploaded_date
from record_lives left join lists using (list_id)
group by list_id, lists.list_name
order by list_name, list_id
"""

LIFE = """
select
    list_id, coalesce(list_name, list_id) as list_name, standing, uploads, stays,
    first_uploaded_date, last_uploaded_date, last_left_date
from record_lives left join lists using (list_id)
where crm_record_id = $crm_record_id
order by list_name, list_id
"""


def history(view: View, list_id: str = "") -> pd.DataFrame:
    """Files landed, newest first; of one list if it is named."""
    return rows(view, HISTORY, list_id=list_id)


def per_day(view: View, list_id: str = "") -> pd.DataFrame:
    """Records that the files of each UTC day brought: matched by now, not yet; rows rejected."""
    return rows(view, PER_DAY, list_id=list_id)


def schedules(view: View) -> pd.DataFrame:
    """How often each list is uploaded and when it is due, the latest first."""
    return rows(view, SCHEDULES)


def coverage(view: View) -> pd.DataFrame:
    """Records with and without each kind of identifier, and how many of them are matched."""
    return rows(view, COVERAGE)


def per_list(view: View) -> pd.DataFrame:
    """What became of each list's records: live, withdrawn, left out of a replacement."""
    return rows(view, PER_LIST)


def life(view: View, crm_record_id: str) -> pd.DataFrame:
    """When one record came, was updated and left, by list."""
    return rows(view, LIFE, crm_record_id=crm_record_id)
