"""What somebody is building: groups of conditions, between the stored definition and the screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from pydantic import TypeAdapter, ValidationError

from matchbook.audiences import Definition, of
from matchbook.audiences.conditions import Condition, Did
from matchbook.audiences.definition import All, AnyOf, Node, Not, walk
from matchbook.errors import AudienceInvalid

BOXES = ("enter", "leave")
SETTINGS = (
    "name", "description", "owner", "categories", "look_back_days", "count_each_browser",
    "expires_after_days", "holdout_percent",
)  # fmt: skip
UNNAMED = "A new audience"
_CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)
_numbers = count(1)


@dataclass
class Row:
    """One condition, in its stored form; while somebody fills it in it may say nothing yet."""

    condition: dict[str, Any]
    has: bool = True
    uid: int = field(default_factory=lambda: next(_numbers))


Groups = list[list[Row]]
"""Joined by AND; the rows of each by OR."""


@dataclass
class Draft:
    """One audience as it stands on the screen."""

    origin: tuple[str, ...]
    """Where it was opened from: client, audience, template, version."""
    settings: dict[str, Any] = field(default_factory=dict)
    groups: dict[str, Groups] = field(default_factory=lambda: {box: [] for box in BOXES})
    deep: dict[str, Node] = field(default_factory=dict)
    """Boxes that nest deeper than the screen shows; they stay as they are stored."""
    edited: int = 0
    """The row whose fields are open."""
    saved: Any = None
    """Its content as it was when nothing was to be lost."""
    version: int = 0
    """The one it was opened from."""

    def rows(self) -> Iterator[Row]:
        """Every condition on the screen."""
        return (row for groups in self.groups.values() for group in groups for row in group)


def from_definition(origin: tuple[str, ...], definition: Definition) -> Draft:
    """The screen's form of a stored definition."""
    draft = Draft(origin, {name: getattr(definition, name) for name in SETTINGS})
    for box in BOXES:
        tree = getattr(definition, box)
        groups = _groups(tree) if tree is not None else []
        if groups is None:
            draft.deep[box] = tree
        else:
            draft.groups[box] = groups
    return draft


def to_definition(draft: Draft) -> Definition:
    """What would be saved. Raises AudienceInvalid, also where a condition is not finished."""
    if any(is_unfinished(row) for row in draft.rows()):
        raise AudienceInvalid(
            "A condition is not finished.",
            kept="Nothing was saved.",
            todo="Choose its values, or take it out.",
        )
    if not draft.groups["enter"] and "enter" not in draft.deep:
        raise AudienceInvalid(
            "Nobody is in an audience without a condition.",
            kept="Nothing was saved.",
            todo="Add one.",
        )
    return of(**draft.settings, **_trees(draft))


def countable(draft: Draft) -> Definition | None:
    """What can be counted now: finished conditions only; None when there is none."""
    trees = _trees(draft)
    if "enter" not in trees:
        return None
    counted = {name: draft.settings.get(name) for name in ("look_back_days", "count_each_browser")}
    known = {name: value for name, value in counted.items() if value is not None}
    try:
        return of(name=UNNAMED, **known, **trees)
    except AudienceInvalid:
        return None


def content(draft: Draft) -> Any:
    """All that a save would keep, finished or not; equal where nothing was changed."""
    boxes = {
        box: [[(condition_of(row) or row.condition, row.has) for row in group] for group in groups]
        for box, groups in draft.groups.items()
    }
    return deepcopy((draft.settings, boxes, draft.deep))


def alone(draft: Draft, row: Row) -> Definition | None:
    """One condition as if it were the whole audience."""
    only = Draft(draft.origin, draft.settings, {"enter": [[row]], "leave": []})
    return countable(only)


def is_unfinished(row: Row) -> bool:
    """Something is still to be chosen."""
    return condition_of(row) is None


def condition_of(row: Row) -> Condition | None:
    """The condition, once it is whole."""
    try:
        return _CONDITION.validate_python(row.condition)
    except ValidationError:
        return None


def reads_single_hits(definition: Definition) -> bool:
    """Whether counting it may take longer than a moment: sequences, pages, times of the day."""
    trees = [tree for tree in (definition.enter, definition.leave) if tree is not None]
    return any(_is_slow(condition) for tree in trees for _, condition in walk(tree))


def _is_slow(condition: Condition) -> bool:
    if isinstance(condition, Did):
        return condition.when is not None or condition.action.page is not None
    return condition.kind == "sequence"


def _groups(tree: Node) -> Groups | None:
    """None when it nests deeper."""
    parts = tree.of if isinstance(tree, All) else (tree,)
    groups = [_rows(part.of if isinstance(part, AnyOf) else (part,)) for part in parts]
    return None if any(group is None for group in groups) else [g for g in groups if g]


def _rows(nodes: Iterable[Node]) -> list[Row] | None:
    rows = []
    for node in nodes:
        condition = node.of if isinstance(node, Not) else node
        if isinstance(condition, All | AnyOf | Not):
            return None
        rows.append(Row(condition.model_dump(), has=not isinstance(node, Not)))
    return rows


def _trees(draft: Draft) -> dict[str, Any]:
    trees: dict[str, Any] = {}
    for box in BOXES:
        if box in draft.deep:
            trees[box] = draft.deep[box]
        elif tree := _tree(draft.groups[box]):
            trees[box] = tree
    return trees


def _tree(groups: Groups) -> Any:
    parts = [_joined("any", [_node(row) for row in g if not is_unfinished(row)]) for g in groups]
    return _joined("all", [part for part in parts if part])


def _joined(kind: str, parts: list[Any]) -> Any:
    if len(parts) > 1:
        return {"kind": kind, "of": parts}
    return parts[0] if parts else None


def _node(row: Row) -> dict[str, Any]:
    return row.condition if row.has else {"kind": "not", "of": row.condition}
