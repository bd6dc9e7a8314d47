"""A lookalike as it stands on the screen: a draft of one condition, kept like any other."""

from __future__ import annotations

from typing import Any

from dashboard.app_pages.audience_draft import Draft, Row, condition_of, from_definition
from matchbook.audiences import Definition
from matchbook.audiences.conditions import Similar
from matchbook.errors import AudienceInvalid
from matchbook.lookalikes import lookalike

PREFIX = "like:"
"""In the URL before the seed of one that is being begun."""

FIRST_SIZE = 1_000


def begun_with(seed: str) -> str:
    """What stands in the URL while a lookalike of this seed is begun."""
    return f"{PREFIX}{seed}"


def new_draft(origin: tuple[str, ...], seed: str, seed_name: str) -> Draft:
    """Most things as they usually are; the seed may be changed."""
    name = f"Like {seed_name}"[:120].strip()
    return from_definition(origin, lookalike(name=name, seed=seed or "-", people=FIRST_SIZE))


def wish_of(draft: Draft) -> dict[str, Any]:
    """The fields of its one condition."""
    return the_row(draft).condition


def the_row(draft: Draft) -> Row:
    """Its one condition."""
    return next(draft.rows())


def definition_of(draft: Draft) -> Definition | None:
    """What would be studied and saved; None while it cannot be."""
    similar = condition_of(the_row(draft))
    if not isinstance(similar, Similar):
        return None
    fields = {name: getattr(similar, name) for name in Similar.model_fields if name != "kind"}
    try:
        return lookalike(name=draft.settings["name"] or "-", **fields)
    except AudienceInvalid:
        return None
