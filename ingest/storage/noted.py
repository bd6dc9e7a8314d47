"""What is noted of each file in a storage, so that the next poll goes on where one stopped.

`seen` (when, in which version) → `fetched` (its copy is in the inbox) → `landed` or `refused`
(the ledger or `refused/` says so, the source may go) → no row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from matchbook import state
from matchbook.clock import Clock, utc_naive
from matchbook.settings import Settings

DONE_WITH = ("landed", "refused")


@dataclass(frozen=True)
class Noted:
    """One file of one location."""

    location_id: str
    path: str
    version: str
    status: str
    seen_at: datetime
    sha256: str | None = None
    erase: bool = False

    def inbox_copy(self, settings: Settings) -> Path:
        """Where its copy stands, or will stand, in the inbox."""
        return inbox_copy(settings, self.location_id, self.path)


def inbox_copy(settings: Settings, location_id: str, path: str) -> Path:
    """Apart by location, so that two never overwrite each other's files."""
    below = path.removeprefix("onboard/")
    return settings.inbox / "onboard" / f"storage={location_id}" / below


def noted(settings: Settings, location_id: str | None = None) -> list[Noted]:
    """What is noted of one location's files, or of all."""
    table = state.storage_files
    query = sa.select(table).order_by(table.c.location_id, table.c.path)
    if location_id is not None:
        query = query.where(table.c.location_id == location_id)
    with state.begin(settings) as connection:
        return [Noted(**row._mapping) for row in connection.execute(query)]


def is_landing_due(settings: Settings) -> bool:
    """Whether copies are in the inbox, or were, whose outcome is not noted."""
    return any(file.status == "fetched" for file in noted(settings))


def note(settings: Settings, file: Noted, **changed: Any) -> Noted:
    """Write a file's row, with some fields changed."""
    now = replace(file, **changed)
    table = state.storage_files
    with state.begin(settings) as connection:
        connection.execute(table.delete().where(_is(now)))
        connection.execute(table.insert().values(**asdict(now)))
    return now


def forget(settings: Settings, file: Noted) -> None:
    """Drop a file's row."""
    with state.begin(settings) as connection:
        connection.execute(state.storage_files.delete().where(_is(file)))


def note_poll(settings: Settings, location_id: str, problems: Sequence[Any], *, ok: bool) -> None:
    """Note how a location's poll went; failures are counted while they follow each other."""
    table = state.storage_polls
    is_it = table.c.location_id == location_id
    with state.begin(settings) as connection:
        before = connection.execute(sa.select(table.c.failures).where(is_it)).scalar() or 0
        connection.execute(table.delete().where(is_it))
        connection.execute(
            table.insert().values(
                location_id=location_id,
                polled_at=wall_clock(),
                failures=0 if ok else before + 1,
                problems=[asdict(problem) for problem in problems[:100]],
            )
        )


def wall_clock() -> datetime:
    """How long a file has been still has nothing to do with the settable clock."""
    return utc_naive(Clock().now())


def _is(file: Noted) -> sa.ColumnElement[bool]:
    table = state.storage_files
    return sa.and_(table.c.location_id == file.location_id, table.c.path == file.path)
