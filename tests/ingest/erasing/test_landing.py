"""Who is erased does not come in again, by whatever file; who consented anew does."""

from __future__ import annotations

import pytest

from matchbook.erasure import requests
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse
from tests import erasing_world
from tests.erasing_world import ANNA, BOB, CONTACT, UPLOAD, World, sha256, visitor


@pytest.fixture
def world(settings: Settings) -> World:
    """Nothing has landed; Anna is to be erased by record, address, contact and browser."""
    erasing_world.registries.replace(settings, erasing_world.REGISTRY, by="a test")
    world = World(settings)
    anna = [("record", ANNA), ("cep_contact", str(CONTACT)), ("visitor", visitor(1)),
            ("identifier", world.key("email", "anna"))]  # fmt: skip
    requests.ask(settings, "erasure", "acme", [anna], by="a test")
    return world


def landed(world: World, query: str) -> list[tuple[object, ...]]:
    with open_warehouse(world.settings) as connection:
        return connection.execute(query).fetchall()


def test_rows_that_name_her_are_not_taken_in(world: World) -> None:
    result = world.upload(UPLOAD)
    assert (result.lines, result.accepted, result.untracked) == (3, 1, 2)
    assert landed(world, "select distinct crm_record_id from raw.crm_rows") == [(BOB,)]
    assert landed(world, "select reason from raw.line_outcomes where outcome = 'untracked'") == [
        ("opted_out",)
    ]


@pytest.mark.parametrize("cells", [
    f"{ANNA},,", f"NEW-1,{sha256('anna')},", f"NEW-1,,{CONTACT}",
], ids=["record", "address under another record", "contact under another record"])  # fmt: skip
def test_under_another_name_neither(world: World, cells: str) -> None:
    result = world.upload(f"crm_record_id,email_sha256,cep_contact_id\n{cells}\n")
    assert (result.accepted, result.untracked) == (0, 1)
    for table in ("crm_rows", "record_identifiers"):
        assert landed(world, f"from raw.{table}") == []


def test_her_calls_are_not_tracked_and_others_are(world: World) -> None:
    calls = (world.sync(1), world.sign_in(2, "anna"), world.click(4, CONTACT), world.sync(3))
    result = world.log(*calls, world.bake(3, "anna"))
    assert (result.accepted, result.untracked) == (2, 3)
    found = landed(world, "select hit_type, visitor_id from raw.hits order by all")
    assert found == [("bake", visitor(3)), ("sync", visitor(3))]


def test_a_rejected_call_of_hers_leaves_no_excerpt(world: World) -> None:
    odd = {"decision": "perhaps"}
    result = world.log(world.sync(1) | odd, world.sync(3) | odd)
    assert result.quarantined == 2
    (hers,), (theirs,) = landed(world, "select excerpt from raw.quarantine order by line_number")
    assert hers is None
    assert theirs is not None


def test_who_consented_anew_comes_in(world: World) -> None:
    assert requests.lift(world.settings, "acme", [("record", ANNA)], by="a test") == 1
    assert world.upload(UPLOAD).untracked == 0
    assert world.log(world.sync(1), world.click(4, CONTACT)).untracked == 0
