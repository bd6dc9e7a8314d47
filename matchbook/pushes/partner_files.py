"""The files of a push to a partner: what is stored of them, what may have left, what is there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from matchbook import state
from matchbook.clock import utc_naive
from matchbook.delivery_rows import DeliveryFile
from matchbook.pushes import outbox
from matchbook.pushes.outbox import Push
from matchbook.pushes.tables import push_files as _TABLE
from matchbook.settings import Settings

CHANGES = "changes.parquet"
"""Beside the files: whom they are about."""
_NAMES = tuple(DeliveryFile.__dataclass_fields__)


def folder(settings: Settings, push: Push) -> Path:
    """Where the bytes of an open push are, for nobody else."""
    return settings.home / "pushes" / push.client_id / push.destination / str(push.push_id)


def freeze(settings: Settings, push: Push, files: Sequence[DeliveryFile], **known: Any) -> Push:
    """These are its files from here on, and what is known of the push is written with them."""
    rows = [
        {"push_id": push.push_id, "number": number, **vars(file)}
        for number, file in enumerate(files, start=1)
    ]
    with state.begin(settings) as connection:
        connection.execute(_TABLE.delete().where(_of(push)))
        if rows:
            connection.execute(_TABLE.insert(), rows)
        outbox.update(connection, push, **known)
    return outbox.get(settings, push.push_id)


def of(settings: Settings, push: Push) -> list[DeliveryFile]:
    """Its files in the order of sending."""
    query = sa.select(_TABLE).where(_of(push)).order_by(_TABLE.c.number)
    with state.begin(settings) as connection:
        rows = connection.execute(query).all()
    return [DeliveryFile(**{name: row._mapping[name] for name in _NAMES}) for row in rows]


def begin(settings: Settings, push: Push, file: DeliveryFile) -> None:
    """From here on some of its bytes may have left."""
    _update(settings, push, file.name, begun_at=utc_naive(settings.clock.now()))


def note(settings: Settings, push: Push, file: DeliveryFile) -> None:
    """How far it is."""
    _update(settings, push, file.name, requests_done=file.requests_done,
            rows_refused=file.rows_refused, sent_at=file.sent_at)  # fmt: skip


def has_begun(settings: Settings, push: Push) -> bool:
    """Whether anything of it may be at the partner."""
    query = sa.select(_TABLE.c.number).where(_of(push), _TABLE.c.begun_at.is_not(None)).limit(1)
    with state.begin(settings) as connection:
        return connection.execute(query).first() is not None


def refused(settings: Settings, push: Push) -> int:
    """Rows that the partner refused one by one."""
    return sum(file.rows_refused for file in of(settings, push))


def _update(settings: Settings, push: Push, name: str, **values: Any) -> None:
    with state.begin(settings) as connection:
        connection.execute(_TABLE.update().where(_of(push), _TABLE.c.name == name).values(values))


def _of(push: Push) -> sa.ColumnElement[bool]:
    return _TABLE.c.push_id == push.push_id
