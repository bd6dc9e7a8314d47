"""How large audiences are, as it may be said: rounded, and of two alike the size of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from matchbook.disclosure import part, rounded
from matchbook.errors import SnapshotUnavailable
from matchbook.kept_audiences import freshness, refreshes, store
from matchbook.kept_audiences.freshness import Uploads
from matchbook.kept_audiences.refreshes import Refresh
from matchbook.kept_audiences.store import Audience
from matchbook.settings import Settings
from matchbook.snapshots import current

Standing = Literal["up_to_date", "stale", "running", "failed", "never"]


@dataclass(frozen=True)
class Told:
    """An audience and what may be said of its size; None reads "<50"."""

    audience: Audience
    standing: Standing
    """stale: a newer build, definition or list waits; failed: sizes are those of before."""
    reason: str | None
    people: int | None
    reachable: int | None
    entered: int | None
    stayed: int | None
    left: int | None
    as_of: datetime | None
    """When the sizes were true; None before the first refresh."""
    shown_as: str | None
    """The older audience whose size is told, as this one differs from it by a few people."""


@dataclass(frozen=True)
class Point:
    """One refresh in the trend of an audience; None reads "<50"."""

    as_of: datetime
    people: int | None
    reachable: int | None
    entered: int | None
    stayed: int | None
    left: int | None


def overview(settings: Settings, client_id: str) -> list[Told]:
    """Every audience of a client with its size, oldest first."""
    newest = refreshes.newest(settings, client_id)
    done = refreshes.newest(settings, client_id, done=True)
    snapshot, uploads = _snapshot(settings, client_id), freshness.uploads(settings, client_id)
    return [
        _told(audience, newest.get(audience.audience_id), done, snapshot, uploads)
        for audience in store.all_of(settings, client_id)
    ]


def one(settings: Settings, client_id: str, audience_id: str) -> Told:
    """The same of one audience. Raises AudienceInvalid when there is none of that id."""
    audience = store.get(settings, client_id, audience_id)
    newest = refreshes.newest(settings, client_id)
    done = refreshes.newest(settings, client_id, done=True)
    snapshot, uploads = _snapshot(settings, client_id), freshness.uploads(settings, client_id)
    return _told(audience, newest.get(audience_id), done, snapshot, uploads)


def trend(settings: Settings, client_id: str, audience_id: str) -> list[Point]:
    """Sizes over time, one for each build, the last refresh of it, oldest first."""
    own = _by_build(settings, client_id, audience_id)
    others = {one.shown_as for one in own.values() if one.shown_as}
    shown = {other: _by_build(settings, client_id, other) for other in others}
    return [
        Point(as_of, *sizes(shown[one.shown_as].get(as_of) if one.shown_as else one))
        for as_of, one in sorted(own.items())
    ]


def sizes(refresh: Refresh | None) -> tuple[int | None, ...]:
    """People, reachable, entered, stayed and left, rounded; never of one with a `shown_as`."""
    if refresh is None:
        return (None,) * 5
    people, reachable = refresh.people or 0, refresh.reachable
    if refresh.told_people is not None:
        people, reachable = refresh.told_people, refresh.told_reachable
    of_them = (reachable, refresh.entered, refresh.stayed)
    parts = (part(people, count or 0) for count in of_them)
    return rounded(people), *parts, rounded(refresh.left or 0)


def _by_build(settings: Settings, client_id: str, audience_id: str) -> dict[datetime, Refresh]:
    known = refreshes.of_audience(settings, client_id, audience_id)
    return {refresh.as_of: refresh for refresh in known if refresh.state == "done"}


def _told(
    audience: Audience,
    newest: Refresh | None,
    done: dict[str, Refresh],
    snapshot: str | None,
    uploads: Uploads,
) -> Told:
    last = done.get(audience.audience_id)
    shown = done.get(last.shown_as) if last and last.shown_as else last
    people, reachable, entered, stayed, left = sizes(shown)
    return Told(
        audience=audience,
        standing=_standing(audience, newest, snapshot, uploads),
        reason=newest.reason if newest and newest.state == "failed" else None,
        people=people,
        reachable=reachable,
        entered=entered,
        stayed=stayed,
        left=left,
        as_of=last.as_of if last else None,
        shown_as=last.shown_as if last else None,
    )


def _standing(
    audience: Audience, newest: Refresh | None, snapshot: str | None, uploads: Uploads
) -> Standing:
    if newest is None:
        return "never"
    if newest.state == "failed":
        return "failed"
    if newest.state == "running":
        return "running"
    is_fresh = freshness.is_fresh(newest, audience, snapshot, uploads)
    return "up_to_date" if is_fresh else "stale"


def _snapshot(settings: Settings, client_id: str) -> str | None:
    try:
        return current(settings, client_id).path.stem
    except SnapshotUnavailable:
        return None
