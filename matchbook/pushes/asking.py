"""What people ask of pushes: begin, keep up to date, stop, cancel, try again."""

from __future__ import annotations

from uuid import uuid4

from matchbook import audit, partner_channels
from matchbook.clock import utc_naive
from matchbook.errors import ConfigError
from matchbook.kept_audiences import refreshes, store
from matchbook.pushes import accounts, outbox, push_webhooks, targets
from matchbook.pushes.outbox import Push
from matchbook.pushes.partner_forms import takes_audiences
from matchbook.pushes.targets import CEP, WEBHOOK, Target
from matchbook.settings import Settings

_LOG_IN = ("credentials", "no_log_in", "expired", "secret", "inactive")


def push(
    settings: Settings,
    client_id: str,
    audience_id: str,
    destination: str = CEP,
    *,
    name: str,
    follows: bool,
    key: str,
    by: str,
) -> Push:
    """Push an audience, once or from now on; a second click is the same push.

    Raises AudienceInvalid for an audience that does not exist, ConfigError where the destination
    is not active or the group's name cannot be one.
    """
    store.get(settings, client_id, audience_id)
    _check_active(settings, client_id, destination)
    target = targets.begin(
        settings, client_id, audience_id, destination, name=name, follows=follows, by=by
    )
    audit.record(settings, actor=by, client_id=client_id, action="push", subjects=0)
    waiting = [one for one in _open(settings, target) if one.kind == "fill"]
    if waiting:
        return waiting[-1]
    return outbox.ask(settings, client_id, audience_id, destination, key=key, by=by)


def follow_all(settings: Settings) -> list[Push]:
    """Ask for a push of every audience that follows and was refreshed since its last one.

    One that waits still is asked for once: it takes the people as they are when it begins.
    """
    asked = []
    for target in targets.following(settings):
        newest = refreshes.newest(settings, target.client_id, done=True).get(target.audience_id)
        is_active = target.destination in destinations(settings, target.client_id)
        waits = any(one.planned_at is None for one in _open(settings, target))
        if newest is None or not is_active or waits:
            continue
        key = f"follow {target.tag} {target.destination} {newest.refresh_id}"
        before = outbox.of_target(settings, target.key)
        if before and before[-1].refresh_id == newest.refresh_id and before[-1].state == "done":
            continue
        asked.append(outbox.ask(settings, *target.key, key=key, by="every night"))
    return asked


def stop(settings: Settings, target: Target, *, empties: bool, by: str) -> Push | None:
    """Follow no more; the group stays as it is, or everybody we put in is taken out again."""
    for one in _open(settings, target):
        cancel(settings, one)
    stopped_at = utc_naive(settings.clock.now())
    targets.change(settings, target, follows=False, stopped_at=stopped_at, stopped_by=by)
    audit.record(settings, actor=by, client_id=target.client_id, action="push_stop", subjects=0)
    if not empties or not (target.group_id or target.held):
        return None
    key = f"empty {target.tag} {uuid4().hex}"
    return outbox.ask(settings, *target.key, key=key, by=by, kind="empty")


def cancel(settings: Settings, one: Push) -> None:
    """Send no more of it; what arrived stays, what is in doubt is looked up."""
    now = outbox.get(settings, one.push_id)
    if now.state == outbox.UNCONFIRMED:
        outbox.note(settings, now, state="cancelled", ended_at=utc_naive(settings.clock.now()))
    if now.state in outbox.OPEN:
        outbox.note(settings, now, state="cancelling", next_attempt_at=None)


def retry(settings: Settings, one: Push) -> None:
    """Go on with one that failed or got stuck. Raises ConfigError for any other."""
    now = outbox.get(settings, one.push_id)
    is_waiting = now.state in outbox.OPEN and now.next_attempt_at is not None
    if now.state not in outbox.UNSETTLED and not is_waiting:
        raise ConfigError("This push cannot be tried again.", kept="Nothing was changed.")
    word = "running" if now.planned_at else "waiting"
    outbox.note(settings, now, state=word, failures=0, next_attempt_at=None, reason=None,
                reason_code=None, ended_at=None)  # fmt: skip


def resume_after_activation(settings: Settings, client_id: str) -> None:
    """Go on with what stood still because CEP refused our credentials."""
    for one in outbox.of_client(settings, client_id):
        if one.state == "stuck" and one.reason_code in _LOG_IN:
            newer = outbox.of_target(settings, one.target)[-1]
            if newer.push_id == one.push_id:
                retry(settings, one)


def rename(settings: Settings, target: Target, name: str) -> Target:
    """Give the group another name, before it was cloned. Raises ConfigError."""
    return targets.begin(
        settings, *target.key, name=name, follows=target.follows, by=target.made_by
    )


def destinations(settings: Settings, client_id: str) -> list[str]:
    """Where a client can push to now: CEP, partners whose channel is active, its own webhook."""
    found = [CEP] if accounts.find(settings, client_id) else []
    channels = partner_channels.of_client(settings, client_id)
    found += [c.partner_id for c in channels if c.is_active and takes_audiences(c.partner_id)]
    return found + [WEBHOOK] * (push_webhooks.find(settings, client_id) is not None)


def adopt(settings: Settings, target: Target, number: str) -> Target:
    """Take this number for the group that was cloned and whose number was never told.

    Raises ConfigError for a text that is no number.
    """
    group_id = accounts.group_number(number)
    return targets.change(settings, target, group_id=group_id, group_step="cloned")


def _check_active(settings: Settings, client_id: str, destination: str) -> None:
    if destination == CEP:
        accounts.active(settings, client_id)
    elif destination not in destinations(settings, client_id):
        raise ConfigError(
            "This partner is not active, or takes no audiences.",
            kept="Nothing was pushed.",
            todo="Activate its channel on the page Partners.",
        )


def _open(settings: Settings, target: Target) -> list[Push]:
    found = outbox.of_target(settings, target.key)
    return [one for one in found if one.state in ("waiting", "running", outbox.UNCONFIRMED)]
