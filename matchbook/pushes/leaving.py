"""Whoever opts out leaves every group, also those that follow their audience no more."""

from __future__ import annotations

from contextlib import suppress
from uuid import uuid4

from matchbook.errors import SnapshotUnavailable
from matchbook.pushes import asking, outbox, partner_planning, planning, targets, webhook_planning
from matchbook.pushes.outbox import Push
from matchbook.pushes.targets import CEP, WEBHOOK, Target
from matchbook.settings import Settings


def ask_to_leave(settings: Settings) -> list[Push]:
    """Ask for removals where somebody who opted out is held and no push would tell it.

    A group that follows its audience loses them with its next push.
    """
    return [
        outbox.ask(settings, *target.key, key=f"leave {uuid4().hex}", by="every night",
                   kind="leave")
        for target in targets.resting(settings)
        if _is_free(settings, target) and _somebody_leaves(settings, target)
    ]  # fmt: skip


def _is_free(settings: Settings, target: Target) -> bool:
    waits = any(push.state in outbox.OPEN for push in outbox.of_target(settings, target.key))
    return not waits and target.destination in asking.destinations(settings, target.client_id)


def _somebody_leaves(settings: Settings, target: Target) -> bool:
    own = (settings, target.client_id, target.audience_id)
    with suppress(SnapshotUnavailable):
        if target.destination == CEP:
            return bool(planning.leaving(*own))
        if target.destination == WEBHOOK:
            return bool(len(webhook_planning.leaving(*own)))
        return bool(len(partner_planning.leaving(*own, target.destination)))
    return False
