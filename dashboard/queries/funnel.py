"""The record funnel of one partner: the steps, and why records stop at each."""

from __future__ import annotations

import pandas as pd

from dashboard.queries.reading import View, rows

STEPS = """
select step_number, step, records
from record_funnel
where partner_id = $partner_id and identifier_type = $identifier_type and reason is null
order by step_number
"""

LOSSES = """
select step_number, step, reason, lever, records
from record_funnel
where partner_id = $partner_id and identifier_type = $identifier_type
  and reason is not null and records > 0
order by step_number, records desc, reason
"""

TYPES = """
select distinct identifier_type from record_funnel
order by identifier_type <> 'all', identifier_type
"""


def steps(view: View, partner_id: str, identifier_type: str) -> pd.DataFrame:
    """Records that reach each step."""
    return rows(view, STEPS, partner_id=partner_id, identifier_type=identifier_type)


def losses(view: View, partner_id: str, identifier_type: str) -> pd.DataFrame:
    """Records that reached the step before but not this one, by reason, with the lever."""
    return rows(view, LOSSES, partner_id=partner_id, identifier_type=identifier_type)


def identifier_types(view: View) -> list[str]:
    """'all' first, then the identifier types the client's records have."""
    return list(rows(view, TYPES)["identifier_type"])
