"""What a page asks of a definition besides its members: size, funnel, why, and a quick estimate."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
from sqlglot import exp

from matchbook.audiences.compiler import (
    compile_audience,
    compile_count,
    condition_holds,
    counted,
    everybody,
    finished,
)
from matchbook.audiences.context import SAMPLE, World, new_context, one
from matchbook.audiences.definition import Definition, boxes, walk
from matchbook.audiences.funnel_steps import tests_of
from matchbook.audiences.intervals import wilson
from matchbook.audiences.query import Query
from matchbook.reading import select


@dataclass(frozen=True)
class Size:
    """How many people, and how many CEP contacts a push of them reaches."""

    people: int
    reachable: int


@dataclass(frozen=True)
class Step:
    """One step of the funnel: `place` is the box and the position in it."""

    place: str
    alone: int
    """People who pass this step, whatever the others say."""
    left: int
    """People who pass this step and all before it."""


@dataclass(frozen=True)
class Held:
    """Whether one condition holds for one person. `place` is the box and the path in its tree."""

    place: str
    holds: bool


@dataclass(frozen=True)
class Reasons:
    """Why one person is or is not among those who qualify; None: not known, or opted out."""

    qualifies: bool | None
    conditions: tuple[Held, ...]


@dataclass(frozen=True)
class Estimate:
    """A count of people from a fixed sample, with its 95 % interval."""

    people: int
    low: int
    high: int


def size(definition: Definition, world: World, connection: duckdb.DuckDBPyConnection) -> Size:
    """The exact size now."""
    people, reachable = compile_count(definition, world).rows(connection)[0]
    return Size(people, reachable)


def members(
    definition: Definition, world: World, connection: duckdb.DuckDBPyConnection
) -> list[int]:
    """Member keys of those who qualify, ascending."""
    return sorted(key for (key,) in compile_audience(definition, world).rows(connection))


def funnel(
    definition: Definition, world: World, connection: duckdb.DuckDBPyConnection
) -> tuple[Step, ...]:
    """Everybody first; then each part of the outermost AND; last who does not meet `leave`.

    The last step's `left` is the size.
    """
    query, places = _funnel_query(definition, world)
    row = query.rows(connection)[0]
    pairs = zip(row[::2], row[1::2], strict=True)
    return tuple(Step(place, *counts) for place, counts in zip(places, pairs, strict=True))


def explain(
    definition: Definition,
    member_key: int,
    world: World,
    connection: duckdb.DuckDBPyConnection,
) -> Reasons:
    """Whether a person qualifies, and each condition by itself.

    When each browser is counted by itself, a condition holds if it does for one browser.
    """
    browsers = "select visitor_key from members where member_key = ?"
    found = select(connection, browsers, [member_key]).fetchall()
    person = one(member_key, (key for (key,) in found))
    context = new_context(definition, world, person)
    tests = {
        _place(box, path): condition_holds(condition, context)
        for box, tree in boxes(definition).items()
        for path, condition in walk(tree)
    }
    columns: dict[str, exp.Expr] = {
        place: exp.LogicalOr(this=test) for place, test in tests.items()
    }
    row = finished(everybody(columns, context), context).rows(connection)[0]
    held = (Held(p, bool(value)) for p, value in zip(columns, row, strict=True))
    qualified = compile_audience(definition, world, scope=person).rows(connection)
    known = any(value is not None for value in row)
    return Reasons(bool(qualified) if known else None, tuple(held) if known else ())


def estimate(
    definition: Definition, world: World, connection: duckdb.DuckDBPyConnection
) -> Estimate:
    """The size from a fixed 5 % of members, with a 95 % interval (Wilson)."""
    found = compile_count(definition, world, scope=SAMPLE).rows(connection)[0][0]
    context = new_context(definition, world)
    sampled = exp.Filter(
        this=exp.Count(this=exp.Star()),
        expression=exp.Where(this=exp.column("member_key") < context.parameters.add(SAMPLE.high)),
    )
    population = exp.select(exp.Count(this=exp.Star()), sampled).from_("people")
    counted_all = population.where(exp.not_(exp.column("is_suppressed")))
    everyone, looked_at = finished(counted_all, context).rows(connection)[0]
    low, high = wilson(found, looked_at)
    share = found / looked_at if looked_at else 0.0
    return Estimate(round(share * everyone), int(low * everyone), round(high * everyone))


def _funnel_query(definition: Definition, world: World) -> tuple[Query, list[str]]:
    context = new_context(definition, world)
    tests = tests_of(definition, context)
    judged = everybody(
        {"member_key": exp.column("member_key", "person")}
        | {f"step_{n}": test for n, test in enumerate(tests.values())},
        context,
    ).subquery("person", copy=False)
    steps = [exp.column(f"step_{n}") for n in range(len(tests))]
    counts = [counted(context), counted(context)]
    for n, step in enumerate(steps):
        counts.append(counted(context, step.copy()))
        counts.append(counted(context, exp.and_(*(s.copy() for s in steps[: n + 1]))))
    return finished(exp.select(*counts).from_(judged), context), ["people", *tests]


def _place(box: str, path: tuple[int, ...]) -> str:
    return ".".join([box, *map(str, path)])
