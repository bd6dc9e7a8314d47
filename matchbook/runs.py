"""The log of runs: which command ran, how far it came, how it ended.

A run that was killed stays `running` in the log until the next one starts; the run lock,
not this table, decides who may write.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchbook import state, traces
from matchbook.clock import utc_naive
from matchbook.errors import MatchbookError
from matchbook.settings import Settings
from matchbook.stage_times import Stopwatch, stages_of

INTERRUPTED = "It was interrupted; the next run completed or repeated its work."


@dataclass(frozen=True)
class Run:
    """One entry of the log; times are naive UTC."""

    run_id: int
    command: str
    status: str
    step: str | None
    message: str | None
    build_id: str | None
    started_at: datetime
    ended_at: datetime | None


class Recorder:
    """The entry of the run that is going on."""

    def __init__(self, settings: Settings, run_id: int, command: str) -> None:
        self._settings = settings
        self._stages = Stopwatch(settings, run_id, command)
        self.run_id = run_id

    def step(self, name: str) -> None:
        """Note which step has begun; it is timed (`matchbook.stage_times`)."""
        self._stages.begin(name)
        self._update(step=name)

    def counted(self, *, rows: int | None = None, bytes: int | None = None) -> None:
        """Note over how many rows the step went and how many bytes it wrote."""
        self._stages.counted(rows=rows, bytes=bytes)

    def built(self, build_id: str) -> None:
        """Note which build this run made or passed on."""
        self._update(build_id=build_id)

    def end(self, status: str, message: str | None = None) -> None:
        """Note how it ended, and tell whoever collects traces."""
        self._stages.end()
        ended_at = utc_naive(self._settings.clock.now())
        self._update(status=status, message=message, ended_at=ended_at)
        if self._settings.traces:
            stages = stages_of(self._settings, self.run_id)
            traces.send(self._settings.traces, self._run(), stages)

    def _run(self) -> Run:
        query = sa.select(state.runs).where(state.runs.c.run_id == self.run_id)
        with state.begin(self._settings) as connection:
            return Run(**connection.execute(query).one()._mapping)

    def _update(self, **values: Any) -> None:
        table = state.runs
        with state.begin(self._settings) as connection:
            connection.execute(table.update().where(table.c.run_id == self.run_id).values(**values))


@contextmanager
def recorded(settings: Settings, command: str) -> Iterator[Recorder]:
    """Log the block as one run. Call it while holding the run lock."""
    recorder = Recorder(settings, _start(settings, command), command)
    try:
        yield recorder
    except MatchbookError as error:
        recorder.end("failed", str(error)[:500])
        raise
    except BaseException as error:
        recorder.end("failed", f"Unexpected: {type(error).__name__}.")
        raise
    recorder.end("done")


def latest(settings: Settings, *, limit: int = 10) -> list[Run]:
    """The newest runs, newest first."""
    table = state.runs
    query = sa.select(table).order_by(table.c.run_id.desc()).limit(limit)
    with state.begin(settings) as connection:
        return [Run(**row._mapping) for row in connection.execute(query)]


def _start(settings: Settings, command: str) -> int:
    table = state.runs
    now = utc_naive(settings.clock.now())
    with state.begin(settings) as connection:
        connection.execute(
            table.update()
            .where(table.c.status == "running")
            .values(status="failed", message=INTERRUPTED, ended_at=now)
        )
        result = connection.execute(
            table.insert().values(command=command, status="running", started_at=now)
        )
        assert result.inserted_primary_key is not None
        return int(result.inserted_primary_key[0])
