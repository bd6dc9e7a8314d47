"""A small shop whose audience goes to the stand-in, and what a worker does about it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, timedelta
from functools import cache
from pathlib import Path

from exporters.cep.activation import check
from exporters.pushes import drain
from matchbook import state, suppressions
from matchbook.clock import Clock
from matchbook.kept_audiences import refreshing, store
from matchbook.pushes import accounts, asking, outbox, targets
from matchbook.pushes.outbox import Push
from matchbook.settings import Settings
from tests.cep_server import Group, StandIn
from tests.cep_server.store import FIRST_CONTACT
from tests.matchbook.kept_audiences.nights import (
    FIRST,
    SHOP,
    Person,
    in_segment,
    make_client,
    publish_night,
)

LOYAL = "loyal"


def person(number: int, segment: str = LOYAL, **more: object) -> Person:
    """Somebody whose CEP contact is the stand-in's contact of that number (from 0)."""
    contact = FIRST_CONTACT + number
    return Person(number + 1, f"r{number}", segment, contact=contact, **more)  # type: ignore[arg-type]


def make_shop(home: Path, people: Iterable[Person] = ()) -> Settings:
    """The shop after one night, with the audience of its loyal customers."""
    if not people:
        shutil.copytree(Path(_thirty().name) / "home", home)
        return Settings(home=home, now=FIRST)
    settings = make_client(Settings(home=home, now=FIRST))
    settings = publish_night(settings, 0, people)
    store.create(settings, SHOP, in_segment(LOYAL, "Loyal"), by="test")
    refreshing.refresh(settings, SHOP)
    return settings


@cache
def _thirty() -> tempfile.TemporaryDirectory[str]:
    """The shop with thirty loyal people, made once."""
    made = tempfile.TemporaryDirectory()
    make_shop(Path(made.name) / "home", [person(n) for n in range(30)])
    return made


def next_night(settings: Settings, people: Iterable[Person], night: int = 1) -> Settings:
    """Another night with these people, audiences refreshed."""
    made = publish_night(settings, night, people)
    refreshing.refresh(made, SHOP)
    return made


def activate(settings: Settings, cep: StandIn, **other: str) -> str | None:
    """Enter the stand-in's account and check it; the problem, or None."""
    fields = {"api_url": cep.url, "group_id": str(cep.default_group), "user_name": cep.user,
              "password": cep.password}  # fmt: skip
    asked = accounts.ask(settings, SHOP, by="test", **{**fields, **other})
    return check(settings, asked)


def ask(settings: Settings, *, follows: bool = False, key: str = "k", name: str = "Loyal") -> Push:
    """Press *Push to CEP*."""
    return asking.push(settings, SHOP, LOYAL, name=name, follows=follows, key=key, by="test")


def work(settings: Settings, push: Push, *, hours: float = 2) -> Push:
    """A worker that comes back whenever something is due, for so long by its clock."""
    clock = Clock(settings.now)
    assert clock.fixed is not None
    end = clock.fixed + timedelta(hours=hours)
    while clock.now() < end:
        drain(settings, clock=clock)
        now = outbox.get(settings, push.push_id)
        if now.state not in outbox.OPEN:
            return now
        due = now.next_attempt_at.replace(tzinfo=UTC) if now.next_attempt_at else clock.now()
        clock.sleep(max((due - clock.now()).total_seconds(), 1))
    return outbox.get(settings, push.push_id)


def group_of(settings: Settings, cep: StandIn) -> Group:
    """The audience's group there."""
    target = targets.find(settings, SHOP, LOYAL)
    assert target is not None
    assert target.group_id is not None
    return cep.store.groups[target.group_id]


def cloned(cep: StandIn) -> list[Group]:
    """Every group that was ever cloned there."""
    return [group for group in cep.store.groups.values() if group.cloned_from]


def opt_out(settings: Settings, numbers: Iterable[int]) -> None:
    """Exactly these have opted out now: who did before is back."""
    with state.begin(settings) as connection:
        connection.execute(state.suppressions.delete())
    for number in numbers:
        suppressions.add(
            settings, subject_type="cep_contact", subject_id=str(FIRST_CONTACT + number)
        )


def contacts(numbers: Iterable[int]) -> set[int]:
    """Their contact numbers in CEP."""
    return {FIRST_CONTACT + number for number in numbers}


def later(settings: Settings, **delta: float) -> Settings:
    """The same home some time later."""
    assert settings.now is not None
    return replace(settings, now=settings.now + timedelta(**delta))
