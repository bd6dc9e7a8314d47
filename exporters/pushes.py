"""Draining pushes: every one that is due goes on, one worker at each target."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from exporters import audience_files
from exporters.cep import pushing
from matchbook.clock import Clock, utc_naive
from matchbook.errors import Busy
from matchbook.locks import only_one
from matchbook.pushes import accounts, outbox, turns
from matchbook.pushes.outbox import Push
from matchbook.pushes.targets import CEP
from matchbook.settings import Settings

Say = Callable[[str], None]


def drain(
    settings: Settings,
    *,
    clock: Clock,
    until: datetime | None = None,
    say: Say = lambda _: None,
) -> list[Push]:
    """Go on with every push whose time has come, oldest first, until `until`; those that moved."""
    moved: dict[int, Push] = {}
    while due := _due(settings, clock, set(moved)):
        push = due[0]
        lock = settings.home / "pushes" / f"{'.'.join(push.target)}.lock"
        moved[push.push_id] = push
        with suppress(Busy), only_one(lock, "Another worker is at this push."):
            now = outbox.get(settings, push.push_id)
            if now.state in outbox.OPEN:
                moved[push.push_id] = _go_on(settings, now, clock=clock, until=until, say=say)
        if until is not None and clock.now() >= until:
            break
    return list(moved.values())


def _go_on(
    settings: Settings, push: Push, *, clock: Clock, until: datetime | None, say: Say
) -> Push:
    if push.destination == CEP:
        return pushing.go_on(settings, push, clock=clock, until=until, say=say)
    return audience_files.go_on(settings, push, clock=clock)


def next_moment(settings: Settings) -> datetime | None:
    """When the next waiting push may go on (naive UTC); None when none waits."""
    moments = [p.next_attempt_at for p in outbox.open_ones(settings) if p.next_attempt_at]
    return min(moments, default=None)


def _due(settings: Settings, clock: Clock, seen: set[int]) -> list[Push]:
    """Of each target the oldest open one, if its time has come and its account needs no rest."""
    now = utc_naive(clock.now())
    first: dict[tuple[str, str, str], Push] = {}
    for push in outbox.open_ones(settings):
        first.setdefault(push.target, push)
    return [
        push
        for push in first.values()
        if push.push_id not in seen
        and (push.next_attempt_at is None or push.next_attempt_at <= now)
        and not _rests(settings, push, clock)
    ]


def _rests(settings: Settings, push: Push, clock: Clock) -> bool:
    account = accounts.find(settings, push.client_id) if push.destination == CEP else None
    return account is not None and turns.rest_of(settings, account.key, clock) > 0
