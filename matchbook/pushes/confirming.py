"""A second person's word before many people are pushed: a client's rule, off until switched on."""

from __future__ import annotations

import sqlalchemy as sa

from matchbook import audit, state
from matchbook.clock import utc_naive
from matchbook.errors import ConfigError
from matchbook.pushes import outbox
from matchbook.pushes.outbox import UNCONFIRMED, Push
from matchbook.pushes.tables import push_rules as _TABLE
from matchbook.settings import Settings


def limit(settings: Settings, client_id: str) -> int | None:
    """A push that adds more people than this waits for a second person; None: none does."""
    query = sa.select(_TABLE.c.confirm_above).where(_TABLE.c.client_id == client_id)
    with state.begin(settings) as connection:
        found = connection.scalar(query)
    return None if found is None else int(found)


def set_limit(settings: Settings, client_id: str, people: int | None, *, by: str) -> None:
    """Switch the rule on for pushes of more people, or (None) off."""
    row = {"client_id": client_id, "confirm_above": people, "changed_by": by,
           "changed_at": utc_naive(settings.clock.now())}  # fmt: skip
    audit.record(settings, actor=by, client_id=client_id, action="push_rule", subjects=0)
    with state.begin(settings) as connection:
        connection.execute(_TABLE.delete().where(_TABLE.c.client_id == client_id))
        connection.execute(_TABLE.insert().values(row))


def is_wanted(settings: Settings, push: Push, adds: int) -> bool:
    """Whether this push has to wait for a second person before anything leaves."""
    most = limit(settings, push.client_id)
    return push.kind == "fill" and push.confirmed_by is None and most is not None and adds > most


def confirm(settings: Settings, push: Push, *, by: str) -> Push:
    """The second person's word. Raises ConfigError where it is none, or none is waited for."""
    now = outbox.get(settings, push.push_id)
    if now.state != UNCONFIRMED:
        raise ConfigError("This push waits for nobody.", kept="Nothing was changed.")
    if _same(by, now.asked_by):
        raise ConfigError(
            "Who asked for a push cannot confirm it.",
            kept="Nothing was pushed.",
            todo="Let somebody else look at it.",
        )
    audit.record(settings, actor=by, client_id=push.client_id, action="push_confirm", subjects=0)
    confirmed_at = utc_naive(settings.clock.now())
    return outbox.note(settings, now, state="waiting", confirmed_by=by, confirmed_at=confirmed_at)


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
