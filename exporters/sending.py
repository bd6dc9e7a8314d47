"""Sending stored bytes over a partner's channel: once, in order, as often as it takes.

Before the first byte the ledger says `sent`; each file is noted when the channel says that it is
there. What is in doubt is settled by reading back, or, where nothing can be read, by going on
after the last request that was answered; requests carry a key, so that one whose answer was lost
counts once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from exporters.manifests import arrived
from exporters.run import Run
from exporters.stored import discard
from exporters.transports import Transport, opened
from matchbook import deliveries
from matchbook.clock import utc_naive
from matchbook.delivery_rows import Delivery, DeliveryFile
from matchbook.errors import ConfigError, DestinationError, MatchbookError, RetryLater
from matchbook.failpoints import failpoint
from matchbook.partner_channels import Channel

LADDER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360))
"""How long a partner that is away is left alone after each attempt; the last goes on."""
STOPPED = timedelta(hours=6)
"""How long one that refuses us is: a person has to look, and log-ins lock."""


def attempt(run: Run, delivery: Delivery) -> str | None:
    """Send what is not there yet; by what we know that it arrived, or None if it did not.

    A failure is in the ledger with its reason and the moment of the next attempt.
    """
    files = deliveries.files(run.settings, delivery)
    if not files:
        return "stored"
    begun = delivery
    try:
        with opened(run.settings, _channel(run)) as transport:
            begun = deliveries.begin_attempt(run.settings, delivery)
            failpoint("send.begun")
            for file in files:
                _send(run, transport, begun, file)
            failpoint("send.all_sent")
            return transport.receipt()
    except (DestinationError, ConfigError) as error:
        _note_failure(run, delivery, begun, error)
        return None


def settle(run: Run, earlier: Delivery) -> str | bool:
    """What became of an earlier delivery: a receipt (it is complete now), False (it is not known
    yet, or not through), or True (nothing of it arrived; a later one covers its loads)."""
    if arrived(run.destination, earlier) is None:
        deliveries.reject(run.settings, earlier, reason="Its stored bytes are gone.")
        return True
    if earlier.state != "planned":
        try:
            if _stands(run, earlier):
                return attempt(run, earlier) or False
        except (DestinationError, ConfigError) as error:
            _note_failure(run, earlier, earlier, error)
            return False
    discard(run.settings, earlier)
    deliveries.reject(run.settings, earlier, reason="Interrupted; a later build covers its loads.")
    return True


def is_waiting(run: Run, delivery: Delivery) -> bool:
    """Whether the next attempt is still to come."""
    until = delivery.next_attempt_at
    return until is not None and utc_naive(run.settings.clock.now()) < until


def _send(run: Run, transport: Transport, delivery: Delivery, file: DeliveryFile) -> None:
    if file.sent_at is None:
        source = stored_path(run, delivery, file)
        transport.send(file, source, lambda now: deliveries.note_file(run.settings, delivery, now))
        failpoint("send.file_sent")


def stored_path(run: Run, delivery: Delivery, file: DeliveryFile) -> Path:
    """Where a partner's file is stored."""
    return run.destination.folder / delivery.build_id / file.name


def _stands(run: Run, delivery: Delivery) -> bool:
    """Whether anything of it can be at the partner; what is left of an upload is removed."""
    files = deliveries.files(run.settings, delivery)
    if any(file.sent_at or file.requests_done for file in files):
        return True
    with opened(run.settings, _channel(run)) as transport:
        if not transport.reads_back:
            return True
        if any(transport.sha256(file.name) == file.sha256 for file in files):
            return True
        for file in files:
            if transport.sha256(file.name) is None:
                transport.remove(file.name)
    return False


def _note_failure(run: Run, before: Delivery, begun: Delivery, error: MatchbookError) -> None:
    tried = begun if begun is not before else replace(before, attempts=(before.attempts or 0) + 1)
    now = utc_naive(run.settings.clock.now())
    if isinstance(error, RetryLater):
        # A connection that broke may have broken after the last byte.
        word = begun.state if begun.state in ("planned", "unknown") else "unknown"
        until = _next(now, tried.attempts or 1, error.after)
    else:
        parts = deliveries.files(run.settings, before)
        in_doubt = before.state in ("sent", "unknown")
        in_doubt |= any(file.sent_at or file.requests_done for file in parts)
        word, until = ("unknown" if in_doubt else "rejected"), now + STOPPED
    reason = f"{error.happened} {error.todo}".strip()
    deliveries.wait(run.settings, tried, word, reason=reason, until=until)


def _next(now: datetime, attempts: int, after: float | None) -> datetime:
    rung = LADDER[min(attempts, len(LADDER)) - 1]
    return now + max(rung, timedelta(seconds=after or 0))


def _channel(run: Run) -> Channel:
    if run.channel is None:
        raise ConfigError("The channel was taken away.", kept="The file stays stored here.")
    return run.channel
