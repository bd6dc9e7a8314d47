"""Kills, clocks, outages and races over a channel: P21, P22 and P23."""

from __future__ import annotations

import multiprocessing
import random
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from exporters.delivery import deliver_all
from matchbook import deliveries, registry
from matchbook.errors import Busy
from matchbook.failpoints import SENDING_FAILPOINTS
from matchbook.settings import Settings
from tests.conftest import NOW
from tests.exporters.channels import (
    data_files,
    deliver_at,
    is_final,
    ledger,
    night,
    open_channel,
    stored,
    taken,
    there,
)
from tests.exporters.nights import Pair, publish_pairs
from tests.night_process import run_killed_at
from tests.sizes import a_few_now

ONE, TWO, THREE = ("cx:a", "r1"), ("cx:b", "r2"), ("cx:c", "r3")
FIRST = NOW + timedelta(minutes=30)


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    folder = tmp_path / "drop"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(tmp_path: Path, drop: Path) -> Settings:
    """Piano, over a folder that is its own."""
    settings = Settings(home=tmp_path / "home", now=NOW)
    open_channel(settings, "piano", f"file://{drop}")
    return settings


KILLED = [(place, load_seq) for place in SENDING_FAILPOINTS for load_seq in (2, 3)]


@pytest.mark.parametrize(("place", "then"), a_few_now(KILLED, KILLED[0], KILLED[-1]))
def test_killed_while_sending(settings: Settings, drop: Path, place: str, then: int) -> None:
    """And run again for the same build, or for the one of the night after."""
    night(settings, 1, {ONE: 1, TWO: 1}, "piano")
    publish_pairs(settings, 2, {ONE: 2, THREE: 2}, "piano")
    tomorrow = replace(settings, now=FIRST + timedelta(days=1))
    run_killed_at(tomorrow, "deliver", place)
    assert ledger(settings)[-1].state == "sent"
    standing = {name: text for name, text in there(drop).items() if is_final(name)}
    assert standing.items() <= (standing | stored(settings, ledger(settings)[-1])).items()
    if then == 3:
        publish_pairs(settings, 3, {ONE: 2, THREE: 2, TWO: 3}, "piano")
    deliver_at(settings, FIRST + timedelta(days=then - 1, minutes=1))
    expected = {ONE, THREE} | ({TWO} if then == 3 else set())
    assert taken(drop) == expected
    assert [one.state for one in ledger(settings)][0 :: then - 1][-1] == "confirmed"
    assert deliveries.unsettled(settings, "casa", "piano") == []
    assert all(is_final(name) for name in there(drop))


NIGHT = st.fixed_dictionaries(
    {
        "appear": st.sets(st.sampled_from([ONE, TWO, THREE])),
        "vanish": st.sets(st.sampled_from([ONE, TWO, THREE]), max_size=2),
        "clock_off": st.sampled_from([0, 0, 0, 26, -26]),
        "runs": st.integers(0, 2),
        "is_away": st.booleans(),
    }
)


def act_out(nights: list[dict[str, object]], home: Path) -> None:
    """P22: and then a night on which all is well."""
    drop, gone = home / "drop", home / "gone"
    drop.mkdir()
    settings = Settings(home=home / "home", now=NOW)
    open_channel(settings, "piano", f"file://{drop}")
    seen: dict[Pair, int] = {}
    good = {"appear": set(), "vanish": set(), "clock_off": 0, "runs": 1, "is_away": False}
    for number, one in enumerate([*nights, good, good, good], start=1):
        seen |= dict.fromkeys(one["appear"], number)
        for pair in one["vanish"]:
            seen.pop(pair, None)
        publish_pairs(settings, number, seen, "piano")
        moment = FIRST + timedelta(days=number - 1, hours=one["clock_off"])
        if one["is_away"]:
            drop.rename(gone)
        for run in range(one["runs"]):
            deliver_at(settings, moment + timedelta(minutes=run))
        if one["is_away"]:
            gone.rename(drop)
    assert taken(drop) == set(seen)
    assert deliveries.unsettled(settings, "casa", "piano") == []


@examples(max_examples=4)
@given(nights=st.lists(NIGHT, min_size=1, max_size=5))
def test_p22_whatever_the_clock_does(nights: list[dict[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as home:
        act_out(nights, Path(home))


@pytest.mark.proof
@examples(max_examples=150)
@given(nights=st.lists(NIGHT, min_size=1, max_size=12))
def test_p22_many_histories(nights: list[dict[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as home:
        act_out(nights, Path(home))


def _race(home: Path, moment: datetime, outcome: multiprocessing.Queue[str]) -> None:
    settings = Settings(home=home, now=moment)
    try:
        deliver_all(settings, registry=registry.current(settings))
        outcome.put("done")
    except Busy:
        outcome.put("busy")


def race(settings: Settings, drop: Path, number: int) -> None:
    """P23: two at once behave as one."""
    context = multiprocessing.get_context("fork")
    publish_pairs(settings, number, {ONE: number, (f"cx:{number}", "r"): number}, "piano")
    outcome: multiprocessing.Queue[str] = context.Queue()
    moment = FIRST + timedelta(days=number - 1)
    both = [context.Process(target=_race, args=(settings.home, moment, outcome)) for _ in "ab"]
    for process in both:
        process.start()
    told = sorted(outcome.get(timeout=120) for _ in both)
    for process in both:
        process.join()
    assert told in (["busy", "done"], ["done", "done"])
    assert len(data_files(drop)) == number


def test_p23_two_at_once(settings: Settings, drop: Path) -> None:
    race(settings, drop, 1)
    assert taken(drop) == {ONE, ("cx:1", "r")}


@pytest.mark.proof
def test_p23_fifty_races(settings: Settings, drop: Path) -> None:
    for number in range(1, 51):
        race(settings, drop, number)
    assert taken(drop) == {ONE, ("cx:50", "r")}
    print("\nP23: 50 races of two deliveries, 50 files, each pair once")


@pytest.mark.proof
def test_p21_killed_at_any_moment(settings: Settings, drop: Path) -> None:
    """SIGKILL after a random time, over and over, until the delivery is through."""
    dice, kills, context = random.Random(5), 0, multiprocessing.get_context("fork")
    seen: dict[Pair, int] = {}
    for number in range(1, 16):
        seen |= {(f"cx:{number}-{n:05}", f"r{n}"): number for n in range(4000)}
        publish_pairs(settings, number, seen, "piano")
        moment = FIRST + timedelta(days=number - 1)
        for _ in range(4):
            arguments = (settings.home, moment, context.Queue())
            process = context.Process(target=_race, args=arguments)
            process.start()
            process.join(dice.uniform(0.0, 1.5))
            if process.is_alive():
                process.kill()
                kills += 1
            process.join()
        deliver_at(settings, moment + timedelta(hours=7), retry=True)
        assert len(data_files(drop)) == number
        assert all(is_final(name) for name in there(drop))
    assert taken(drop) == set(seen)
    for delivery in ledger(settings):
        assert stored(settings, delivery).items() <= there(drop).items()
    print(
        f"\nP21: 15 nights, {kills} kills at random moments; files per night 1, lost 0, doubled 0"
    )
