"""Which of the two feature switches a client has asked its account manager for."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from matchbook import state
from matchbook.clock import utc_naive
from matchbook.pushes.tables import cep_switch_requests as _TABLE
from matchbook.settings import Settings


def request(settings: Settings, client_id: str, switch: str, *, by: str) -> None:
    """Note that it was requested, by whom and when; again: anew."""
    row = {"client_id": client_id, "switch": switch, "requested_by": by,
           "requested_at": utc_naive(settings.clock.now())}  # fmt: skip
    is_it = (_TABLE.c.client_id == client_id) & (_TABLE.c.switch == switch)
    with state.begin(settings) as connection:
        connection.execute(_TABLE.delete().where(is_it))
        connection.execute(_TABLE.insert().values(row))


def requested(settings: Settings, client_id: str) -> dict[str, tuple[datetime, str]]:
    """When (naive UTC) and by whom, of each switch that was requested."""
    query = sa.select(_TABLE).where(_TABLE.c.client_id == client_id)
    with state.begin(settings) as connection:
        rows = connection.execute(query).all()
    return {row.switch: (row.requested_at, row.requested_by) for row in rows}
