"""The lake without a person: her lines go, everybody else's stay, and so does the ledger."""

from __future__ import annotations

import pytest

from ingest.erasing.rewriting import counts, rewrite
from ingest.erasing.tracing import trace
from matchbook.erasure import requests, tombstones
from matchbook.erasure.people import Person
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse
from tests import erasing_world
from tests.erasing_world import ANNA, BOB, BOBS_CONTACT, COOKIES, REGISTRY, World, visitor


@pytest.fixture
def world(settings: Settings) -> World:
    return erasing_world.make(settings)


def erased(world: World, client_id: str = "acme") -> Person:
    """Anna, asked for and traced at a client."""
    named = [("identifier", world.key("email", "anna"))]
    (number,) = requests.ask(world.settings, "erasure", client_id, [named], by="a test")
    asked = Person(number, client_id, tuple(named))
    found = trace(world.settings, REGISTRY, world.keys, [asked])[number]
    requests.add_found(world.settings, requests.get(world.settings, number), found)
    return Person(number, client_id, tuple(sorted(found)))


def without(world: World, *people: Person) -> int:
    return rewrite(world.settings, REGISTRY, tombstones.load(world.settings), people)


def bytes_of(world: World) -> bytes:
    files = sorted(world.settings.lake.rglob("*.parquet"))
    return b"".join(path.read_bytes() for path in files)


def test_her_lines_go_and_no_others(world: World) -> None:
    anna = erased(world)
    known = tombstones.load(world.settings)
    assert counts(world.settings, REGISTRY, known, [anna])[anna.number] == {
        "hits": 6, "crm_rows": 2, "record_identifiers": 2, "record_attributes": 2,
    }  # fmt: skip
    assert without(world, anna) == 4
    with erasing_world.lake(world.settings) as tables:
        assert [row["crm_record_id"] for row in tables["crm_rows"]] == [BOB]
        assert [row["cep_contact_id"] for row in tables["crm_rows"]] == [BOBS_CONTACT]
        assert {row["identifier_key"] for row in tables["record_identifiers"]} == {
            world.key("email", "bob"), world.key("phone", "home")
        }  # fmt: skip
        assert [row["attribute_value"] for row in tables["record_attributes"]] == ["bronze"]
        hits = [(row["hit_type"], row["visitor_id"], row["publisher_id"]) for row in tables["hits"]]
    # The browser she shares is left to Bob; what the publisher tells Beta is Beta's.
    assert sorted(hits, key=str) == [
        ("bake", visitor(1), "daily"), ("identify", visitor(2), None),
        ("identify", visitor(3), None), ("sync", visitor(2), None), ("sync", visitor(3), None),
    ]  # fmt: skip
    assert without(world, anna) == 0


def test_a_publishers_line_goes_with_the_last_client_that_read_it(world: World) -> None:
    anna = erased(world)
    without(world, anna, erased(world, "beta"))
    left = bytes_of(world)
    for subject in (*anna.of("record"), *anna.of("visitor"), world.key("email", "anna"),
                    COOKIES[1]):  # fmt: skip
        assert subject.encode() not in left


def test_an_excerpt_that_shows_her_goes(world: World) -> None:
    bad = world.sync(1) | {"decision": "perhaps"}
    world.log(bad)
    before = bytes_of(world).count(COOKIES[1].encode())
    without(world, erased(world))
    assert bytes_of(world).count(COOKIES[1].encode()) < before


def test_the_ledger_stays_and_the_warehouse_comes_back_from_it(world: World) -> None:
    with open_warehouse(world.settings) as connection:
        before = connection.execute("from raw.loads order by load_seq").fetchall()
    without(world, erased(world))
    world.settings.warehouse.unlink()
    from ingest.landing import recover

    with open_warehouse(world.settings) as connection:
        recover(connection, world.settings)
        assert connection.execute("from raw.loads order by load_seq").fetchall() == before
        ((records,),) = connection.execute(
            "select list(crm_record_id) from raw.crm_rows"
        ).fetchall()
    assert records == [BOB]
    assert ANNA not in records
