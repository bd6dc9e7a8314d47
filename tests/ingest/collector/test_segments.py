"""The durable log by itself: when segments close, and what a crash or a full disk leaves."""

from __future__ import annotations

import asyncio
import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest.collector import segments
from ingest.collector.closing import recover_segments
from ingest.collector.segments import SegmentLog
from matchbook.settings import Settings
from tests.asynchronous import run

LINE = b'{"mb":1}\n'


@pytest.fixture
def log(settings: Settings) -> Iterator[SegmentLog]:
    found = SegmentLog(settings)
    yield found
    found.close()


@pytest.mark.parametrize("calls", [1, 50, 500])
def test_a_line_is_with_the_operating_system_when_its_call_is_told(
    log: SegmentLog, settings: Settings, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[int] = []
    real = os.write
    monkeypatch.setattr(segments.os, "write", lambda fd, c: (writes.append(len(c)), real(fd, c))[1])

    async def hit(number: int) -> bool:
        line = b'{"mb":%d}\n' % number
        log.append(line)
        assert await log.kept()
        (part,) = settings.collector.iterdir()
        return line in part.read_bytes()

    async def together() -> list[bool]:
        return await asyncio.gather(*map(hit, range(calls)))

    assert all(run(together()))
    assert len(writes) == -(-calls // segments.MAX_TOGETHER)
    assert log.lines == calls


def test_a_call_that_is_gone_takes_no_other_along(log: SegmentLog) -> None:
    async def hit() -> bool:
        log.append(LINE)
        return await log.kept()

    async def one_goes() -> bool:
        stays, goes = (asyncio.create_task(hit()) for _ in range(2))
        await asyncio.sleep(0)
        goes.cancel()
        return await stays

    assert run(one_goes())
    assert log.lines == 2


def test_a_stop_closes_the_segment_for_the_inbox(settings: Settings) -> None:
    log = SegmentLog(settings)
    log.append(LINE)
    log.write_out()
    log.append(LINE)
    assert closed(settings) == []
    log.close()
    (segment,) = closed(settings)
    assert segment.read_bytes() == LINE * 2
    assert segment.name.startswith("20261121T031000Z-")
    assert segment.with_name(segment.name + ".done").exists()
    assert list(settings.collector.iterdir()) == []


def test_a_log_without_hits_leaves_nothing(settings: Settings) -> None:
    SegmentLog(settings).close()
    assert closed(settings) == list(settings.collector.iterdir()) == []


def test_size_and_age_close_segments(settings: Settings) -> None:
    by_size = SegmentLog(settings, max_bytes=3 * len(LINE))
    for _ in range(7):
        appended(by_size)
    by_size.close()
    assert sorted(path.read_bytes().count(LINE) for path in closed(settings)) == [1, 3, 3]
    by_age = SegmentLog(settings, max_age=0.1)
    appended(by_age)
    wait_for(lambda: len(closed(settings)) == 4)
    by_age.append(LINE)
    by_age.close()
    assert len(closed(settings)) == 5


def test_the_next_start_closes_a_dead_one_s_segment_and_cuts_its_torn_line(
    settings: Settings,
) -> None:
    killed(
        settings,
        "log.append(b'whole\\n'); log.write_out(); os.write(log._open.descriptor, b'half')",
    )
    (part,) = settings.collector.iterdir()
    assert part.read_bytes() == b"whole\nhalf"
    SegmentLog(settings).close()
    assert [path.read_bytes() for path in closed(settings)] == [b"whole\n"]


def test_a_living_neighbour_keeps_its_segment(log: SegmentLog, settings: Settings) -> None:
    assert appended(log)
    neighbour = SegmentLog(settings)
    neighbour.append(LINE)
    neighbour.close()
    assert len(closed(settings)) == 1
    log.append(LINE)
    log.close()
    assert sorted(path.read_bytes() for path in closed(settings)) == [LINE, LINE * 2]


def test_a_kill_between_marker_and_rename_is_completed(settings: Settings) -> None:
    killed(
        settings,
        "log.append(b'whole\\n'); log.write_out(); import ingest.collector.closing as c; "
        "c._move = lambda *_: os.kill(os.getpid(), 9); log.close()",
    )
    assert closed(settings) == []
    assert recover_segments(settings) == 1
    assert [path.read_bytes() for path in closed(settings)] == [b"whole\n"]
    assert len(list((settings.inbox / "pixels").iterdir())) == 2


@pytest.mark.parametrize("written", [0, 4], ids=["nothing", "half a line"])
def test_a_full_disk_refuses_and_leaves_no_half_line(
    log: SegmentLog, settings: Settings, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    appended(log)
    real = os.write

    def full(descriptor: int, content: bytes) -> int:
        if not written:
            raise OSError(errno.ENOSPC, "full")
        return real(descriptor, content[:written])

    monkeypatch.setattr(segments.os, "write", full)
    assert not appended(log)
    assert not log.is_writable
    monkeypatch.undo()
    assert appended(log)
    assert log.is_writable
    assert (log.taken, log.lines) == (3, 2)
    (part,) = settings.collector.iterdir()
    assert part.read_bytes() == LINE * 2


def test_sync_mode_waits_for_the_disk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    real = os.fsync
    monkeypatch.setattr(segments.os, "fsync", lambda fd: (synced.append(fd), real(fd)))
    log = SegmentLog(settings, is_sync=True)

    async def hit() -> int:
        log.append(LINE)
        assert await log.kept()
        return len(synced)

    async def many() -> list[int]:
        return await asyncio.gather(*(hit() for _ in range(50)))

    assert min(run(many())) >= 1
    assert len(synced) < 10  # they wait together
    log.close()


def test_a_failed_fsync_is_told_and_the_log_goes_on_in_a_new_file(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync
    fails = [True]

    def failing(descriptor: int) -> None:
        if fails and fails.pop():
            raise OSError(errno.EIO, "broken")
        real(descriptor)

    monkeypatch.setattr(segments.os, "fsync", failing)
    log = SegmentLog(settings, is_sync=True)

    async def hit() -> bool:
        log.append(LINE)
        return await log.kept()

    assert not run(hit())
    assert run(hit())
    log.close()
    assert sum(path.read_bytes().count(LINE) for path in closed(settings)) == 2
    assert len(closed(settings)) == 2


def test_lines_are_on_the_disk_within_a_second(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[float] = []
    monkeypatch.setattr(segments.os, "fsync", lambda _: synced.append(time.monotonic()))
    log = SegmentLog(settings)
    begun = time.monotonic()
    appended(log)
    wait_for(lambda: bool(synced))
    assert synced[0] - begun < 1
    log.close()


def appended(log: SegmentLog) -> bool:
    """Append one line and hand it over."""
    log.append(LINE)
    return log.write_out()


def closed(settings: Settings) -> list[Path]:
    return sorted((settings.inbox / "pixels").glob("*.jsonl"))


def killed(settings: Settings, script: str) -> None:
    """Run a script with a log in a process of its own, and kill it."""
    begin = (
        "import os, sys; from pathlib import Path; from matchbook.settings import Settings; "
        "from ingest.collector.segments import SegmentLog; "
        "log = SegmentLog(Settings(home=Path(sys.argv[1])), max_age=1e9); "
    )
    end = "; os.kill(os.getpid(), 9)"
    command = [sys.executable, "-c", begin + script + end, str(settings.home)]
    assert subprocess.run(command, check=False, timeout=30).returncode == -9


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
