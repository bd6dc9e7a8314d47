"""Nightly files of a client: the ledger by night and partner, and the account behind a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from dashboard.queries.attention import is_due_every_night
from dashboard.queries.reading import View, rows
from matchbook import deliveries, partner_channels
from matchbook.deliveries import Delivery
from matchbook.partner_channels import Channel

NIGHTS_SHOWN = 28

PARTNERS = (
    "select partner_id, partner_name from client_partners inner join partners "
    "using (partner_id) order by position"
)

ACCOUNT = (
    "select * exclude (client_id, partner_id) from delivery_accounts where partner_id = $partner_id"
)

Outcome = Literal["delivered", "accepted", "empty", "waiting", "unknown", "rejected", "none"]


@dataclass(frozen=True)
class Night:
    """The files of one partner in one night, the newest last; none when nothing was due."""

    partner_id: str
    day: date
    """UTC day of the data."""
    files: tuple[Delivery, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """How its newest file stands."""
        return outcome(self.files[-1]) if self.files else "none"

    @property
    def rows(self) -> int:
        """Rows of all its files."""
        return sum(counted(done) for done in self.files)


@dataclass(frozen=True)
class Ledger:
    """What the page shows of the ledger."""

    partners: dict[str, str]
    """Their names, in their order."""
    days: tuple[date, ...]
    nights: dict[tuple[str, date], Night]
    channels: dict[str, Channel]

    def night(self, partner_id: str, day: date) -> Night:
        """One square of the calendar."""
        return self.nights.get((partner_id, day), Night(partner_id, day))

    def is_due(self, partner_id: str) -> bool:
        """Whether a file of every night is expected of it."""
        return is_due_every_night(self.channels.get(partner_id))


def ledger(view: View) -> Ledger:
    """The nights shown, the newest last."""
    found = rows(view, PARTNERS)
    every = deliveries.of_client(view.settings, view.client.client_id)
    channels = partner_channels.of_client(view.settings, view.client.client_id)
    by_night: dict[tuple[str, date], tuple[Delivery, ...]] = {}
    for done in every:
        key = (done.partner_id, done.as_of.date())
        by_night[key] = (*by_night.get(key, ()), done)
    return Ledger(
        partners=dict(zip(found["partner_id"], found["partner_name"], strict=True)),
        days=_days(view, every),
        nights={key: Night(*key, files) for key, files in by_night.items()},
        channels={channel.partner_id: channel for channel in channels},
    )


def outcome(done: Delivery) -> Outcome:
    """One word for a file's state."""
    if done.state == "confirmed":
        return "delivered" if counted(done) else "empty"
    if done.is_unverified:
        return "accepted"
    words: dict[str, Outcome] = {"unknown": "unknown", "rejected": "rejected"}
    return words.get(done.state, "waiting")


def counted(done: Delivery) -> int:
    """Rows of a file; 0 while they are not known."""
    return sum(n or 0 for n in (done.rows_added, done.rows_seen, done.rows_removed))


def account(view: View, done: Delivery) -> dict[str, int] | None:
    """From matched pairs to the file, as its build counted them; None where that is not known."""
    if done.account is not None or done.build_id != view.build_id:
        return done.account
    found = rows(view, ACCOUNT, partner_id=done.partner_id)
    return None if found.empty else {name: int(n) for name, n in found.iloc[0].items()}


def earlier_on_their_way(ledger: Ledger, done: Delivery) -> int:
    """Files of the same partner from before that had not arrived when this one was made."""
    return sum(
        other.load_seq < done.load_seq and _was_on_its_way(other, done)
        for night in ledger.nights.values()
        if night.partner_id == done.partner_id
        for other in night.files
    )


def _was_on_its_way(other: Delivery, done: Delivery) -> bool:
    if outcome(other) in ("waiting", "unknown"):
        return True

    if other.confirmed_at is None or done.planned_at is None:
        return False
    return other.confirmed_at > done.planned_at


def _days(view: View, every: Sequence[Delivery]) -> tuple[date, ...]:
    newest = max((view.as_of.date(), *(done.as_of.date() for done in every)))
    first = min((done.as_of.date() for done in every), default=newest)
    first = max(first, newest - timedelta(days=NIGHTS_SHOWN - 1))
    return tuple(first + timedelta(days=n) for n in range((newest - first).days + 1))
