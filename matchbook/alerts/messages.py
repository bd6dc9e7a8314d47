"""What the webhook has to say: one message per change of state, kept until it was taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchbook import registry, state
from matchbook.alerts.store import Alert, Change
from matchbook.alerts.tables import messages as _TABLE
from matchbook.alerts.words import Names, likely, sentence, what
from matchbook.clock import utc_naive
from matchbook.partners import load_partners
from matchbook.settings import Settings


@dataclass(frozen=True)
class Message:
    """One message and how far it came."""

    message_id: str
    client_id: str
    body: dict[str, Any]
    attempts: int


def leave(
    connection: sa.Connection, settings: Settings, changes: Sequence[Change], now: datetime
) -> None:
    """Write down what is to be told, of clients that have a webhook."""
    told = {c.client_id for c in registry.current(settings).clients if c.alert_webhook}
    rows = [_row(settings, change, now) for change in changes if change.alert.client_id in told]
    if rows:
        connection.execute(_TABLE.insert(), rows)


def waiting(settings: Settings) -> list[Message]:
    """Those that were not taken yet, in the order in which things happened."""
    query = sa.select(_TABLE).where(_TABLE.c.sent_at.is_(None))
    with state.begin(settings) as connection:
        found = connection.execute(query.order_by(_TABLE.c.made_at, _TABLE.c.message_id)).all()
    return [Message(row.message_id, row.client_id, row.body, row.attempts) for row in found]


def note_sent(settings: Settings, message: Message, problem: str | None = None) -> None:
    """It was taken; or it was not, and why."""
    now = utc_naive(settings.clock.now())
    values: dict[str, Any] = {"attempts": message.attempts + 1, "problem": problem}
    values["sent_at"] = None if problem else now
    with state.begin(settings) as connection:
        connection.execute(
            _TABLE.update().where(_TABLE.c.message_id == message.message_id).values(**values)
        )


def names_of(settings: Settings, client_id: str) -> Names:
    """The names that the registry and the partners' files have."""
    sites = registry.current(settings).sites
    return Names(
        partners={partner.partner_id: partner.name for partner in load_partners()},
        sites={site.site_id: site.name for site in sites if site.client_id == client_id},
    )


def as_data(alert: Alert, names: Names) -> dict[str, Any]:
    """An alert for scripts: codes and dates, and the sentence that people read."""
    return {
        "alert_id": alert.alert_id,
        "client_id": alert.client_id,
        "partner_id": alert.partner_id,
        "site_id": alert.site_id,
        "direction": alert.direction,
        "cause": alert.cause,
        "since": alert.since_date.isoformat(),
        "until": alert.until_date.isoformat(),
        "ratio": round(alert.ratio, 3),
        "is_open": alert.is_open,
        "what": what(alert),
        "likely": likely(alert),
        "sentence": sentence(alert, names),
        "acknowledged_by": alert.acknowledged_by,
        "note": alert.note,
    }


def _row(settings: Settings, change: Change, now: datetime) -> dict[str, Any]:
    alert = change.alert
    body = as_data(alert, names_of(settings, alert.client_id))
    # An alert may close and open again: the moment tells the two apart.
    message_id = f"alert-{alert.alert_id}-{change.kind}-{now:%Y%m%dT%H%M%S}"
    return {
        "message_id": message_id,
        "client_id": alert.client_id,
        "body": {"type": f"alert.{change.kind}", "data": body},
        "made_at": now,
        "attempts": 0,
    }
