"""The delivery ledger, and what each destination holds.

A delivery is planned before its first byte and confirmed in one transaction with the pointer
to the holdings behind it. Exporters write here; the mirror and the dashboard read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from matchbook import state
from matchbook.clock import utc_naive
from matchbook.settings import Settings

_TABLE = state.deliveries


@dataclass(frozen=True)
class Delivery:
    """One client × partner × build. Rows and file are None until they are known."""

    client_id: str
    partner_id: str
    build_id: str
    state: str
    """planned, confirmed or rejected; sent and unknown wait for destinations that can be away."""
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

    @property
    def name(self) -> str:
        """The file's name: the same build is always the same name."""
        return f"matches_{self.as_of:%Y%m%d}_{self.build_id}.csv"


@dataclass(frozen=True)
class Holding:
    """The pairs a partner holds of a client, as Parquet."""

    client_id: str
    partner_id: str
    version: int
    """The newest load of the delivery behind it."""
    path: Path
    pairs: int


def confirmed(settings: Settings) -> list[Delivery]:
    """Every delivery that arrived, oldest first."""
    return _select(settings, _TABLE.c.state == "confirmed")


def find(settings: Settings, client_id: str, partner_id: str, build_id: str) -> Delivery | None:
    """One delivery in any state; None if it was never planned."""
    rows = _select(
        settings, _is_target(_TABLE, client_id, partner_id), _TABLE.c.build_id == build_id
    )
    return rows[0] if rows else None


def last_confirmed(settings: Settings, client_id: str, partner_id: str) -> Delivery | None:
    """The newest delivery that arrived at this partner; None before the first."""
    rows = _select(settings, _is_target(_TABLE, client_id, partner_id), _confirmed())
    return rows[-1] if rows else None


def unsettled(settings: Settings, client_id: str, partner_id: str) -> list[Delivery]:
    """Deliveries a run began and did not see through."""
    return _select(settings, _is_target(_TABLE, client_id, partner_id), _TABLE.c.state == "planned")


def held(settings: Settings) -> list[Holding]:
    """What every partner holds, by client and partner."""
    table = state.holdings
    with state.begin(settings) as connection:
        rows = connection.execute(
            sa.select(table).order_by(table.c.client_id, table.c.partner_id)
        ).all()
    return [
        Holding(
            client_id=row.client_id,
            partner_id=row.partner_id,
            version=row.version,
            path=holdings_folder(settings, row.client_id, row.partner_id) / row.file_name,
            pairs=row.pairs,
        )
        for row in rows
    ]


def held_before(settings: Settings, load_seq: int) -> list[tuple[str, str, int, Path]]:
    """What each partner held before the loads up to `load_seq` were delivered.

    Client, partner, version and file. A build counts on this, not on what its own delivery
    has changed since, so that building once more gives the same.
    """
    newest: dict[tuple[str, str], Delivery] = {}
    for done in _select(settings, _confirmed(), _TABLE.c.load_seq < load_seq):
        newest[done.client_id, done.partner_id] = done
    return [
        (*target, done.load_seq, holdings_folder(settings, *target) / f"{done.build_id}.parquet")
        for target, done in sorted(newest.items())
    ]


def holding(settings: Settings, client_id: str, partner_id: str) -> Holding | None:
    """What one partner holds of one client; None before the first delivery."""
    target = (client_id, partner_id)
    return next((h for h in held(settings) if (h.client_id, h.partner_id) == target), None)


def holdings_folder(settings: Settings, client_id: str, partner_id: str) -> Path:
    """Where the versions of one holding are written."""
    return settings.holdings / client_id / partner_id


def plan(settings: Settings, delivery: Delivery) -> None:
    """Record the intent, before the first byte; it replaces one that was not seen through."""
    values = _values(delivery) | {"planned_at": utc_naive(settings.clock.now())}
    with state.begin(settings) as connection:
        connection.execute(_TABLE.delete().where(_is_same(delivery)))
        connection.execute(_TABLE.insert().values(values))


def confirm(settings: Settings, delivery: Delivery, holdings: Path, *, pairs: int) -> None:
    """The file arrived and the partner holds `holdings` now: both or neither are recorded."""
    target = {"client_id": delivery.client_id, "partner_id": delivery.partner_id}
    now = utc_naive(settings.clock.now())
    arrived = {"state": "confirmed", "confirmed_at": now, "reason": None}
    with state.begin(settings) as connection:
        _update(connection, delivery, _file_values(delivery) | arrived)
        connection.execute(
            state.holdings.delete().where(_is_target(state.holdings, *target.values()))
        )
        connection.execute(
            state.holdings.insert().values(
                **target, version=delivery.load_seq, file_name=holdings.name, pairs=pairs
            )
        )


def reject(settings: Settings, delivery: Delivery, *, reason: str) -> None:
    """It did not arrive and will not; the next delivery covers its loads."""
    with state.begin(settings) as connection:
        _update(connection, delivery, {"state": "rejected", "reason": reason})


def _select(settings: Settings, *conditions: sa.ColumnElement[bool]) -> list[Delivery]:
    order = (_TABLE.c.as_of, _TABLE.c.load_seq, _TABLE.c.client_id, _TABLE.c.partner_id)
    with state.begin(settings) as connection:
        rows = connection.execute(sa.select(_TABLE).where(*conditions).order_by(*order)).all()
    return [Delivery(**row._mapping) for row in rows]


def _update(connection: sa.Connection, delivery: Delivery, values: dict[str, Any]) -> None:
    connection.execute(_TABLE.update().where(_is_same(delivery)).values(values))


def _values(delivery: Delivery) -> dict[str, Any]:
    return {column.name: getattr(delivery, column.name) for column in _TABLE.columns}


def _file_values(delivery: Delivery) -> dict[str, Any]:
    names = ("file_name", "sha256", "bytes", "rows_added", "rows_seen", "rows_removed")
    return {name: getattr(delivery, name) for name in names}


def _is_target(table: sa.Table, client_id: str, partner_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.client_id == client_id, table.c.partner_id == partner_id)


def _is_same(delivery: Delivery) -> sa.ColumnElement[bool]:
    target = _is_target(_TABLE, delivery.client_id, delivery.partner_id)
    return sa.and_(target, _TABLE.c.build_id == delivery.build_id)


def _confirmed() -> sa.ColumnElement[bool]:
    return _TABLE.c.state == "confirmed"
