"""Killed at any step, or two workers at once: no second effect, nobody missing (P25, AC14)."""

from __future__ import annotations

import random
import signal
from collections import Counter
from pathlib import Path

import pytest

from matchbook.failpoints import PUSH_FAILPOINTS
from matchbook.pushes import outbox
from matchbook.settings import Settings
from tests.cep_server import StandIn
from tests.exporters.cep.pushing import (
    activate,
    ask,
    cloned,
    contacts,
    group_of,
    later,
    make_shop,
    next_night,
    opt_out,
    person,
    work,
)
from tests.exporters.cep.worker import forked_worker_dies, run_worker
from tests.sizes import a_few_now

WRITES = ("membership/create", "membership/delete", "group/clone", "group/setAttributes")


def killed_at(settings: Settings, failpoint: str) -> None:
    worker = run_worker(settings, failpoint=failpoint)
    _, said = worker.communicate(timeout=60)
    assert worker.returncode == -signal.SIGKILL, said


def effects(cep: StandIn) -> Counter[tuple[str, str]]:
    """How often each writing call took effect for each person or group."""
    return Counter(
        (asked.method, asked.parameters.get("userId", ""))
        for asked in cep.asked()
        if asked.is_applied and asked.method in WRITES
    )


def blind_repeats(cep: StandIn) -> list[str]:
    """Calls for somebody that were made again without looking them up in between."""
    open_calls: set[tuple[str, str]] = set()
    found = []
    for asked in cep.asked():
        who = asked.parameters.get("userId", "")
        if asked.method == "membership/get":
            open_calls = {call for call in open_calls if call[1] != who}
        elif asked.method in WRITES[:2]:
            other = WRITES[asked.method == WRITES[0]]
            if (asked.method, who) in open_calls:
                found.append(who)
            open_calls = {*open_calls - {(other, who)}, (asked.method, who)}
    return found


@pytest.mark.parametrize(
    "failpoint", a_few_now((f for f in PUSH_FAILPOINTS if f != "push.read_back"), "push.answered")
)
def test_P25_AC14_killed_it_goes_on(shop: Settings, cep: StandIn, failpoint: str) -> None:
    push = ask(shop)
    killed_at(shop, failpoint)
    assert work(later(shop, minutes=1), push).state == "done"
    assert set(group_of(shop, cep).members) == contacts(range(30))
    assert len(cloned(cep)) == 1
    assert [call for call, times in effects(cep).items() if times > 1] == []
    assert blind_repeats(cep) == []


@pytest.mark.parametrize(
    "failpoint", a_few_now(["push.answered", "push.read_back"], "push.read_back")
)
def test_P25_AC14_killed_among_removals(shop: Settings, cep: StandIn, failpoint: str) -> None:
    work(shop, ask(shop))
    cep.world.journal.clear()
    night = next_night(shop, [person(n) for n in range(3, 33)])
    push = ask(night, key="again")
    killed_at(night, failpoint)
    done = work(later(night, minutes=1), push)
    assert done.state == "done"
    assert set(group_of(night, cep).members) == contacts(range(3, 33))
    assert [call for call, times in effects(cep).items() if times > 1] == []
    left = [i for i in outbox.intents(night, done) if i.reason == "left"]
    assert left == []


def test_two_workers_at_once(shop: Settings, cep: StandIn) -> None:
    push = ask(shop)
    workers = [run_worker(shop), run_worker(shop)]
    for worker in workers:
        _, said = worker.communicate(timeout=60)
        assert worker.returncode == 0, said
    assert outbox.get(shop, push.push_id).state == "done"
    assert set(group_of(shop, cep).members) == contacts(range(30))
    assert [call for call, times in effects(cep).items() if times > 1] == []


@pytest.mark.proof
def test_P25_AC14_killed_at_200_random_moments(tmp_path: Path, cep: StandIn) -> None:
    """Pushes of changing people, their worker killed 200 times at a step drawn by chance."""
    chance = random.Random(9)
    settings = make_shop(tmp_path / "home", [person(n) for n in range(40)])
    activate(settings, cep)
    push, out, kills, pushes = ask(settings), set[int](), 0, 1
    while kills < 200:
        if outbox.get(settings, push.push_id).state not in outbox.OPEN:
            out = set(chance.sample(range(40), 8))
            opt_out(settings, out)
            pushes += 1
            push = ask(settings, key=str(pushes))
        kills += forked_worker_dies(settings, chance.choice(PUSH_FAILPOINTS))
        settings = later(settings, minutes=2)
    done = work(settings, push)
    missing = contacts({*range(40)} - out) ^ set(group_of(settings, cep).members)
    repeats = blind_repeats(cep)
    print(f"{kills} kills in {pushes} pushes: {len(missing)} missing or extra, "
          f"{len(cloned(cep))} group, {len(repeats)} blind repeats")  # fmt: skip
    assert (done.state, missing, repeats, len(cloned(cep))) == ("done", set(), [], 1)
