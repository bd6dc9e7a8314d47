"""Browsers that several records lay claim to, as of the build."""

from __future__ import annotations

import pandas as pd

from dashboard.queries.reading import View, rows

OPEN = """
select subject_key as visitor_key, candidates, best_record_id, best_confidence, next_record_id,
    next_confidence, outcome_reason, last_evidence_date
from match_conflicts
where subject_type = 'browser' and outcome <> 'decided'
order by best_confidence - coalesce(next_confidence, 0), visitor_key
"""


def undecided(view: View) -> pd.DataFrame:
    """The closest contests first."""
    return rows(view, OPEN)
