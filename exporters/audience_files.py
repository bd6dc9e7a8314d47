"""An audience at a partner, in its own cookie ids, or at the client's own system by webhook.

The bytes are stored before the first one leaves, in the form the destination takes, under names
that the push alone has, and are sent once, whatever breaks on the way. What the destination holds
moves when all of it is there.
"""

from __future__ import annotations

from datetime import timedelta

from exporters.audience_partner import PartnerWay
from exporters.audience_storing import store
from exporters.audience_ways import Way
from exporters.audience_webhook import WebhookWay
from matchbook import partner_channels
from matchbook.clock import Clock, utc_naive
from matchbook.errors import MatchbookError, RetryLater
from matchbook.pushes import outbox, partner_files, partner_held, push_webhooks, targets
from matchbook.pushes.outbox import Push
from matchbook.pushes.partner_forms import channel_for
from matchbook.pushes.targets import WEBHOOK, Target
from matchbook.settings import Settings

LADDER = (timedelta(seconds=30), timedelta(minutes=15))
TOO_FEW = ("size<k", "difference<k")


def go_on(settings: Settings, push: Push, *, clock: Clock) -> Push:
    """Go on with a push until it ends or has to wait; the push as it is then."""
    if push.state == "cancelling":
        return _give_up(settings, push, "cancelled", clock)
    target = targets.find(settings, *push.target)
    assert target is not None, "a push of a target that was never begun"
    try:
        way = _way(settings, push, target)
        if way is None:
            return outbox.note(settings, push, state="stuck", reason_code="inactive",
                               reason="The destination is not active.")  # fmt: skip
        return _see_through(settings, push, target, way, clock)
    except RetryLater as error:
        return _wait(settings, push, error, clock)
    except MatchbookError as error:
        reason = f"{error.happened} {error.todo}".strip()[:500]
        return outbox.note(settings, push, state="stuck", reason_code="channel", reason=reason)


def _way(settings: Settings, push: Push, target: Target) -> Way | None:
    """How it gets there; None while the destination is not active."""
    if push.destination == WEBHOOK:
        hook = push_webhooks.find(settings, push.client_id)
        return WebhookWay(hook, target) if hook else None
    channel = partner_channels.find(settings, push.client_id, push.destination)
    is_active = channel is not None and channel.is_active
    return PartnerWay(channel_for(channel, target, push.push_id)) if channel and is_active else None


def _see_through(settings: Settings, push: Push, target: Target, way: Way, clock: Clock) -> Push:
    if not _may_have_left(settings, push):
        # Nothing of it has left: it is made with the opt-outs of this moment.
        _replace_earlier(settings, push, clock)
        target = targets.find(settings, *push.target) or target
        push = store(settings, push, target, way, clock=clock)
        if push.state != "running":
            return push
    way.send(settings, push, partner_files.folder(settings, push), clock)
    refused = partner_files.refused(settings, push)
    word = "refused" if push.reason_code in TOO_FEW else "done"
    told = {"failures": 0, "reason": None, "next_attempt_at": None,
            "funnel": {**(push.funnel or {}), "refused": refused}}  # fmt: skip
    ended_at = utc_naive(clock.now())
    return partner_held.end(settings, push, target, word, is_there=True, ended_at=ended_at, **told)


def _may_have_left(settings: Settings, push: Push) -> bool:
    """Whether its stored bytes are what has to arrive; where they are gone, all is told anew."""
    if not partner_files.has_begun(settings, push):
        return False
    folder = partner_files.folder(settings, push)
    files = partner_files.of(settings, push)
    if all((folder / file.name).exists() for file in files):
        return True
    if (folder / partner_files.CHANGES).exists():
        target = targets.find(settings, *push.target)
        assert target is not None, "begun without a target"
        partner_held.end(settings, push, target, push.state, is_there=False)
    return False


def _replace_earlier(settings: Settings, push: Push, clock: Clock) -> None:
    """What an earlier push left at the partner is not known: it is in doubt from here on."""
    for earlier in outbox.of_target(settings, push.target):
        if earlier.push_id != push.push_id and earlier.state in outbox.UNSETTLED:
            _give_up(settings, earlier, "replaced", clock)


def _give_up(settings: Settings, push: Push, word: str, clock: Clock) -> Push:
    ended = utc_naive(clock.now())
    target = targets.find(settings, *push.target)
    changes = partner_files.folder(settings, push) / partner_files.CHANGES
    if target is not None and changes.exists() and partner_files.has_begun(settings, push):
        return partner_held.end(settings, push, target, word, is_there=False, ended_at=ended)
    partner_held.discard(settings, push)
    return outbox.note(settings, push, state=word, ended_at=ended)


def _wait(settings: Settings, push: Push, error: RetryLater, clock: Clock) -> Push:
    now = outbox.get(settings, push.push_id)
    failures = now.failures + 1
    if failures > len(LADDER):
        reason = f"{error.happened} It was tried {failures} times."
        return outbox.note(settings, now, state="failed", failures=failures, reason=reason,
                           reason_code="away", next_attempt_at=None)  # fmt: skip
    rest = max(LADDER[failures - 1], timedelta(seconds=error.after or 0))
    return outbox.note(settings, now, failures=failures, reason=error.happened,
                       next_attempt_at=utc_naive(clock.now()) + rest)  # fmt: skip
