"""What audiences share, and what the people of one are like; rounded, and never of a few."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import numpy as np

from matchbook import disclosure
from matchbook.kept_audiences import members, refreshes, store
from matchbook.kept_audiences.worlds import Opened
from matchbook.reading import select
from matchbook.settings import Settings

MOST_PROFILES = 10

_PROFILES = """
with last_browsers as (
    select member_key, arg_max(last_device_type, (last_seen_at, visitor_key)) as device_type,
        arg_max(last_browser, (last_seen_at, visitor_key)) as browser
    from visitors inner join chosen using (member_key) group by member_key
)
select coalesce(device_type, ''), coalesce(browser, ''), is_matched, is_cep_reachable,
    case
        when last_seen_at >= $as_of - to_days(7) then 'last_7_days'
        when last_seen_at >= $as_of - to_days(30) then 'last_30_days'
        else 'before'
    end as last_seen,
    case when days_active = 1 then '1' when days_active <= 5 then '2-5' else '6+' end as days,
    count(*) as people
from chosen inner join people using (member_key) left join last_browsers using (member_key)
group by all having count(*) >= $shown_from
order by people desc, 1, 2, 3, 4, 5, 6 limit $most
"""


@dataclass(frozen=True)
class Overlap:
    """Two audiences, as of their last refreshes; None reads "<50"."""

    audience_id: str
    other_id: str
    people: int | None
    """In both."""
    share: float | None
    """Of the first one's people, 0 to 1; None where one of the numbers is not told."""
    share_of_union: float | None
    """Of those in either, 0 to 1."""


@dataclass(frozen=True)
class Profile:
    """People alike in a few broad ways, at least 50 of them."""

    device_type: str
    browser: str
    is_matched: bool
    is_cep_reachable: bool
    last_seen: str
    """last_7_days, last_30_days or before."""
    days_active: str
    """1, 2-5 or 6+."""
    people: int | None


def overlaps(settings: Settings, client_id: str) -> list[Overlap]:
    """Each audience with each other one, oldest first."""
    newest = refreshes.newest(settings, client_id, done=True)
    names = [a.audience_id for a in store.all_of(settings, client_id)]

    @cache
    def people_of(name: str) -> Any:
        rows = members.read(settings, client_id, name, newest[name].file_name)
        return members.keys(rows)

    known = [name for name in names if name in newest]
    return [
        _overlap(one, other, people_of(one), people_of(other))
        for one, other in product(known, known)
        if one != other
    ]


def profiles(opened: Opened) -> list[Profile]:
    """What the people chosen (`reach.choose`) are like, the commonest first."""
    found = select(
        opened.connection,
        _PROFILES,
        {
            "as_of": opened.world.as_of,
            "shown_from": disclosure.SHOWN_FROM,
            "most": MOST_PROFILES,
        },
    ).fetchall()
    return [
        Profile(device, browser, matched, reachable, seen, days, disclosure.rounded(people))
        for device, browser, matched, reachable, seen, days, people in found
    ]


def _overlap(one: str, other: str, own: Any, others: Any) -> Overlap:
    both = len(np.intersect1d(own, others, assume_unique=True))
    people = disclosure.overlap(min(len(own), len(others)), both)
    whole, rest = disclosure.rounded(len(own)), disclosure.rounded(len(others))
    if people is None or whole is None or rest is None:
        return Overlap(one, other, people, None, None)
    share = min(people / whole, 1.0)
    return Overlap(one, other, people, share, min(people / max(whole + rest - people, 1), 1.0))
