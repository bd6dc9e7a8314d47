"""What the delivery ledger is made of: deliveries, their files, and what partners hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class Delivery:
    """One client × partner × build. Rows and file are None until they are known."""

    client_id: str
    partner_id: str
    build_id: str
    state: str
    """planned, sent, confirmed, rejected or unknown."""
    from_load_seq: int
    """The last load of the delivery before; this one covers the loads after it …"""
    load_seq: int
    """… up to this one."""
    as_of: datetime
    file_name: str | None = None
    sha256: str | None = None
    bytes: int | None = None
    rows_added: int | None = None
    rows_seen: int | None = None
    rows_removed: int | None = None
    reason: str | None = None
    planned_at: datetime | None = None
    confirmed_at: datetime | None = None
    """When the partner had taken it, as far as its channel can say so."""
    due_at: datetime | None = None
    """The moment of the channel's cadence it belongs to; None: as soon as it was built."""
    channel: str | None = None
    """The address it went to; None: the local folder."""
    attempts: int | None = None
    next_attempt_at: datetime | None = None
    receipt: str | None = None
    """By what we know: stored (our own folder), channel (it said the files are there),
    read_back, partner (its own digest) or answers (accepted, not verified)."""
    rows_suppressed: int | None = None
    """Pairs of the build that were opted out between the build and this delivery."""
    rows_not_removable: int | None = None
    """Of `rows_removed` those that cannot be removed there: the partner has no way."""
    account: dict[str, int] | None = None
    """The row of the mart `delivery_accounts` in its build: why pairs are in it, or not."""

    @property
    def moment(self) -> datetime:
        """What the partner's file names say: no two deliveries of a target share it."""
        return self.due_at or self.as_of

    @property
    def is_taken(self) -> bool:
        """What the partner holds counts this delivery in."""
        return self.state == "confirmed" or self.is_unverified

    @property
    def is_unverified(self) -> bool:
        """The partner accepted every call, and offers nothing to verify it by."""
        return self.state == "sent" and self.receipt == "answers"

    @property
    def name(self) -> str:
        """The file's name: the same build is always the same name."""
        return f"matches_{self.as_of:%Y%m%d}_{self.build_id}.csv"


@dataclass(frozen=True)
class DeliveryFile:
    """One file of a delivery, in the form the partner takes, in the order of sending."""

    name: str
    """At the partner, below the channel's address; in our stored folder likewise."""
    kind: str
    """matches, removals or manifest."""
    rows: int
    bytes: int
    sha256: str
    requests_done: int = 0
    """Of a file that goes as requests: how many the partner has answered."""
    rows_refused: int = 0
    """Rows that the partner refused one by one."""
    sent_at: datetime | None = None
    """When the channel said that it is there."""


@dataclass(frozen=True)
class Holding:
    """The pairs a partner holds of a client, as Parquet."""

    client_id: str
    partner_id: str
    version: int
    """The newest load of the delivery behind it."""
    path: Path
    pairs: int
