"""What each condition of a seed gives away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from matchbook.audiences import World, of
from matchbook.lookalikes.features import Feature
from matchbook.lookalikes.leaks import Leaks, leaks_of
from tests.matchbook.lookalikes.shops import did

TEXT = {"type": "text", "match": {"value": "loyal"}}
LOYAL = {"kind": "attribute", "name": "segment", "test": TEXT}


def leaks(enter: dict[str, Any], **more: Any) -> Leaks:
    known = {
        "seed": of(name="seed", enter=enter, **more),
        "other": of(name="other", enter=LOYAL),
    }
    return leaks_of("seed", World(datetime(2026, 11, 20), resolve=known.get))


@pytest.mark.parametrize(
    ("enter", "families", "volume"),
    [
        (did("visited", section="sale"), {"referrer"}, False),
        (did("event", event="buy"), {"referrer"}, False),
        (did("visited"), {"activity", "recency"}, True),
        ({"kind": "total", "of": "hits", "at_least": 9}, {"activity", "recency"}, True),
        ({"kind": "since", "what": "last_seen", "days": 9}, {"activity", "recency"}, True),
        ({"kind": "since", "what": "uploaded", "days": 9}, {"contact"}, False),
        ({"kind": "is", "what": "cep_reachable"}, {"contact"}, False),
        (LOYAL, {"contact"}, False),
        ({"kind": "in_audience", "audience": "other"}, {"contact"}, False),
        (
            {"kind": "uses", "what": "browser", "match": {"value": "Firefox"}},
            {"device_type", "browser", "operating_system"},
            False,
        ),
        (
            did("clicked"),
            {"mail", "contact", "referrer", "number", "yes_no", "date", "text"},
            False,
        ),
        ({"kind": "in_share", "percent": 5, "salt": "s"}, set(), False),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else None,
)
def test_what_is_not_used(enter: dict[str, Any], families: set[str], volume: bool) -> None:
    found = leaks(enter)
    assert (found.families, found.uses_volume) == (families, volume)


def test_only_the_attribute_asked_for_is_hidden() -> None:
    found = leaks(LOYAL)
    assert found.hides(Feature("text", "loyal", "segment"))
    assert not found.hides(Feature("number", "orders"))
    assert found.only == "matched"
    assert any("only hold people matched" in said for said in found.words())


def test_a_box_to_leave_tells_as_much_as_one_to_enter() -> None:
    found = leaks(did("visited", section="garden"), leave=did("event", event="buy"))
    assert len(found.actions) == 2
    assert found.only == "everyone"


def test_of_alternatives_all_must_need_the_same() -> None:
    reachable = {"kind": "is", "what": "cep_reachable"}
    assert leaks({"kind": "all", "of": [LOYAL, reachable]}).only == "cep_reachable"
    assert leaks({"kind": "any", "of": [LOYAL, did("visited")]}).only == "everyone"
    assert leaks({"kind": "not", "of": LOYAL}).only == "everyone"
