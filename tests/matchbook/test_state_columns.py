"""A home of an earlier version gets the columns it lacks, and keeps its rows."""

from __future__ import annotations

import sqlite3

from matchbook import deliveries
from matchbook.settings import Settings

_EARLIER = """
create table deliveries (
    client_id varchar(64), partner_id varchar(32), build_id varchar(64), state varchar(16),
    from_load_seq bigint, load_seq bigint, as_of datetime, file_name varchar(255),
    sha256 varchar(64), bytes bigint, rows_added bigint, rows_seen bigint, rows_removed bigint,
    reason varchar(500), planned_at datetime, confirmed_at datetime,
    primary key (client_id, partner_id, build_id));
insert into deliveries values ('casa', 'piano', 'b-1', 'confirmed', 0, 1,
    '2026-11-21 03:10:00.000000', 'a.csv', 'x', 1, 1, 0, 0, null,
    '2026-11-21 03:10:00.000000', '2026-11-21 03:10:00.000000');
"""


def test_a_ledger_of_before_goes_on(settings: Settings) -> None:
    connection = sqlite3.connect(settings.home / "state.sqlite")
    connection.executescript(_EARLIER)
    connection.close()
    (done,) = deliveries.confirmed(settings)
    assert (done.state, done.rows_added, done.attempts, done.channel) == (
        "confirmed",
        1,
        None,
        None,
    )
    assert deliveries.files(settings, done) == []
