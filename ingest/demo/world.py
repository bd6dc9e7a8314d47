"""The demo world: the files that a real deployment would get, day by day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from pathlib import Path

from ingest.demo.baselines import write_baselines
from ingest.demo.cast import Cast, make_cast
from ingest.demo.crm_files import write_crm_files
from ingest.demo.hardness import LONGEST_DELAY_DAYS
from ingest.demo.log_files import InboxFile
from ingest.demo.log_lines import LogDay
from ingest.demo.noise import noise
from ingest.demo.options import WorldOptions
from ingest.demo.register import write_keys, write_registry
from ingest.demo.streams import STREAMS, Stream
from ingest.demo.truth_files import TruthWriter, write_records
from matchbook.settings import Settings

ROTATION_DAYS = 7
"""How many days one log file of the backlog holds."""

DELIVERED_AGAIN = 150
"""One in so many segment lines is delivered a second time."""


class World:
    """Writes the world's files into a home's inbox."""

    def __init__(self, settings: Settings, cast: Cast) -> None:
        self.settings = settings
        self.cast = cast
        self.options = cast.options
        self._truth = TruthWriter(settings.home / "truth", cast.options)
        self._waiting: dict[tuple[str, int], list[str]] = {}
        self._drawn: set[int] = set()

    def backlog(self, progress: Callable[[float], None] = lambda done: None) -> None:
        """Write all days before the nights; `progress` hears how much is done, 0 to 1."""
        for moment in self.backlog_parts():
            progress((moment - self.options.clock_after(-1)).days / self.options.backlog_days)

    def backlog_parts(self) -> Iterator[datetime]:
        """The same in weeks: each time a week's files stand in the inbox, when they land.

        CRM files are of their day: landed at these moments, records come and go when the
        story says so, and rates of the past have their denominators.
        """
        self._forget()
        for first in range(0, self.options.backlog_days, ROTATION_DAYS):
            last = min(first + ROTATION_DAYS, self.options.backlog_days) - 1
            for day in self._write_logs(first, last):
                write_crm_files(self.settings, self.cast, day)
                write_baselines(self.settings, self.cast, day)
            yield self.options.clock_after(last)

    def night(self, number: int) -> None:
        """Write what lands in night 0, 1, …: that day's files, late lines included."""
        day = self.options.backlog_days + number
        if not 0 <= number < self.options.nights:
            raise ValueError(f"the world has nights 0 to {self.options.nights - 1}")
        if day in self._drawn:
            self._forget()
        self._draw_earlier(day)
        for _ in self._write_logs(day, day):
            write_crm_files(self.settings, self.cast, day)
            write_baselines(self.settings, self.cast, day)

    def backlog_clock(self) -> datetime:
        """When the backlog lands."""
        return self.options.clock_after(self.options.backlog_days - 1)

    def night_clock(self, number: int) -> datetime:
        """When a night's files land."""
        return self.options.clock_after(self.options.backlog_days + number)

    def _forget(self) -> None:
        """Start over: a day that is written again must not add to what it left before."""
        self._waiting, self._drawn = {}, set()

    def _write_logs(self, first: int, last: int) -> Iterator[int]:
        with ExitStack() as files:
            out = {
                stream.host: files.enter_context(InboxFile(self._target(stream, first, last)))
                for stream in STREAMS
            }
            for day in range(first, last + 1):
                self._draw(day, self._truth)
                for stream in STREAMS:
                    lines = self._landing(stream, day)
                    content = "".join(f"{line}\n" for line in lines).encode()
                    out[stream.host].write(content, len(lines))
                yield day
        self._truth.flush(first, last)

    def _draw(self, day: int, truth: TruthWriter) -> None:
        """Make a day's lines and put each with the day on which it lands."""
        self._drawn.add(day)
        for stream in STREAMS:
            calls = stream.calls(self.cast, day, truth)
            log = LogDay(self.cast.keys, stream.host, self.options.date_of(day), self.options.seed)
            truth.add_lines(day, stream.host, calls.delay)
            for line, delay in zip(stream.format(log, calls), calls.delay.tolist(), strict=True):
                self._waiting.setdefault((stream.host, day + delay), []).append(line)

    def _draw_earlier(self, day: int) -> None:
        """Days whose late lines may land on `day`, when another process wrote them."""
        nobody = TruthWriter(self.settings.home / "truth", self.options)
        for earlier in range(max(0, day - LONGEST_DELAY_DAYS), day):
            if earlier not in self._drawn:
                self._draw(earlier, nobody)
                for stream in STREAMS:
                    self._waiting.pop((stream.host, earlier), None)

    def _landing(self, stream: Stream, day: int) -> list[str]:
        lines = self._waiting.pop((stream.host, day), [])
        today = self.options.date_of(day)
        extra = noise(self.options.seed, day, stream.company, today, stream.form, lines)
        again = lines[::DELIVERED_AGAIN] if stream.form == "segment" else []
        return _interleaved([*lines, *again], extra)

    def _target(self, stream: Stream, first: int, last: int) -> Path:
        days = [self.options.date_of(day) for day in (first, last)]
        folder = self.settings.inbox / "pixels" / f"host={stream.host}"
        return folder / stream.file_name.format(_name_of(*days))


def make_world(settings: Settings, options: WorldOptions) -> World:
    """Write keys, registry and records' truth; files follow with `backlog` and `night`."""
    keys = write_keys(settings, options.seed)
    write_registry(settings, options)
    cast = make_cast(options, keys)
    write_records(settings.home / "truth", options, cast.people.records)
    return World(settings, cast)


def end_yesterday(now: datetime) -> date:
    """The end of a world that runs up to yesterday."""
    return (now - timedelta(days=1)).date()


def _name_of(first: date, last: date) -> str:
    return f"{first:%Y%m%d}" if first == last else f"{first:%Y%m%d}-{last:%Y%m%d}"


def _interleaved(lines: list[str], extra: list[str]) -> list[str]:
    """The extra lines spread evenly among the others."""
    step = max(1, len(lines) // (len(extra) + 1))
    out: list[str] = []
    for number, line in enumerate(extra):
        out += lines[number * step : (number + 1) * step]
        out.append(line)
    return out + lines[len(extra) * step :]
