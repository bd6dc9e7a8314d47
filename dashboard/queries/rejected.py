"""The rejected lines of a client, masked, and the files that landed."""

from __future__ import annotations

import pandas as pd

from dashboard.queries.lines import Slice
from dashboard.queries.reading import View, rows

IN_SLICE = "hit_date between $since and $until and ($source = 'all' or source = $source)"

LINES = f"""
select rejected_lines.*, coalesce(site_name, rejected_lines.site_id) as site_name,
    coalesce(partner_name, rejected_lines.partner_id) as partner_name
from rejected_lines
left join sites using (site_id)
left join partners using (partner_id)
where {IN_SLICE} and ($reason = '' or reason = $reason)
order by hit_date desc, load_seq desc, line_number
"""

REASONS = f"""
select reason, count(*)::bigint as lines from rejected_lines where {IN_SLICE}
group by reason order by lines desc, reason
"""

FILES = """
select * from landed_files
where cast(landed_at as date) between $since and $until
    and ($source = 'all' or source = $source)
order by load_seq desc
"""


def lines(view: View, part: Slice, reason: str) -> pd.DataFrame:
    """Rejected lines of the client, newest first; an empty reason stands for every one."""
    return rows(view, LINES, reason=reason, **part.parameters())


def reasons(view: View, part: Slice) -> pd.DataFrame:
    """Why the client's lines were rejected, most first."""
    return rows(view, REASONS, **part.parameters())


def files(view: View, part: Slice) -> pd.DataFrame:
    """Files landed on days of the slice, with what became of the client's lines in them."""
    return rows(view, FILES, **part.parameters())
