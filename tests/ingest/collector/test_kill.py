"""SIGKILL under load: what was answered as tracked is in the log once and ingested (P1, P4)."""

from __future__ import annotations

import asyncio
import random
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from matchbook import registry as registries
from matchbook.keys import load_keys
from matchbook.settings import Settings
from tests.asynchronous import run
from tests.collecting import free_port, start, stop, wait_until_it_answers
from tests.inbox_landing import landed
from tests.load import LOADED, Sent, Told, hammered, mixed_calls
from tests.sizes import a_few_now

CONNECTIONS = 16


@pytest.mark.parametrize(("mode", "times"), a_few_now([("default", 2), ("sync", 1)], ("sync", 1)))
def test_killed_collectors_lose_nothing_acknowledged(tmp_path: Path, mode: str, times: int) -> None:
    lost, unaccounted, acknowledged = kill_often(Settings(home=tmp_path), times=times, mode=mode)
    assert (lost, unaccounted) == (0, 0)
    assert acknowledged > 20


@pytest.mark.proof
def test_two_hundred_kills(tmp_path: Path) -> None:
    """The stated size of P1 and P4."""
    lost, unaccounted, acknowledged = kill_often(Settings(home=tmp_path), times=200, mode="default")
    print(
        f"\n200 kills under load: {acknowledged:,} calls answered as tracked, {lost} lost, "
        f"{unaccounted} lines unaccounted for"
    )
    assert (lost, unaccounted) == (0, 0)


def kill_often(settings: Settings, *, times: int, mode: str) -> tuple[int, int, int]:
    """Start, load and kill; then how many acknowledged calls have no line, and how many had one.

    Each start closes the segments of the one before. Asserts that no call has two lines.
    """
    registries.replace(settings, LOADED, by="a test")
    keys = load_keys(settings.keys)
    random_ = random.Random(1)
    rounds: list[Told] = []
    for number in range(times):
        calls = mixed_calls(keys, seed=number, first=number * 1_000_000)
        rounds.append(run(killed_under_load(settings, calls, mode, random_)))
    last = start(settings, port := free_port(), {})
    wait_until_it_answers(last, port)
    stop(last)
    assert list(settings.collector.iterdir()) == []

    outcomes, hits = landed(settings, LOADED, keys)
    found = Counter(hit["partner_cookie_id"] or str(hit["cep_contact_id"]) for hit in hits)
    assert set(found.values()) == {1}
    acknowledged = [mark for told in rounds for mark in told.acknowledged]
    answers = sum(told.answers for told in rounds)
    unsure = sum(told.unsure for told in rounds)
    assert sum(told.errors for told in rounds) == 0
    assert {outcome for outcome, _ in outcomes} == {"accepted", "untracked", "quarantined"}
    assert not {reason for _, reason in outcomes} & {"unparseable", "control_char", "bad_encoding"}
    # A call may be written whose answer never came; never the other way round.
    lines = sum(outcomes.values())
    unaccounted = max(0, answers - lines) + max(0, lines - answers - unsure)
    return len([m for m in acknowledged if m not in found]), unaccounted, len(acknowledged)


async def killed_under_load(settings, calls, mode: str, random_: random.Random) -> Told:
    port = free_port()
    process = start(settings, port, {"MATCHBOOK_COLLECTOR_LOG": mode})
    try:
        await asyncio.to_thread(wait_until_it_answers, process, port)
        dying = killing(process, calls, after=random_.randrange(50, 1500))
        told = await hammered(port, dying, connections=CONNECTIONS, until=lambda: False)
    finally:
        process.kill()
        process.wait()
    assert told.answers
    return told


def killing(process: subprocess.Popen, calls: Iterator[Sent], *, after: int) -> Iterator[Sent]:
    """The calls; the process is killed when so many were taken."""
    for number, call in enumerate(calls):
        if number == after:
            process.kill()
        yield call
