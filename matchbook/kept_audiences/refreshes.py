"""The log of refreshes: what each made of an audience, those that failed included."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchbook import state
from matchbook.clock import utc_naive
from matchbook.kept_audiences.tables import refreshes
from matchbook.settings import Settings

INTERRUPTED = "It was interrupted; the next refresh does its work."


@dataclass(frozen=True)
class Refresh:
    """One evaluation of an audience. Sizes are exact: show them through `matchbook.disclosure`."""

    refresh_id: int
    client_id: str
    audience_id: str
    version: int
    build_id: str
    snapshot: str
    as_of: datetime
    state: str
    """running, done or failed."""
    reason: str | None
    people: int | None
    reachable: int | None
    """Distinct CEP contacts among them that an audience can reach."""
    entered: int | None
    stayed: int | None
    left: int | None
    shown_as: str | None
    """An older audience that differs by so few people that sizes are to be that one's."""
    file_name: str | None
    told_people: int | None
    """Of a draft that was told before, where only a few people differ; also `told_reachable`."""
    told_reachable: int | None
    lists_digest: str | None
    """Of the uploaded lists it asked for; None where it asked for none."""
    started_at: datetime
    ended_at: datetime | None


def begin(settings: Settings, **values: Any) -> int:
    """Note that a refresh has begun; its id."""
    own = {"state": "running", "started_at": utc_naive(settings.clock.now())}
    with state.begin(settings) as connection:
        made = connection.execute(refreshes.insert().values(**values, **own))
        assert made.inserted_primary_key is not None
        return int(made.inserted_primary_key[0])


def end(settings: Settings, refresh_id: int, **values: Any) -> None:
    """Note what became of it."""
    update(settings, refresh_id, ended_at=utc_naive(settings.clock.now()), **values)


def update(settings: Settings, refresh_id: int, **values: Any) -> None:
    """Change an entry."""
    with state.begin(settings) as connection:
        connection.execute(
            refreshes.update().where(refreshes.c.refresh_id == refresh_id).values(**values)
        )


def fail_interrupted(settings: Settings, client_id: str) -> None:
    """What a killed refresh left `running` has failed. Only for the one who may refresh now."""
    gone = (refreshes.c.client_id == client_id) & (refreshes.c.state == "running")
    values = {"state": "failed", "reason": INTERRUPTED}
    with state.begin(settings) as connection:
        connection.execute(refreshes.update().where(gone).values(**values))


def newest(settings: Settings, client_id: str, *, done: bool = False) -> dict[str, Refresh]:
    """Each audience's newest refresh by audience, whatever became of it, or the newest done."""
    own = refreshes.c.client_id == client_id
    if done:
        own &= refreshes.c.state == "done"
    last = sa.select(sa.func.max(refreshes.c.refresh_id)).where(own)
    query = sa.select(refreshes).where(
        refreshes.c.refresh_id.in_(last.group_by(refreshes.c.audience_id))
    )
    return {one.audience_id: one for one in _read(settings, query)}


def of_audience(settings: Settings, client_id: str, audience_id: str) -> list[Refresh]:
    """All refreshes of an audience, oldest first."""
    query = sa.select(refreshes).where(
        refreshes.c.client_id == client_id, refreshes.c.audience_id == audience_id
    )
    return _read(settings, query.order_by(refreshes.c.refresh_id))


def forget_files(settings: Settings, client_id: str, audience_id: str, *, keep: int) -> set[str]:
    """Name no files but those of the newest refreshes; the names that stay."""
    done = [r for r in of_audience(settings, client_id, audience_id) if r.file_name]
    for old in done[:-keep]:
        update(settings, old.refresh_id, file_name=None)
    return {str(refresh.file_name) for refresh in done[-keep:]}


def _read(settings: Settings, query: sa.Select[Any]) -> list[Refresh]:
    with state.begin(settings) as connection:
        return [Refresh(**row._mapping) for row in connection.execute(query)]
