"""Tell webhooks what has changed: in order, each message until it was taken."""

from __future__ import annotations

from dataclasses import dataclass

from exporters import webhooks
from matchbook import registry, secrets
from matchbook.alerts import messages
from matchbook.alerts.messages import Message
from matchbook.clock import Clock
from matchbook.errors import MatchbookError
from matchbook.settings import Settings
from matchbook.webhook_places import FOLDER, Webhook


@dataclass
class Told:
    """How many messages were taken, and why the others of a client wait."""

    sent: int
    problems: dict[str, str]


def send_waiting(settings: Settings, *, clock: Clock | None = None) -> Told:
    """Send what waits. A client's address that does not answer keeps nobody else waiting."""
    hooks = {c.client_id: c.alert_webhook for c in registry.current(settings).clients}
    told = Told(0, {})
    for message in messages.waiting(settings):
        hook = hooks.get(message.client_id)
        if hook is None or message.client_id in told.problems:
            continue
        try:
            _send(settings, hook, message, clock or settings.clock)
        except MatchbookError as error:
            told.problems[message.client_id] = error.happened
            messages.note_sent(settings, message, error.happened)
        else:
            told.sent += 1
            messages.note_sent(settings, message)
    return told


def _send(settings: Settings, hook: Webhook, message: Message, clock: Clock) -> None:
    secret = secrets.secret(settings, hook.secret, folder=FOLDER, kept="The message is kept.")
    webhooks.post(hook.url, secret, message.message_id, message.body, clock=clock)
