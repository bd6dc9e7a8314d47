"""What operators read: counts of all clients in one file, and no row of anybody."""

from __future__ import annotations

import stat

import duckdb
import pytest

from matchbook import deliveries
from matchbook.clock import utc_naive
from matchbook.delivery_rows import Delivery
from matchbook.errors import SnapshotUnavailable
from matchbook.instance import FILE, open_instance
from matchbook.publishing import publish
from matchbook.publishing.instance import refresh_deliveries
from matchbook.settings import Settings
from matchbook.snapshots import published
from tests.conftest import NOW
from tests.warehouse_fixture import build, small_world

PERSONAL = (
    "visitor",
    "record",
    "cookie",
    "identifier",
    "person",
    "file_name",
    "uploaded_by",
    "url",
)


def confirm(settings: Settings, client_id: str, build_id: str) -> None:
    made = Delivery(client_id, "tealium", build_id, "confirmed", 0, 1, utc_naive(NOW),
                    confirmed_at=utc_naive(NOW))  # fmt: skip
    deliveries.plan(settings, made)


def test_it_has_every_clients_counts_and_no_row_of_anybody(settings: Settings) -> None:
    refresh_deliveries(settings)
    with pytest.raises(SnapshotUnavailable, match="of the installation"), open_instance(settings):
        pass
    build(settings, small_world())
    build_id = publish(settings).build_id
    with open_instance(settings) as instance:
        columns = instance.execute(
            "select table_name, column_name from duckdb_columns() where not internal"
        ).fetchall()
        lines = instance.execute("select sum(lines) from loads").fetchone()
        with pytest.raises(duckdb.Error):
            instance.execute(f"select * from read_text('{settings.published}/current.json')")
        with pytest.raises(duckdb.Error):
            instance.execute("create table mine (x int)")
    assert {table for table, _ in columns} == {"loads", "builds", "deliveries"}
    assert not [name for _, name in columns if any(word in name for word in PERSONAL)]
    assert lines is not None
    confirm(settings, "casa", build_id)
    confirm(settings, "fly", build_id)
    refresh_deliveries(settings)
    with open_instance(settings) as instance:
        sent = instance.execute("select client_id, state from deliveries order by 1").fetchall()
        builds = instance.execute("select build_id, clients from builds").fetchall()
        assert instance.execute("select sum(lines) from loads").fetchone() == lines
    assert sent == [("casa", "confirmed"), ("fly", "confirmed")]
    newest = published(settings)
    assert newest is not None
    assert builds == [(build_id, len(newest.clients))]
    path = settings.published / FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o440
    assert publish(settings).is_new is False
    assert path.is_file(), "kept when what no publication names is removed"
