"""Erasing persons from what pushes keep: outcomes one by one, and what is held of each group."""

from __future__ import annotations

from collections.abc import Set

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from matchbook import state
from matchbook.pushes import held, targets
from matchbook.pushes.tables import push_members, pushes
from matchbook.settings import Settings


def forget(
    settings: Settings,
    client_id: str,
    *,
    records: Set[str] = frozenset(),
    contacts: Set[int] = frozenset(),
    member_keys: Set[int] = frozenset(),
) -> int:
    """Take CEP contacts out of outcomes and holdings; how many rows went. Records and members are
    not kept here. To be asked when `still_holds` says no: who is forgotten is not removed there.
    """
    gone = 0
    for target in _groups(settings, client_id):
        kept = held.read(settings, target)
        rest = kept.filter(pc.invert(_among(kept, contacts)))
        if len(rest) < len(kept):
            held.replace(settings, target, rest)
            gone += len(kept) - len(rest)
    own = sa.select(pushes.c.push_id).where(pushes.c.client_id == client_id)
    with state.begin(settings) as connection:
        for contact_id in sorted(contacts):
            is_it = push_members.c.push_id.in_(own) & (push_members.c.contact_id == contact_id)
            gone += connection.execute(push_members.delete().where(is_it)).rowcount
    return gone


def count(settings: Settings, client_id: str, contacts: Set[int]) -> int:
    """How many rows `forget` would find now."""
    held_now = sum(
        int(pc.sum(_among(held.read(settings, target), contacts)).as_py() or 0)
        for target in _groups(settings, client_id)
    )
    own = sa.select(pushes.c.push_id).where(pushes.c.client_id == client_id)
    found = sa.select(sa.func.count()).select_from(push_members)
    found = found.where(push_members.c.push_id.in_(own))
    with state.begin(settings) as connection:
        return held_now + sum(
            int(connection.execute(found.where(push_members.c.contact_id == one)).scalar_one())
            for one in sorted(contacts)
        )


def still_holds(settings: Settings, client_id: str, contacts: Set[int]) -> bool:
    """Whether one of them is still a member of a group there, as far as CEP has told us."""
    for target in _groups(settings, client_id):
        kept = held.read(settings, target)
        is_member = pc.equal(kept["standing"], "member")
        if pc.any(pc.and_(_among(kept, contacts), is_member)).as_py():
            return True
    return False


def _groups(settings: Settings, client_id: str) -> list[targets.Target]:
    found = targets.of_client(settings, client_id)
    return [target for target in found if target.destination == targets.CEP]


def _among(kept: pa.Table, contacts: Set[int]) -> pa.ChunkedArray:
    return pc.is_in(kept["contact_id"], pa.array(sorted(contacts), pa.int64()))
