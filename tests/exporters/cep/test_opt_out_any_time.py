"""P41 at CEP: whoever opts out, also in the middle of a push, is in no group after the next one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exporters.cep.client import Cep
from matchbook import state, suppressions
from matchbook.settings import Settings
from tests.cep_server import StandIn, example_store, running
from tests.cep_server.store import FIRST_CONTACT
from tests.exporters.cep.pushing import (
    activate,
    ask,
    cloned,
    contacts,
    group_of,
    later,
    make_shop,
    person,
    work,
)

PEOPLE = 33
OUT = st.lists(st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, 40), st.booleans()), max_size=4)
"""Who opts out, after how many calls of that night's push, as a contact or as a record."""
NIGHTS = st.lists(OUT, min_size=1, max_size=2)
QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck), "derandomize": True}


@pytest.fixture(scope="module")
def cep() -> Iterator[StandIn]:
    with running(contacts=PEOPLE) as server:
        yield server


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, cep: StandIn) -> Settings:
    """An active shop that has not pushed yet."""
    made = make_shop(tmp_path_factory.mktemp("outs") / "home", [person(n) for n in range(PEOPLE)])
    assert activate(made, cep) is None
    return made


@settings(max_examples=3, **QUIET)
@given(nights=NIGHTS)
def test_P41_opt_outs_during_some_pushes(
    template: Settings, cep: StandIn, nights: list[list[tuple[int, int, bool]]]
) -> None:
    check(template, cep, nights)


@pytest.mark.proof
@settings(max_examples=20, **QUIET)
@given(nights=NIGHTS)
def test_P41_opt_outs_during_20_pushes(
    template: Settings, cep: StandIn, nights: list[list[tuple[int, int, bool]]]
) -> None:
    check(template, cep, nights)


def check(template: Settings, cep: StandIn, nights: list[list[tuple[int, int, bool]]]) -> None:
    """Push once a night, then once more: nobody who was out before a push is called in by it."""
    cep.world.store = example_store(PEOPLE)
    home = Path(template.home).with_name("example")
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(template.home, home)
    shop = Settings(home=home, now=template.now)
    out: set[int] = set()
    try:
        for number, planned in enumerate([*nights, []]):
            cep.world.journal.clear()
            with meanwhile(shop, planned) as (gone, added):
                assert work(shop, ask(shop, key=str(number))).state == "done"
            assert not added & contacts(out)
            out |= gone
            shop = later(shop, days=1)
        group = group_of(shop, cep)
        assert set(group.members) == contacts({*range(PEOPLE)} - out)
        assert cloned(cep) == [group]
    finally:
        state.forget_connections()


@contextmanager
def meanwhile(
    shop: Settings, planned: list[tuple[int, int, bool]]
) -> Iterator[tuple[set[int], set[int]]]:
    """Opt people out while calls are made; who did, and which contacts were added."""
    calls = 0
    gone: set[int] = set()
    added: set[int] = set()
    real = Cep.add

    def opt_out(upto: int | None = None) -> None:
        for number, after, as_contact in planned:
            if number not in gone and (upto is None or after <= upto):
                kind = "cep_contact" if as_contact else "record"
                subject = str(FIRST_CONTACT + number) if as_contact else f"r{number}"
                suppressions.add(shop, subject_type=kind, subject_id=subject)
                gone.add(number)

    def add(client: Cep, contact_id: int, group_id: int) -> Any:
        nonlocal calls
        calls += 1
        opt_out(calls)
        added.add(contact_id)
        return real(client, contact_id, group_id)

    with patch.object(Cep, "add", add):
        yield gone, added
    opt_out()
