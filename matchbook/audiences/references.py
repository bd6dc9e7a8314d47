"""Audiences inside audiences: who refers to whom, and that nobody does in a circle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from matchbook.audiences.conditions import Condition, InAudience, OnList, Similar
from matchbook.audiences.context import Resolve
from matchbook.audiences.definition import Definition, boxes, walk
from matchbook.errors import AudienceInvalid

DEEPEST_CHAIN = 20
"""Audiences inside each other."""


def referred(definition: Definition) -> tuple[str, ...]:
    """Ids of the audiences a definition names, each once, in their order."""
    return tuple(dict.fromkeys(name for one in _conditions(definition) for name in _named(one)))


def _named(condition: Condition) -> tuple[str, ...]:
    if isinstance(condition, Similar):
        return condition.seed, *condition.exclude
    return (condition.audience,) if isinstance(condition, InAudience) else ()


def lists_named(definition: Definition) -> tuple[str, ...]:
    """Ids of the uploaded lists a definition names, each once, in their order."""
    named = (one.list for one in _conditions(definition) if isinstance(one, OnList))
    return tuple(dict.fromkeys(named))


def resolved(audience: str, inside: tuple[str, ...], resolve: Resolve) -> Definition:
    """The definition behind a reference, met inside other audiences. Raises AudienceInvalid."""
    if audience in inside:
        raise AudienceInvalid(
            "The audience refers to itself, be it through others.",
            kept="Nothing was saved.",
            todo='Take one "is in audience" out of the circle.',
        )
    if len(inside) >= DEEPEST_CHAIN:
        raise AudienceInvalid(
            f"More than {DEEPEST_CHAIN} audiences refer to each other in a row.",
            kept="Nothing was saved.",
            todo="Write the conditions of the innermost ones out.",
        )
    definition = resolve(audience)
    if definition is None:
        raise AudienceInvalid(
            "The audience refers to one that does not exist.",
            kept="Nothing was saved.",
            todo='Choose another audience after "is in audience".',
        )
    return definition


def check(audience: str, definition: Definition, resolve: Resolve) -> None:
    """A definition may be saved under this id: all it refers to exists, in no circle.

    What audiences keep of earlier refreshes counts as well. Raises AudienceInvalid.
    """
    in_order({audience: definition}, lambda a: definition if a == audience else resolve(a))


def in_order(definitions: Iterable[str], resolve: Resolve) -> tuple[str, ...]:
    """Ids so that each comes after those it refers to. Raises AudienceInvalid."""
    done: dict[str, None] = {}

    def visit(audience: str, inside: tuple[str, ...]) -> None:
        if audience in done:
            return
        definition = resolved(audience, inside, resolve)
        for other in referred(definition):
            visit(other, (*inside, audience))
        done[audience] = None

    for audience in definitions:
        visit(audience, ())
    return tuple(done)


def _conditions(definition: Definition) -> Iterator[Condition]:
    return (found for box in boxes(definition).values() for _, found in walk(box))
