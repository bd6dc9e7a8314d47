"""An audience's definition: two boxes of conditions, checked whole before anything uses it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, Field, StringConstraints, ValidationError

from matchbook.audiences.conditions import Condition, Days, Part, Similar, storable
from matchbook.errors import AudienceInvalid

MOST_CONDITIONS = 200
DEEPEST = 20
"""Levels of AND, OR and NOT inside each other; a page shows two."""

Items = Annotated[tuple["Node", ...], Field(min_length=1, strict=False)]


class All(Part):
    """AND: each of them holds."""

    kind: Literal["all"] = "all"
    of: Items


class AnyOf(Part):
    """OR: one of them holds, or more."""

    kind: Literal["any"] = "any"
    of: Items


class Not(Part):
    """It does not hold."""

    kind: Literal["not"] = "not"
    of: Node


Node = Annotated[All | AnyOf | Not | Condition, Field(discriminator="kind")]
_PLAIN = AfterValidator(storable)
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), _PLAIN
]
Label = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), _PLAIN
]
Owner = Annotated[str, StringConstraints(max_length=120), _PLAIN]
Told = Annotated[str, StringConstraints(max_length=2000), _PLAIN]


class Definition(Part):
    """Who is in an audience, and for how long. Raises AudienceInvalid through `of` and `read`."""

    format: Literal[1] = 1
    name: Name
    description: Told = ""
    owner: Owner = ""
    categories: Annotated[tuple[Label, ...], Field(max_length=20, strict=False)] = ()
    look_back_days: Days = 30
    """For conditions that name no look-back of their own."""
    count_each_browser: bool = False
    """Each browser is judged by itself; a person is in it with one browser that qualifies."""
    enter: Node
    leave: Node | None = None
    """None: people leave when they no longer meet `enter`. Else they stay until it holds."""
    expires_after_days: Days | None = None
    """People leave so many days after they entered."""
    holdout_percent: float = Field(default=0, ge=0, le=50, strict=False)
    """A stable random share that is in the audience and never pushed."""

    @property
    def keeps_people(self) -> bool:
        """Whether being in it depends on what was true earlier."""
        return self.leave is not None or self.expires_after_days is not None

    @property
    def similar(self) -> Similar | None:
        """What makes it a lookalike, where it is one."""
        return self.enter if isinstance(self.enter, Similar) else None


All.model_rebuild()
AnyOf.model_rebuild()
Not.model_rebuild()
Definition.model_rebuild()

P = TypeVar("P", bound=Part)


def read(document: str | bytes) -> Definition:
    """A stored or uploaded definition. Raises AudienceInvalid, which says where it is wrong."""
    try:
        definition = Definition.model_validate_json(document)
    except ValidationError as error:
        raise _invalid(error) from None
    return _checked(definition)


def of(**fields: object) -> Definition:
    """A definition made of values, such as a page's. Raises AudienceInvalid."""
    try:
        definition = Definition.model_validate(fields)
    except ValidationError as error:
        raise _invalid(error) from None
    return _checked(definition)


def write(definition: Definition) -> str:
    """The stored form; the same definition is always the same text."""
    return definition.model_dump_json()


def walk(node: Node) -> Iterator[tuple[tuple[int, ...], Condition]]:
    """Each condition of a tree with its path: the positions that lead to it."""
    if isinstance(node, All | AnyOf):
        for position, child in enumerate(node.of):
            for path, condition in walk(child):
                yield (position, *path), condition
    elif isinstance(node, Not):
        for path, condition in walk(node.of):
            yield (0, *path), condition
    else:
        yield (), node


def boxes(definition: Definition) -> dict[str, Node]:
    """`enter`, and `leave` where there is one."""
    left = {"leave": definition.leave} if definition.leave is not None else {}
    return {"enter": definition.enter, **left}


def _checked(definition: Definition) -> Definition:
    found = [path for box in boxes(definition).values() for path, _ in walk(box)]
    if len(found) > MOST_CONDITIONS or max(map(len, found)) > DEEPEST:
        raise AudienceInvalid(
            f"The audience has more than {MOST_CONDITIONS} conditions, or more than {DEEPEST} "
            "levels of them.",
            kept="Nothing was saved.",
            todo='Move part of it into an audience of its own and use "is in audience".',
        )
    _check_lookalike(definition)
    return definition


def _check_lookalike(definition: Definition) -> None:
    found = [c for box in boxes(definition).values() for _, c in walk(box)]
    if not any(isinstance(c, Similar) for c in found):
        return
    if definition.similar is None or len(found) > 1 or definition.count_each_browser:
        raise AudienceInvalid(
            "A lookalike holds nothing but whom it is like.",
            kept="Nothing was saved.",
            todo='Save it by itself, and use "is in audience" beside other conditions.',
        )


def _invalid(error: ValidationError) -> AudienceInvalid:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    steps = [str(step) for step in first["loc"]]
    message = first["msg"]
    if first["type"] in ("extra_forbidden", "union_tag_invalid"):
        steps, message = steps[:-1], "it holds something unknown"  # whose name is the writer's own
    place = ".".join(steps[:12]) or "the whole"
    return AudienceInvalid(
        f"The audience's definition is wrong at {place}: {message.removeprefix('Value error, ')}.",
        kept="Nothing was saved.",
        todo="Correct it there and save again.",
    )
