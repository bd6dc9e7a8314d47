"""How long each stage of each run took, and over how many rows and bytes: one row per stage."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from matchbook import state
from matchbook.clock import utc_naive
from matchbook.settings import Settings

_TABLE = state.stage_times


@dataclass(frozen=True)
class StageTime:
    """One stage of one run."""

    run_id: int
    command: str
    position: int
    stage: str
    began_at: datetime
    """Naive UTC, by the run's own clock."""
    seconds: float
    """By the wall, of a real clock also where the run's stands still."""
    cpu_seconds: float
    """Of this process, user and system, over all its threads."""
    rows: int | None
    """What the stage worked on: lines landed, rows of the tables built, rows delivered, people
    in audiences; None where nothing is counted."""
    bytes: int | None
    """What it wrote: Parquet landed, the warehouse as it stands, snapshots, files delivered."""


def stage_times(settings: Settings, *, command: str = "nightly", runs: int = 30) -> list[StageTime]:
    """The stages of the newest runs of a command that recorded any, oldest run first."""
    newest = (
        sa.select(_TABLE.c.run_id)
        .where(_TABLE.c.command == command)
        .distinct()
        .order_by(_TABLE.c.run_id.desc())
        .limit(runs)
    )
    query = sa.select(_TABLE).where(_TABLE.c.run_id.in_(newest))
    with state.begin(settings) as connection:
        found = connection.execute(query.order_by(_TABLE.c.run_id, _TABLE.c.position))
        return [StageTime(**row._mapping) for row in found]


def stages_of(settings: Settings, run_id: int) -> list[StageTime]:
    """The stages of one run, in order."""
    query = sa.select(_TABLE).where(_TABLE.c.run_id == run_id).order_by(_TABLE.c.position)
    with state.begin(settings) as connection:
        return [StageTime(**row._mapping) for row in connection.execute(query)]


class Stopwatch:
    """Times the stages of one run, one after the other."""

    def __init__(self, settings: Settings, run_id: int, command: str) -> None:
        self._settings = settings
        self._run = {"run_id": run_id, "command": command}
        self._position = 0
        self._stage: dict[str, object] | None = None
        self._started = (0.0, 0.0)

    def begin(self, stage: str) -> None:
        """A stage begins here; the one before has ended."""
        self.end()
        self._position += 1
        began_at = utc_naive(self._settings.clock.now())
        self._stage = {"position": self._position, "stage": stage, "began_at": began_at}
        self._started = (time.perf_counter(), time.process_time())

    def counted(self, *, rows: int | None = None, bytes: int | None = None) -> None:
        """Over how many rows the stage that is going on went, and how many bytes it wrote."""
        if self._stage is not None:
            self._stage |= {"rows": rows, "bytes": bytes}

    def end(self) -> None:
        """The stage that is going on has ended; without one, nothing happens."""
        if self._stage is None:
            return
        wall, cpu = self._started
        row = self._run | self._stage | {
            "seconds": round(time.perf_counter() - wall, 4),
            "cpu_seconds": round(time.process_time() - cpu, 4),
        }  # fmt: skip
        self._stage = None
        with state.begin(self._settings, durable=False) as connection:
            connection.execute(_TABLE.insert().values(row))
