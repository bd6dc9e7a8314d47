"""What the two feature switches bring: contacts recognised lately, and by which of them."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.queries.reading import View, rows

LAST_DAYS = 30

_LATELY = f"""
with lately as (
    select last_click_at >= build.as_of - interval {LAST_DAYS} day as clicked,
        last_read_at >= build.as_of - interval {LAST_DAYS} day as has_read
    from cep_links cross join build
    where last_linked_at >= build.as_of - interval {LAST_DAYS} day
)
select count(*) as contacts, count(*) filter (clicked) as clicked,
    count(*) filter (has_read) as has_read
from lately
"""

_UNUSED = f"""
select coalesce(sum(lines), 0)::bigint as lines from line_accounting cross join build
where reason = 'switch_off' and hit_date >= cast(build.as_of as date) - {LAST_DAYS}
"""


@dataclass(frozen=True)
class Brought:
    """CEP contacts recognised in the last 30 days, exact: accounting."""

    contacts: int
    clicked: int
    read: int
    unused_calls: int
    """Clicks and reads that came while their switch was off."""


def brought(view: View) -> Brought:
    """Of this client as last published."""
    found = rows(view, _LATELY).iloc[0]
    unused = rows(view, _UNUSED).iloc[0]
    return Brought(int(found.contacts), int(found.clicked), int(found.has_read), int(unused.lines))
