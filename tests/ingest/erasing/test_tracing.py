"""Who a request means: one step from what it names, and nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.erasing.tracing import trace
from matchbook.erasure.people import Person
from matchbook.settings import Settings
from tests import erasing_world
from tests.conftest import NOW
from tests.erasing_world import ANNA, ANNA_TOO, BOB, CONTACT, COOKIES, REGISTRY, World, visitor


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return erasing_world.make(Settings(home=Path(tmp_path_factory.mktemp("world")), now=NOW))


def traced(world: World, *subjects: tuple[str, str], client_id: str = "acme") -> Person:
    asked = Person(7, client_id, subjects)
    found = trace(world.settings, REGISTRY, world.keys, [asked])[7]
    return Person(7, client_id, tuple(sorted(found)))


@pytest.mark.parametrize("by", ["record", "email", "contact"])
def test_a_person_is_found_by_whatever_names_her(world: World, by: str) -> None:
    subject = {
        "record": ("record", ANNA),
        "email": ("identifier", world.key("email", "anna")),
        "contact": ("cep_contact", str(CONTACT)),
    }[by]
    anna = traced(world, subject)
    assert anna.of("record") == {ANNA, ANNA_TOO}
    assert anna.of("cep_contact") == {str(CONTACT)}
    assert anna.of("identifier") == {world.key("email", "anna")}
    assert anna.of("visitor") == {visitor(1), visitor(4), visitor(5)}
    assert anna.of("partner_cookie") == {COOKIES[1], COOKIES[4]}


def test_what_others_bear_too_leads_to_them_only_when_it_was_named(world: World) -> None:
    home = world.key("phone", "home")
    assert traced(world, ("record", BOB)).of("record") == {BOB}
    assert traced(world, ("identifier", home)).of("record") == {ANNA, ANNA_TOO, BOB}


def test_a_client_has_its_own_people_only(world: World) -> None:
    stranger = traced(world, ("record", ANNA), client_id="beta")
    assert set(stranger.subjects) == {("record", ANNA)}
    reader = traced(world, ("identifier", world.key("email", "anna")), client_id="beta")
    assert reader.of("visitor") == {visitor(1)}


def test_nobody_found_is_held_by_what_was_named(world: World) -> None:
    assert traced(world, ("record", "unknown")).subjects == (("record", "unknown"),)
