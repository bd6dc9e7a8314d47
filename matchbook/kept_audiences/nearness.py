"""The difference check: of two audiences that differ by a few people, one size is told for both.

Whoever sees both sizes could else subtract one from the other and learn about those few.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from matchbook.disclosure import SHOWN_FROM, is_too_near
from matchbook.kept_audiences import members, refreshes
from matchbook.kept_audiences.refreshes import Refresh
from matchbook.settings import Settings


def compare(settings: Settings, client_id: str, oldest_first: Sequence[str]) -> None:
    """Note for each audience the older one that it is too near to, if any."""
    newest = refreshes.newest(settings, client_id, done=True)
    known = [newest[name] for name in oldest_first if name in newest]

    @cache
    def people(place: int) -> Any:
        return _members(settings, known[place])

    shown_as: dict[str, str | None] = {}
    for place, refresh in enumerate(known):
        near = (
            known[older].audience_id
            for older in range(place)
            if _may_be_near(refresh, known[older])
            and is_too_near(difference(people(place), people(older)))
        )
        older_name = next(near, None)
        found = shown_as.get(older_name) or older_name if older_name else None
        shown_as[refresh.audience_id] = found
        if refresh.shown_as != found:
            refreshes.update(settings, refresh.refresh_id, shown_as=found)


def difference(one: Any, other: Any) -> int:
    """How many people are in exactly one of two audiences, by their sorted keys."""
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return len(one) + len(other) - 2 * shared


def _may_be_near(one: Refresh, other: Refresh) -> bool:
    sizes = one.people or 0, other.people or 0
    return min(sizes) >= SHOWN_FROM and abs(sizes[0] - sizes[1]) < SHOWN_FROM


def _members(settings: Settings, refresh: Refresh) -> Any:
    found = members.read(settings, refresh.client_id, refresh.audience_id, refresh.file_name)
    return members.keys(found)
