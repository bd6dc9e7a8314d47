"""The steps of a funnel: each part of the outermost AND, then who does not meet `leave`."""

from __future__ import annotations

from sqlglot import exp

from matchbook.audiences.compiler import holds
from matchbook.audiences.context import Context
from matchbook.audiences.definition import All, Definition, Node


def tests_of(definition: Definition, context: Context) -> dict[str, exp.Expr]:
    """Each step as a test of one row, by the box and the position in it."""
    parts: tuple[Node, ...] = (definition.enter,)
    if isinstance(definition.enter, All):
        parts = definition.enter.of
    tests = {f"enter.{n}": holds(part, context) for n, part in enumerate(parts)}
    if definition.leave is not None:
        tests["leave"] = exp.not_(exp.paren(holds(definition.leave, context)))
    return tests
