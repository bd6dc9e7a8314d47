"""Whatever befalls the calls, the group equals the audience in the end, and there is one (P24)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matchbook import state
from matchbook.pushes import asking, outbox
from matchbook.pushes.outbox import Push
from matchbook.settings import Settings
from tests.cep_server import StandIn, example_store, running
from tests.cep_server.faults import SCRIPTED
from tests.exporters.cep.pushing import (
    activate,
    ask,
    cloned,
    contacts,
    group_of,
    later,
    make_shop,
    opt_out,
    person,
    work,
)

PEOPLE = 29
FAULTS = st.lists(st.sampled_from((*SCRIPTED, "429", "503")), max_size=12)
OUT = st.sets(st.integers(0, PEOPLE - 1), max_size=PEOPLE - 26)
NIGHTS = st.lists(st.tuples(OUT, FAULTS), min_size=1, max_size=2)
QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck), "derandomize": True}


@pytest.fixture(scope="module")
def cep() -> Iterator[StandIn]:
    with running(contacts=PEOPLE) as server:
        yield server


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, cep: StandIn) -> Settings:
    """An active shop that has not pushed yet."""
    made = make_shop(tmp_path_factory.mktemp("faults") / "home", [person(n) for n in range(PEOPLE)])
    assert activate(made, cep) is None
    return made


@settings(max_examples=4, **QUIET)
@given(nights=NIGHTS)
def test_P24_some_scripts(
    template: Settings, cep: StandIn, nights: list[tuple[set[int], list[str]]]
) -> None:
    check(template, cep, nights)


@pytest.mark.proof
@settings(max_examples=500, **QUIET)
@given(nights=NIGHTS)
def test_P24_500_scripts(
    template: Settings, cep: StandIn, nights: list[tuple[set[int], list[str]]]
) -> None:
    check(template, cep, nights)


def check(template: Settings, cep: StandIn, nights: list[tuple[set[int], list[str]]]) -> None:
    """Push once a night through the faults, then once more through none."""
    cep.world.store = example_store(PEOPLE)
    cep.world.journal.clear()
    home = Path(template.home).with_name("example")
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(template.home, home)
    shop = Settings(home=home, now=template.now)
    try:
        for number, (out, faults) in enumerate([*nights, (nights[-1][0], [])]):
            opt_out(shop, out)
            cep.faults.script = list(faults)
            through(shop, ask(shop, key=str(number)))
            shop = later(shop, days=1)
        group = group_of(shop, cep)
        assert set(group.members) == contacts({*range(PEOPLE)} - nights[-1][0])
        assert cloned(cep) == [group]
    finally:
        state.forget_connections()


def through(shop: Settings, push: Push) -> None:
    """A worker and somebody who presses *Try again* in the morning."""
    for hours in range(0, 30, 3):
        moment = later(shop, hours=hours)
        now = work(moment, push)
        if now.state == "done":
            return
        assert now.state == "failed", now
        asking.retry(moment, outbox.get(moment, push.push_id))
    raise AssertionError("it never ends")
