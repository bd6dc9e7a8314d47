"""Whose turn it is to call an account: never more than ten calls in any second, over all workers.

Ten slots an account. A call takes one, and the slot is free again a second after its answer came:
whenever the call reached the server, the one that follows in its slot reaches it more than a second
later, however slow the network or this computer is. An account that asks for rest gets it from
everybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import sqlalchemy as sa

from matchbook import state
from matchbook.clock import Clock
from matchbook.errors import RetryLater
from matchbook.pushes.tables import call_rests as _RESTS
from matchbook.pushes.tables import call_slots as _SLOTS
from matchbook.settings import Settings

CALLS_A_SECOND = 10
"""What an account takes (CEP refuses more)."""
SECOND = 1.001
LEASE = 90.0
"""Seconds after which the slot of a worker that died is free again; no call takes so long."""


@contextmanager
def turn(settings: Settings, account: str, clock: Clock) -> Iterator[None]:
    """The time for one call, waited for. Raises RetryLater while the account wants rest."""
    while isinstance(taken := _take(settings, account, clock.now().timestamp()), float):
        clock.sleep(max(taken - clock.now().timestamp(), 0.001))
    try:
        yield
    finally:
        _set(settings, account, taken, clock.now().timestamp() + SECOND)


def block(settings: Settings, account: str, clock: Clock, rest: timedelta) -> None:
    """Let nobody call the account for so long."""
    until = clock.now().timestamp() + rest.total_seconds()
    is_it = _RESTS.c.account == account
    with state.begin(settings) as connection:
        connection.execute(_RESTS.delete().where(is_it))
        connection.execute(_RESTS.insert().values(account=account, until=until))


def rest_of(settings: Settings, account: str, clock: Clock) -> float:
    """For how many seconds it must not be called yet."""
    query = sa.select(_RESTS.c.until).where(_RESTS.c.account == account)
    with state.begin(settings) as connection:
        until = connection.scalar(query) or 0.0
    return float(max(until - clock.now().timestamp(), 0.0))


def _take(settings: Settings, account: str, now: float) -> int | float:
    """The number of a slot that is taken now; else the moment when to ask again."""
    # A moment too far away was written by a clock that was wrong.
    is_free = (_SLOTS.c.free_at <= now) | (_SLOTS.c.free_at > now + 2 * LEASE)
    is_it = _SLOTS.c.account == account
    first = sa.select(_SLOTS.c.slot).where(is_it, is_free).order_by(_SLOTS.c.free_at).limit(1)
    with state.begin(settings, durable=False) as connection:
        found = connection.execute(
            _SLOTS.update()
            .where(is_it, is_free, _SLOTS.c.slot == first.scalar_subquery())
            .values(free_at=now + LEASE)
            .returning(_SLOTS.c.slot)
        ).scalar()
        until = connection.scalar(sa.select(_RESTS.c.until).where(_RESTS.c.account == account))
        if found is not None and (until is None or until <= now):
            return int(found)
        if found is not None:
            _free(connection, account, int(found), now)
        soonest = connection.scalar(sa.select(sa.func.min(_SLOTS.c.free_at)).where(is_it))
    if until is not None and until > now:
        raise RetryLater("The account wants rest.", after=until - now)
    if soonest is None:
        _make(settings, account)
        return now
    return float(max(soonest, now))


def _set(settings: Settings, account: str, slot: int, free_at: float) -> None:
    with state.begin(settings, durable=False) as connection:
        _free(connection, account, slot, free_at)


def _free(connection: sa.Connection, account: str, slot: int, free_at: float) -> None:
    is_it = (_SLOTS.c.account == account) & (_SLOTS.c.slot == slot)
    connection.execute(_SLOTS.update().where(is_it).values(free_at=free_at))


def _make(settings: Settings, account: str) -> None:
    rows = [{"account": account, "slot": n, "free_at": 0.0} for n in range(CALLS_A_SECOND)]
    # Another worker may have been quicker.
    with suppress(sa.exc.IntegrityError), state.begin(settings) as connection:
        connection.execute(_SLOTS.insert(), rows)
