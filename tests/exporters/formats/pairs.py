"""Pairs with every awkward id, and partners' files of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from exporters.formats import PartnerFile, render
from matchbook.partners import Partner, load_partners
from matchbook.partners.profile import DeliveryProfile
from matchbook.warehouse import open_memory

MOMENT = datetime(2026, 11, 22, 3, 10, 5, tzinfo=UTC)
DELIVERED_AT = "2026-11-22T03:10:05Z"

Pair = tuple[str, str, str, str | None]
"""partner_cookie_id, crm_record_id, action, last_seen_at."""

AWKWARD = (
    "=1+1", "+31612", "-5", "@sum", "'quoted'", 'a"b', "a,b", "a;b", "a|b", "tab\there", "ä€😀",
    "line\nend", "return\rhere", "\r\n", " spaced ", "back\\slash", "{a}", "a/b?c&d=e#f%20", "0012",
)  # fmt: skip
"""Record ids that a careless writer would change, split or run."""

PAIRS: tuple[Pair, ...] = tuple(
    sorted(
        [
            (f"cookie{number:02d}", awkward, ("add", "seen", "remove")[number % 3],
             None if number % 3 == 2 else "2026-11-21T23:59:59Z")
            for number, awkward in enumerate(AWKWARD)
        ]
        + [("=cmd|' /C calc'!A0", "plain", "add", "2026-11-20T00:00:00Z")]
    )
)  # fmt: skip


def partner(partner_id: str) -> Partner:
    return next(p for p in load_partners() if p.partner_id == partner_id)


def profile(partner_id: str, **changes: Any) -> DeliveryProfile:
    """A partner's profile with its examples as the client's settings."""
    return partner(partner_id).delivery.with_examples().overridden(changes)


def rendered(
    form: DeliveryProfile,
    folder: Path,
    pairs: Iterable[Pair] = PAIRS,
    *,
    moment: datetime = MOMENT,
    recipient_key: bytes | None = None,
) -> tuple[PartnerFile, ...]:
    """The partner's files of some pairs, given in no order."""
    rows: Sequence[Pair] = sorted(pairs, key=lambda pair: pair[1])
    connection = open_memory()
    try:
        connection.execute(
            "create temp table delta as select unnest(?::varchar[]) as partner_cookie_id, "
            "unnest(?::varchar[]) as crm_record_id, unnest(?::varchar[]) as action, "
            "unnest(?::varchar[]) as last_seen_at",
            [[row[column] for row in rows] for column in range(4)],
        ).fetchall()
        return render(
            connection, profile=form, moment=moment, folder=folder, recipient_key=recipient_key
        )
    finally:
        connection.close()


def told(form: DeliveryProfile, pairs: Iterable[Pair] = PAIRS) -> list[Pair]:
    """The pairs that go into the partner's files of matches, in order."""
    takes_removals = form.removals.how == "row"
    return sorted(pair for pair in pairs if takes_removals or pair[2] != "remove")
