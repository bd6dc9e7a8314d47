"""Groups as counts by a hash of their people: enough to see that two cannot be nearly the same."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
from sqlglot import exp

from matchbook.audiences.compiler import counted, everybody, finished
from matchbook.audiences.context import Context, World, new_context
from matchbook.audiences.definition import All, Definition, Node
from matchbook.audiences.funnel_steps import tests_of
from matchbook.audiences.query import Query

BUCKETS = 97

Shape = tuple[int, ...]
"""People by their key modulo `BUCKETS`."""


def shapes(
    definition: Definition, world: World, connection: duckdb.DuckDBPyConnection
) -> tuple[Shape, ...]:
    """Everybody first; then who is left after each step of the funnel; the last is the whole."""
    rows = _query(definition, world).rows(connection)
    steps = len(rows[0]) - 1 if rows else len(places(definition))
    counts = [[0] * BUCKETS for _ in range(steps)]
    for bucket, *found in rows:
        for step, people in zip(counts, found, strict=True):
            step[bucket] = people
    return tuple(map(tuple, counts))


def least_difference(one: Shape, other: Shape) -> int:
    """At least so many people are in only one of two groups."""
    return sum(abs(here - there) for here, there in zip(one, other, strict=True))


def places(definition: Definition) -> tuple[str, ...]:
    """What the steps are called: `people`, the positions in `enter`, `leave`."""
    enter = definition.enter
    parts = len(enter.of) if isinstance(enter, All) else 1
    leave = ("leave",) if definition.leave is not None else ()
    return ("people", *(f"enter.{n}" for n in range(parts)), *leave)


def narrowed(definition: Definition) -> tuple[Definition, ...]:
    """The definition of each step of the funnel; the last is the whole."""
    enter = definition.enter
    parts: Sequence[Node] = enter.of if isinstance(enter, All) else (enter,)
    first = [
        definition.model_copy(update={"enter": _joined(parts[: n + 1]), "leave": None})
        for n in range(len(parts))
    ]
    return (*first, definition) if definition.leave is not None else (*first[:-1], definition)


def _joined(parts: Sequence[Node]) -> Node:
    return parts[0] if len(parts) == 1 else All(of=tuple(parts))


def _query(definition: Definition, world: World) -> Query:
    context = new_context(definition, world)
    tests = tests_of(definition, context)
    key = exp.column("member_key", "person")
    columns: dict[str, exp.Expr] = {"member_key": key}
    columns |= {f"step_{n}": test for n, test in enumerate(tests.values())}
    judged = everybody(columns, context).subquery("person", copy=False)
    bucket = exp.Mod(this=key.copy(), expression=exp.Literal.number(BUCKETS))
    steps = [exp.column(f"step_{n}") for n in range(len(tests))]
    counts = [_left(context, steps[:n]) for n in range(len(steps) + 1)]
    return finished(
        exp.select(exp.alias_(bucket, "bucket"), *counts).from_(judged).group_by("bucket"), context
    )


def _left(context: Context, steps: Sequence[exp.Expr]) -> exp.Expr:
    return counted(context, exp.and_(*(step.copy() for step in steps)) if steps else None)
