"""A definition is whole or refused, with what happened, what was kept and what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from matchbook.audiences import Definition, World, compile_audience, of, read, write
from matchbook.audiences.references import check, in_order, referred
from matchbook.errors import AudienceInvalid
from tests.matchbook.audiences.worlds import AS_OF

MATCHED = {"kind": "is", "what": "matched"}
SECRET = "jan@example.org"


def refused(**fields: Any) -> AudienceInvalid:
    with pytest.raises(AudienceInvalid) as caught:
        of(**{"name": "x", "enter": MATCHED, **fields})
    assert caught.value.kept
    assert caught.value.todo
    assert SECRET not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"name": ""}, id="UI07-empty"),
        pytest.param({"name": "   "}, id="UI07-blank"),
        pytest.param({"name": "x" * 10_000}, id="UI07-10000-characters"),
        pytest.param({"name": "a\x00b"}, id="nul"),
        pytest.param({"name": "\ud800"}, id="half a character"),
        pytest.param({"enter": {"kind": "all", "of": []}}, id="empty group"),
        pytest.param({"enter": {"kind": SECRET}}, id="unknown kind"),
        pytest.param({"enter": MATCHED | {SECRET: 1}}, id="unknown field"),
        pytest.param({"format": 2}, id="later format"),
        pytest.param({"look_back_days": 0}, id="no look-back"),
        pytest.param({"look_back_days": 401}, id="look-back longer than the history"),
        pytest.param({"look_back_days": True}, id="true is not a number"),
        pytest.param({"look_back_days": SECRET}, id="text is not a number"),
        pytest.param({"holdout_percent": 51}, id="more held out than not"),
        pytest.param(
            {"enter": {"kind": "in_share", "percent": float("nan"), "salt": "a"}}, id="nan"
        ),
        pytest.param(
            {"enter": {"kind": "did", "action": {"what": "visited", "event": {"value": "x"}}}},
            id="a visit has no event",
        ),
        pytest.param(
            {"enter": {"kind": "attribute", "name": "x", "test": {"type": "number"}}},
            id="a number without ends",
        ),
        pytest.param({"enter": {"kind": "all", "of": [MATCHED] * 201}}, id="too many"),
    ],
)
def test_what_is_refused(fields: dict[str, Any]) -> None:
    refused(**fields)


def test_too_deep_is_refused_however_deep() -> None:
    for depth in (21, 300, 5_000):
        node = json.dumps(MATCHED)
        nested = '{"kind":"not","of":' * depth + node + "}" * depth
        with pytest.raises(AudienceInvalid):
            read(f'{{"name":"x","enter":{nested}}}')


@pytest.mark.parametrize("document", ["", "null", "[]", "{", '{"name":1}', "\x00", b"\xff"])
def test_what_is_no_definition_is_refused(document: str | bytes) -> None:
    with pytest.raises(AudienceInvalid):
        read(document)


def test_markup_in_a_name_is_kept_as_text() -> None:
    # UI07: whoever shows it escapes it.
    name = "<img src=x onerror=alert(1)> **bold** 🎉"
    assert read(write(of(name=name, enter=MATCHED))).name == name


def test_what_is_written_is_read_again() -> None:
    definition = of(
        name=" Lapsed ",
        owner="marketing",
        categories=["mail"],
        expires_after_days=30,
        enter={"kind": "not", "of": {"kind": "since", "what": "last_seen", "days": 30}},
    )
    assert read(write(definition)) == definition
    assert definition.name == "Lapsed"
    assert definition.keeps_people
    assert json.loads(write(definition))["format"] == 1


def inside(*audiences: str) -> Definition:
    of_ = [{"kind": "in_audience", "audience": audience} for audience in audiences]
    return of(name="x", enter={"kind": "all", "of": [*of_, MATCHED]})


@pytest.mark.parametrize(
    "others",
    [{"b": inside("a")}, {"b": inside("c"), "c": inside("a")}, {"b": inside("b")}, {}],
    ids=["two", "three", "itself", "nothing there"],
)
def test_circles_and_gaps_are_refused(others: dict[str, Definition]) -> None:
    with pytest.raises(AudienceInvalid):
        check("a", inside("b"), others.get)
    stored = {"a": inside("b"), **others}
    with pytest.raises(AudienceInvalid):
        compile_audience(stored["a"], World(AS_OF, resolve=stored.get))


def test_a_circle_through_what_is_kept_is_refused_too() -> None:
    keeps = of(name="x", enter={"kind": "in_audience", "audience": "a"}, expires_after_days=3)
    with pytest.raises(AudienceInvalid):
        check("a", inside("b"), {"b": keeps}.get)


def test_each_comes_after_those_it_refers_to() -> None:
    stored = {"a": inside("b", "c"), "b": inside("c"), "c": inside(), "d": inside()}
    assert in_order(stored, stored.get) == ("c", "b", "a", "d")
    assert referred(stored["a"]) == ("b", "c")


def test_many_references_to_one_audience_are_compiled_once() -> None:
    stored = {f"a{n}": inside(f"a{n + 1}", f"a{n + 1}") for n in range(15)} | {"a15": inside()}
    sql = compile_audience(stored["a0"], World(AS_OF, resolve=stored.get)).sql
    assert sql.count("is_matched") == 16
