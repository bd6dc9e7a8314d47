"""A browser that asks on the opt-out page to be erased is so at every client that has it."""

from __future__ import annotations

from itertools import count

import pytest

from matchbook.cli.page_requests import BY, ask_from_pages
from matchbook.consent import ERASE
from matchbook.erasure import requests
from matchbook.settings import Settings
from tests import erasing_world
from tests.erasing_world import World, visitor


@pytest.fixture
def world(settings: Settings) -> World:
    made = erasing_world.make(settings)
    made._numbers = count(1000)  # its hits have ids of their own
    return made


def withdraw(browser: int, basis: str | None) -> dict[str, object]:
    """The collector's line of a press on the opt-out page."""
    return {"type": "withdraw", "visitor": visitor(browser), "decision": "withdraw", "basis": basis,
            "reason": "opted_out", "site": None, "partner": None, "cookieid": None}  # fmt: skip


def test_each_client_that_has_the_browser_is_asked_once(world: World) -> None:
    assert world.log(withdraw(1, ERASE), withdraw(2, None)).untracked == 2
    # Acme has it by its site, Beta by the publisher that it reads as well.
    assert ask_from_pages(world.settings) == 2
    found = requests.all_of(world.settings)
    assert {(one.client_id, one.kind, one.asked_by) for one in found} == {
        ("acme", "erasure", BY), ("beta", "erasure", BY),
    }  # fmt: skip
    for one in found:
        assert requests.subjects_of(world.settings, one) == [("visitor", visitor(1))]
    assert ask_from_pages(world.settings) == 0


def test_a_mere_opt_out_asks_nothing(world: World) -> None:
    world.log(withdraw(1, None), withdraw(2, "tcf"))
    assert ask_from_pages(world.settings) == 0


def test_only_a_withdrawal_asks(world: World) -> None:
    world.log(world.sync(1) | {"basis": ERASE})
    assert ask_from_pages(world.settings) == 0


def test_one_that_was_erased_is_not_asked_for_again(world: World) -> None:
    world.log(withdraw(1, ERASE))
    ask_from_pages(world.settings)
    for one in requests.all_of(world.settings):
        requests.finish(world.settings, one)
    assert ask_from_pages(world.settings) == 0
