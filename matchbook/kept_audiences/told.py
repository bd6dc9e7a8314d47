"""The difference check for groups that nobody saved: whose size is told for which of them.

Every size that is told of one build is a size of groups that differ by 50 people or more: a group
that differs by fewer from one that was told before is told with that one's size. What was told is
remembered as definitions, so the order of questions and a restart make no difference.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sqlalchemy as sa

from matchbook import state
from matchbook.audiences import Definition, compile_audience, of, read, size, write
from matchbook.audiences.shapes import BUCKETS, Shape, least_difference, narrowed, shapes
from matchbook.disclosure import SHOWN_FROM, is_too_near
from matchbook.kept_audiences import members, nearness, refreshes
from matchbook.kept_audiences.tables import told
from matchbook.kept_audiences.worlds import Opened
from matchbook.settings import Settings

_SAYS_NOTHING = {
    "name": "-", "description": "", "owner": "", "categories": (), "expires_after_days": None,
    "holdout_percent": 0,
}  # fmt: skip
"""What a live size does not depend on."""


@dataclass(frozen=True)
class Spoken:
    """The group whose size is told; exact, for `matchbook.disclosure`."""

    definition: Definition
    people: int
    audience_id: str | None = None
    """Where it is a saved audience, and another than was asked about."""


@dataclass(frozen=True)
class _Group:
    """One group that is asked about."""

    opened: Opened
    definition: Definition
    shape: Shape

    @property
    def people(self) -> int:
        return sum(self.shape)

    @cached_property
    def keys(self) -> Any:
        return _keys(self.opened, self.definition)


def spoken(
    settings: Settings, client_id: str, opened: Opened, definition: Definition
) -> tuple[int, tuple[Spoken, ...]]:
    """How many people there are in all; and, after each step of the funnel, who is told of.

    The last is the whole. Raises AudienceInvalid.
    """
    everybody, *found = shapes(definition, opened.world, opened.connection)
    groups = [
        _Group(opened, _plain(part), shape)
        for part, shape in zip(narrowed(definition), found, strict=True)
    ]
    return sum(everybody), tuple(_spoken(settings, client_id, group) for group in groups)


def told_before(settings: Settings, client_id: str, opened: Opened, keys: Any) -> Spoken | None:
    """A draft that these people are too near to, and that was told of before."""
    if len(keys) < SHOWN_FROM:
        return None
    for known, shape in _remembered(settings, client_id, opened.snapshot, len(keys)):
        if least_difference(shape, _shape(keys)) < SHOWN_FROM and is_too_near(
            nearness.difference(keys, _keys(opened, known.definition))
        ):
            return known
    return None


def reachable(opened: Opened, one: Spoken) -> int:
    """CEP contacts of the group that is told of."""
    return size(one.definition, opened.world, opened.connection).reachable


def _spoken(settings: Settings, client_id: str, group: _Group) -> Spoken:
    if group.people < SHOWN_FROM:
        return Spoken(group.definition, group.people)
    saved = _near_saved(settings, client_id, group)
    if saved is not None:
        return saved
    for known, shape in _remembered(settings, client_id, group.opened.snapshot, group.people):
        if known.definition == group.definition and shape == group.shape:
            return known
        if least_difference(shape, group.shape) < SHOWN_FROM and is_too_near(
            nearness.difference(group.keys, _keys(group.opened, known.definition))
        ):
            return known
    _remember(settings, client_id, group)
    return Spoken(group.definition, group.people)


def _near_saved(settings: Settings, client_id: str, group: _Group) -> Spoken | None:
    for refresh in refreshes.newest(settings, client_id, done=True).values():
        people = refresh.people or 0
        is_own = refresh.shown_as is None and refresh.told_people is None
        if not is_own or people < SHOWN_FROM or abs(people - group.people) >= SHOWN_FROM:
            continue
        rows = members.read(settings, client_id, refresh.audience_id, refresh.file_name)
        if is_too_near(nearness.difference(group.keys, members.keys(rows))):
            enter = {"kind": "in_audience", "audience": refresh.audience_id}
            return Spoken(of(name="-", enter=enter), people, refresh.audience_id)
    return None


def _remembered(
    settings: Settings, client_id: str, snapshot: str, people: int
) -> Iterator[tuple[Spoken, Shape]]:
    """Those that are about as large."""
    own = (told.c.client_id == client_id) & (told.c.snapshot == snapshot)
    own &= told.c.people.between(people - SHOWN_FROM, people + SHOWN_FROM)
    with state.begin(settings) as connection:
        rows = connection.execute(sa.select(told).where(own)).all()
    for row in rows:
        yield Spoken(read(row.definition), row.people), tuple(row.shape)


def _remember(settings: Settings, client_id: str, group: _Group) -> None:
    document = write(group.definition)
    key = {
        "client_id": client_id,
        "snapshot": group.opened.snapshot,
        "digest": hashlib.sha256(document.encode()).hexdigest(),
    }
    same = sa.and_(*(told.c[name] == value for name, value in key.items()))
    earlier = (told.c.client_id == client_id) & (told.c.snapshot != group.opened.snapshot)
    with state.begin(settings) as connection:
        connection.execute(told.delete().where(same | earlier))
        row = {"definition": document, "people": group.people, "shape": list(group.shape)}
        connection.execute(told.insert().values(**key, **row))


def _keys(opened: Opened, definition: Definition) -> Any:
    query = compile_audience(definition, opened.world)
    return np.sort(query.run(opened.connection).fetchnumpy()["member_key"])


def _shape(keys: Any) -> Shape:
    return tuple(np.bincount(keys % BUCKETS, minlength=BUCKETS).tolist())


def _plain(definition: Definition) -> Definition:
    return definition.model_copy(update=_SAYS_NOTHING)
