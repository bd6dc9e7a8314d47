"""Suppressions: who must not be matched or delivered any more, in state, per client or all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from matchbook import state
from matchbook.clock import utc_naive
from matchbook.settings import Settings

_TABLE = state.suppressions

SUBJECT_TYPES = ("visitor", "identifier", "record", "cep_contact")


@dataclass(frozen=True)
class Suppression:
    """One subject: a visitor id, an identifier key, a CRM record id or a CEP contact id."""

    client_id: str | None
    """None: for every client."""
    subject_type: str
    subject_id: str
    suppressed_at: datetime
    """Naive UTC."""


def add(
    settings: Settings, *, subject_type: str, subject_id: str, client_id: str | None = None
) -> None:
    """Suppress a subject from now on; one already suppressed keeps its first time."""
    with state.begin(settings) as connection:
        insert(connection, client_id, [(subject_type, subject_id)], utc_naive(settings.clock.now()))


def insert(
    connection: sa.Connection,
    client_id: str | None,
    subjects: Iterable[tuple[str, str]],
    at: datetime,
) -> None:
    """`add` of many, by type and id, in the caller's transaction."""
    state.lock(connection, "suppressions")
    for subject_type, subject_id in subjects:
        if subject_type not in SUBJECT_TYPES:
            raise ValueError("unknown subject type")
        same = _is(client_id, subject_type, subject_id)
        if connection.execute(sa.select(_TABLE.c.suppression_id).where(same)).first() is None:
            connection.execute(
                _TABLE.insert().values(
                    client_id=client_id,
                    subject_type=subject_type,
                    subject_id=subject_id,
                    suppressed_at=at,
                )
            )


def remove(
    connection: sa.Connection, client_id: str | None, subjects: Iterable[tuple[str, str]]
) -> None:
    """Suppress these no more, for this client."""
    for subject_type, subject_id in subjects:
        connection.execute(_TABLE.delete().where(_is(client_id, subject_type, subject_id)))


def all_rows(settings: Settings) -> list[Suppression]:
    """Every suppression, in a stable order."""
    table = state.suppressions
    query = sa.select(table).order_by(
        table.c.subject_type, table.c.subject_id, sa.func.coalesce(table.c.client_id, "")
    )
    with state.begin(settings) as connection:
        return [
            Suppression(row.client_id, row.subject_type, row.subject_id, row.suppressed_at)
            for row in connection.execute(query)
        ]


def of_client(settings: Settings, client_id: str) -> list[tuple[str, str]]:
    """Subject type and id of everyone suppressed at this moment, for this client or for all."""
    table = state.suppressions
    query = sa.select(table.c.subject_type, table.c.subject_id).where(
        sa.or_(table.c.client_id == client_id, table.c.client_id.is_(None))
    )
    with state.begin(settings) as connection:
        return [(row.subject_type, row.subject_id) for row in connection.execute(query)]


def contacts_after(settings: Settings, number: int) -> list[tuple[int, str | None, str]]:
    """Number, client (None: every one) and contact id of suppressed CEP contacts, those whose
    number is greater, in its order: what a follower has not seen."""
    table = state.suppressions
    query = (
        sa.select(table.c.suppression_id, table.c.client_id, table.c.subject_id)
        .where(table.c.suppression_id > number, table.c.subject_type == "cep_contact")
        .order_by(table.c.suppression_id)
    )
    with state.begin(settings) as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def _is(client_id: str | None, subject_type: str, subject_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        _TABLE.c.client_id.is_not_distinct_from(client_id),
        _TABLE.c.subject_type == subject_type,
        _TABLE.c.subject_id == subject_id,
    )
