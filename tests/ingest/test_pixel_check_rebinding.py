"""DNS rebinding with a real name server and the system's own resolver (UX03, UX04, P32)."""

from __future__ import annotations

import json

import pytest

from tests.conftest import MISSING
from tests.own_network import is_possible, run_in_own_network

REFUSED = "refused: private_address"


@pytest.mark.needs("ip")
def test_p32_a_name_that_turns_leads_nowhere() -> None:
    if not is_possible():
        pytest.skip(f"{MISSING}user namespaces, which a network of its own needs")
    found = json.loads(run_in_own_network("tests.ingest.rebinding_world"))
    assert found["control"] == ["public", "secret"], "the names do turn"
    assert found["told"] == {
        "first look": "public",
        "asked for the first look": 1,
        "second look": REFUSED,
        "private": REFUSED,
        "mixed": REFUSED,
        "redirect to a private name": REFUSED,
        "redirect to a name that turns": REFUSED,
        "redirect to this machine": REFUSED,
    }
    assert found["connections"] == {"public": 1, "private": 0}
