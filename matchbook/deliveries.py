"""The delivery ledger, and what each destination holds.

planned (no byte has left) → sent (bytes may have) → confirmed | rejected | unknown. What the
partner holds moves in one transaction with the word that it took a delivery. A partner whose
channel says nothing but "accepted" leaves it at sent, with the receipt `answers`: that is as
far as anybody can know. Exporters write here; the mirror and the dashboard read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from matchbook import state
from matchbook.clock import utc_naive
from matchbook.delivery_rows import Delivery, DeliveryFile, Holding
from matchbook.settings import Settings

__all__ = ["Delivery", "DeliveryFile", "Holding"]

_TABLE = state.deliveries
_FILES = state.delivery_files


def confirmed(settings: Settings) -> list[Delivery]:
    """Every delivery that the partner took, oldest first."""
    return _select(settings, is_taken())


def of_client(settings: Settings, client_id: str) -> list[Delivery]:
    """Every delivery of a client in any state, oldest first."""
    return _select(settings, _TABLE.c.client_id == client_id)


def files(settings: Settings, delivery: Delivery) -> list[DeliveryFile]:
    """The partner's files of a delivery, in the order of sending."""
    query = sa.select(_FILES).where(_is_same(delivery, _FILES)).order_by(_FILES.c.position)
    with state.begin(settings) as connection:
        rows = connection.execute(query).all()
    names = DeliveryFile.__dataclass_fields__
    return [DeliveryFile(**{name: row._mapping[name] for name in names}) for row in rows]


def find(settings: Settings, client_id: str, partner_id: str, build_id: str) -> Delivery | None:
    """One delivery in any state; None if it was never planned."""
    rows = _select(
        settings, _is_target(_TABLE, client_id, partner_id), _TABLE.c.build_id == build_id
    )
    return rows[0] if rows else None


def last_confirmed(settings: Settings, client_id: str, partner_id: str) -> Delivery | None:
    """The newest delivery that arrived at this partner; None before the first."""
    rows = _select(settings, _is_target(_TABLE, client_id, partner_id), is_taken())
    return rows[-1] if rows else None


def unsettled(settings: Settings, client_id: str, partner_id: str) -> list[Delivery]:
    """Deliveries a run began and did not see through, oldest first."""
    is_open = _TABLE.c.state.in_(("planned", "sent", "unknown"))
    is_it = _is_target(_TABLE, client_id, partner_id)
    return _select(settings, is_it, is_open, sa.not_(is_taken()))


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
    for done in _select(settings, is_taken(), _TABLE.c.load_seq < load_seq):
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
        for table in (_FILES, _TABLE):
            connection.execute(table.delete().where(_is_same(delivery, table)))
        connection.execute(_TABLE.insert().values(values))


def freeze(settings: Settings, delivery: Delivery, made: Sequence[DeliveryFile]) -> None:
    """Record what is stored to be sent: from here on it is sent as it is or not at all."""
    with state.begin(settings) as connection:
        _update(connection, delivery, _file_values(delivery))
        connection.execute(_FILES.delete().where(_is_same(delivery, _FILES)))
        key = {"client_id": delivery.client_id, "partner_id": delivery.partner_id,
               "build_id": delivery.build_id}  # fmt: skip
        rows = [key | {"position": n} | asdict(file) for n, file in enumerate(made)]
        if rows:
            connection.execute(_FILES.insert(), rows)


def begin_attempt(settings: Settings, delivery: Delivery) -> Delivery:
    """From here on bytes may have left the house."""
    begun = replace(delivery, state="sent", attempts=(delivery.attempts or 0) + 1,
                    next_attempt_at=None)  # fmt: skip
    names = ("state", "attempts", "next_attempt_at")
    with state.begin(settings) as connection:
        _update(connection, delivery, {name: getattr(begun, name) for name in names})
    return begun


def note_file(settings: Settings, delivery: Delivery, file: DeliveryFile) -> None:
    """Keep how far a file is."""
    progress = {"requests_done": file.requests_done, "rows_refused": file.rows_refused,
                "sent_at": file.sent_at}  # fmt: skip
    with state.begin(settings) as connection:
        is_it = sa.and_(_is_same(delivery, _FILES), _FILES.c.name == file.name)
        connection.execute(_FILES.update().where(is_it).values(progress))


def wait(
    settings: Settings, delivery: Delivery, state_now: str, *, reason: str, until: datetime | None
) -> None:
    """It did not get through: `planned` when nothing can have arrived, else `unknown`.

    `until`: not before then, naive UTC; None: with the next run.
    """
    values = {"state": state_now, "reason": reason, "next_attempt_at": until,
              "attempts": delivery.attempts}  # fmt: skip
    with state.begin(settings) as connection:
        _update(connection, delivery, values)


def confirm(
    settings: Settings, delivery: Delivery, holdings: Path, *, pairs: int, receipt: str = "stored"
) -> None:
    """The partner took it and holds `holdings` now: both or neither are recorded."""
    target = {"client_id": delivery.client_id, "partner_id": delivery.partner_id}
    now = utc_naive(settings.clock.now())
    word = "sent" if receipt == "answers" else "confirmed"
    arrived = {"state": word, "confirmed_at": now, "reason": None, "receipt": receipt,
               "next_attempt_at": None}  # fmt: skip
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
    values = {"state": "rejected", "reason": reason, "next_attempt_at": None,
              "attempts": delivery.attempts}  # fmt: skip
    with state.begin(settings) as connection:
        _update(connection, delivery, values)


def retry_now(settings: Settings, client_id: str, partner_id: str) -> None:
    """Let the next run try again at once what waits after a failure."""
    with state.begin(settings) as connection:
        is_it = _is_target(_TABLE, client_id, partner_id)
        connection.execute(_TABLE.update().where(is_it).values(next_attempt_at=None))


def forget_holding(settings: Settings, client_id: str, partner_id: str) -> None:
    """The partner holds nothing, as far as the next delivery is concerned: it has everything."""
    with state.begin(settings) as connection:
        connection.execute(
            state.holdings.delete().where(_is_target(state.holdings, client_id, partner_id))
        )


def recount_holding(settings: Settings, client_id: str, partner_id: str, pairs: int) -> None:
    """The holding in force has so many pairs left."""
    with state.begin(settings) as connection:
        is_it = _is_target(state.holdings, client_id, partner_id)
        connection.execute(state.holdings.update().where(is_it).values(pairs=pairs))


def is_taken() -> sa.ColumnElement[bool]:
    """Of the deliveries table: those that count towards what partners hold."""
    unverified = sa.and_(_TABLE.c.state == "sent", _TABLE.c.receipt == "answers")
    return sa.or_(_TABLE.c.state == "confirmed", sa.func.coalesce(unverified, sa.false()))


def _select(settings: Settings, *conditions: sa.ColumnElement[bool]) -> list[Delivery]:
    # Loads come one after the other, whatever a clock said meanwhile.
    order = (_TABLE.c.load_seq, _TABLE.c.as_of, _TABLE.c.client_id, _TABLE.c.partner_id)
    with state.begin(settings) as connection:
        rows = connection.execute(sa.select(_TABLE).where(*conditions).order_by(*order)).all()
    return [Delivery(**row._mapping) for row in rows]


def _update(connection: sa.Connection, delivery: Delivery, values: dict[str, Any]) -> None:
    connection.execute(_TABLE.update().where(_is_same(delivery)).values(values))


def _values(delivery: Delivery) -> dict[str, Any]:
    return {column.name: getattr(delivery, column.name) for column in _TABLE.columns}


def _file_values(delivery: Delivery) -> dict[str, Any]:
    names = ("file_name", "sha256", "bytes", "rows_added", "rows_seen", "rows_removed",
             "rows_suppressed", "rows_not_removable")  # fmt: skip
    return {name: getattr(delivery, name) for name in names}


def _is_target(table: sa.Table, client_id: str, partner_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.client_id == client_id, table.c.partner_id == partner_id)


def _is_same(delivery: Delivery, table: sa.Table = _TABLE) -> sa.ColumnElement[bool]:
    target = _is_target(table, delivery.client_id, delivery.partner_id)
    return sa.and_(target, table.c.build_id == delivery.build_id)
