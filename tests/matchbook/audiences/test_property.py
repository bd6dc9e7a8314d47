"""The compiler's members are those a slow, obviously right evaluation finds."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from matchbook.audiences import (
    Definition,
    World,
    compile_audience,
    explain,
    funnel,
    members,
    of,
    read,
    size,
    write,
)
from matchbook.audiences.context import SAMPLE
from matchbook.audiences.sampling import SAMPLE_BELOW
from tests.matchbook.audiences import drawing, oracle
from tests.matchbook.audiences.worlds import AS_OF, TIME_ZONE, Stage, connect

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def agree(
    stage: Stage, drawn: dict[str, Any], other: dict[str, Any], deeper: dict[str, Any]
) -> None:
    definition = of(**drawn)
    others: dict[str, Definition] = {
        # No leave box: a reference is looked through, not looked up.
        "other": of(**{**other, "leave": None}),
        "deeper": of(**{**deeper, "leave": None}),
        "kept": of(name="kept", enter={"kind": "is", "what": "matched"}, expires_after_days=3),
    }
    world = World(AS_OF, TIME_ZONE, others.get)
    expected = oracle.members(definition, stage, others)
    with closing(connect(stage)) as connection:
        note(repr(definition))
        assert members(definition, world, connection) == sorted(expected)
        reachable = oracle.reachable(expected, stage)
        counted = size(definition, world, connection)
        assert (counted.people, counted.reachable) == (len(expected), reachable)
        sampled = compile_audience(definition, world, scope=SAMPLE).rows(connection)
        assert {key for (key,) in sampled} == {key for key in expected if key < SAMPLE_BELOW}
        steps = funnel(definition, world, connection)
        assert steps[-1].left == len(expected)
        person = stage.people[0]
        reasons = explain(definition, person.member_key, world, connection)
        told = None if person.is_suppressed else person.member_key in expected
        assert reasons.qualifies == told
    assert read(write(definition)) == definition


@settings(max_examples=9, deadline=None, suppress_health_check=SLOW, derandomize=True)
@given(
    drawing.stages(),
    drawing.definitions(),
    drawing.definitions(("deeper", "kept")),
    drawing.definitions(()),
)
def test_compiled_equals_slow(
    stage: Stage, drawn: dict[str, Any], other: dict[str, Any], deeper: dict[str, Any]
) -> None:
    agree(stage, drawn, other, deeper)


def agree_on_each(stage: Stage, drawn: list[dict[str, Any]]) -> None:
    world = World(AS_OF, TIME_ZONE)
    with closing(connect(stage)) as connection:
        for condition in drawn:
            definition = of(name="one", enter=condition, look_back_days=20)
            expected = oracle.members(definition, stage, {})
            assert members(definition, world, connection) == sorted(expected), definition


@settings(max_examples=15, deadline=None, suppress_health_check=SLOW, derandomize=True)
@given(drawing.stages(), st.lists(drawing.conditions(()), min_size=8, max_size=8))
def test_each_condition_alone(stage: Stage, drawn: list[dict[str, Any]]) -> None:
    agree_on_each(stage, drawn)


@pytest.mark.proof
@settings(max_examples=500, deadline=None, suppress_health_check=SLOW, derandomize=True)
@given(drawing.stages(), st.lists(drawing.conditions(()), min_size=8, max_size=8))
def test_each_condition_alone_very_often(stage: Stage, drawn: list[dict[str, Any]]) -> None:
    agree_on_each(stage, drawn)


@pytest.mark.proof
@settings(max_examples=1_500, deadline=None, suppress_health_check=SLOW, derandomize=True)
@given(
    drawing.stages(),
    drawing.definitions(),
    drawing.definitions(("deeper", "kept")),
    drawing.definitions(()),
)
def test_compiled_equals_slow_very_often(
    stage: Stage, drawn: dict[str, Any], other: dict[str, Any], deeper: dict[str, Any]
) -> None:
    agree(stage, drawn, other, deeper)
