"""Definitions in plain words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from matchbook.audiences import of
from matchbook.audiences.sentences import describe
from tests.matchbook.audiences import drawing

CLICKED = {"kind": "did", "action": {"what": "clicked"}, "days": 1}


def said(enter: dict[str, Any], **more: Any) -> str:
    return describe(of(name="x", enter=enter, **more))


@pytest.mark.parametrize(
    ("enter", "words"),
    [
        (
            {
                "kind": "did",
                "action": {
                    "what": "visited",
                    "page": {"operator": "contains", "value": "/pricing"},
                },
                "at_least": 2,
            },
            "has visited a page that contains “/pricing” · at least 2 times · in the last 30 days",
        ),
        ({"kind": "not", "of": CLICKED}, "has not clicked an e-mail · in the last 1 day"),
        (
            {"kind": "not", "of": {"kind": "since", "what": "last_seen", "days": 30}},
            "was not last seen in the last 30 days",
        ),
        (
            {
                "kind": "sequence",
                "first": {"what": "read", "message": {"value": "m1"}},
                "then": {"what": "event", "event": {"value": "buy"}},
                "within_hours": 48,
                "days": 60,
            },
            "has read online e-mail “m1” · then done event “buy” · within 2 days"
            " · in the last 60 days",
        ),
        (
            {
                "kind": "not",
                "of": {
                    "kind": "attribute",
                    "name": "orders",
                    "test": {"type": "number", "at_least": 2, "at_most": 5.5},
                },
            },
            "has no CRM record whose “orders” is at least 2 and is at most 5.5",
        ),
        (
            {
                "kind": "did",
                "action": {"what": "called"},
                "when": {"weekdays": [6, 5], "from_hour": 18},
            },
            "has been seen · on Saturday or Sunday · between 18:00 and 24:00 · in the last 30 days",
        ),
    ],
)
def test_a_condition_is_a_sentence(enter: dict[str, Any], words: str) -> None:
    assert said(enter) == f"Everyone who {words}."


def test_groups_leave_and_rest() -> None:
    both = {"kind": "any", "of": [CLICKED, {"kind": "is", "what": "matched"}]}
    text = said(
        {"kind": "all", "of": [both, {"kind": "in_audience", "audience": "lapsed"}]},
        leave={"kind": "is", "what": "cep_contact"},
        expires_after_days=90,
        holdout_percent=10,
    )
    assert text == (
        "Everyone who (has clicked an e-mail · in the last 1 day OR is matched with a CRM record)"
        " AND is in audience “lapsed”. Out goes everyone who is linked to a CEP contact."
        " Out goes everyone 90 days after they came. A random 10 % is never pushed."
    )


@settings(max_examples=100, deadline=None)
@given(drawing.definitions())
def test_every_definition_can_be_told(drawn: dict[str, Any]) -> None:
    assert describe(of(**drawn)).endswith(".")
