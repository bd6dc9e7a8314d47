"""Between a stored definition and the screen nothing is lost, and nothing is made up."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.app_pages import audience_kinds as kinds
from dashboard.app_pages.audience_draft import (
    Row,
    condition_of,
    countable,
    from_definition,
    reads_single_hits,
    to_definition,
)
from dashboard.app_pages.audience_templates import TEMPLATES, from_template
from matchbook.audiences import of

ORIGIN = ("shop", "", "")
IS = {"kind": "is", "what": "matched"}
NOT = {"kind": "not", "of": {"kind": "is", "what": "cep_reachable"}}
BUSY = {"kind": "total", "of": "hits", "at_least": 3}
PAGE = {"kind": "did", "action": {"what": "visited", "page": {"value": "/pricing"}}}


def either(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "any", "of": nodes}


def both(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "all", "of": nodes}


SHOWN = {
    "one": (IS, [1]),
    "not": (NOT, [1]),
    "or": (either(IS, NOT), [2]),
    "and": (both(IS, NOT, BUSY), [1, 1, 1]),
    "groups": (both(either(IS, BUSY), NOT), [2, 1]),
}
DEEPER = {
    "and in or": either(IS, both(NOT, BUSY)),
    "not of a group": {"kind": "not", "of": both(IS, BUSY)},
    "and in and": both(IS, both(NOT, BUSY)),
    "twice not": {"kind": "not", "of": NOT},
}


@pytest.mark.parametrize("shape", SHOWN)
def test_groups_and_back(shape: str) -> None:
    tree, sizes = SHOWN[shape]
    definition = of(name="x", enter=tree, leave=NOT, expires_after_days=3, owner="me")
    draft = from_definition(ORIGIN, definition)
    assert [len(group) for group in draft.groups["enter"]] == sizes
    assert draft.deep == {}
    assert to_definition(draft) == definition


@pytest.mark.parametrize("shape", DEEPER)
def test_what_nests_deeper_stays_as_it_is(shape: str) -> None:
    definition = of(name="x", enter=DEEPER[shape])
    draft = from_definition(ORIGIN, definition)
    assert draft.groups["enter"] == []
    assert to_definition(draft) == definition


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_each_kind_of_condition_begins_as_itself(kind: str) -> None:
    condition = kinds.begin(kind)
    assert kinds.kind_of(condition) == kind
    chosen = "" not in [str(value) for value in _leaves(condition)]
    assert (condition_of(Row(condition)) is not None) == chosen


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in _leaves(part)]
    return [value]


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_template_has_a_name_and_a_condition(template: str) -> None:
    draft = from_template(ORIGIN, template)
    assert draft.settings["name"] == TEMPLATES[template].title
    finished = template not in ("section", "list")
    assert (countable(draft) is not None) == finished


def test_what_is_estimated_first() -> None:
    assert reads_single_hits(of(name="x", enter=both(IS, PAGE)))
    assert reads_single_hits(of(name="x", enter=IS, leave=PAGE))
    assert not reads_single_hits(of(name="x", enter=both(IS, NOT, BUSY)))
