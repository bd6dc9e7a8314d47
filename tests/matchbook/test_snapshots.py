"""Snapshots: a reader reaches its own client's newest files and nothing else."""

from __future__ import annotations

import duckdb
import pytest

from matchbook.errors import SnapshotUnavailable
from matchbook.publishing import publish
from matchbook.settings import Settings
from matchbook.snapshots import current, open_snapshot, published
from tests.warehouse_fixture import AS_OF, build, small_world


@pytest.fixture
def two_clients(settings: Settings) -> Settings:
    build(settings, small_world())
    publish(settings)
    return settings


def test_before_the_first_night_there_is_no_snapshot(settings: Settings) -> None:
    assert published(settings) is None
    with pytest.raises(SnapshotUnavailable, match="matchbook nightly"):
        current(settings, "casa")


def test_an_unknown_client_has_no_snapshot(two_clients: Settings) -> None:
    with pytest.raises(SnapshotUnavailable), open_snapshot(two_clients, "../casa"):
        pass


def test_a_snapshot_says_what_it_is_of(two_clients: Settings) -> None:
    snapshot = current(two_clients, "casa")
    assert (snapshot.as_of, snapshot.load_seq) == (AS_OF, 1)
    assert snapshot.build_id == "20261121T031000Z-1"


def test_lost_files_are_an_error_with_a_way_out(two_clients: Settings) -> None:
    current(two_clients, "casa").path.unlink()
    with pytest.raises(SnapshotUnavailable), open_snapshot(two_clients, "casa"):
        pass


def test_an_empty_history_has_its_columns(settings: Settings) -> None:
    world = small_world()
    world.hits = [hit for hit in world.hits if hit[0] == "casa"]
    build(settings, world)
    publish(settings)
    described = []
    for client_id in ("casa", "fly"):
        with open_snapshot(settings, client_id) as snapshot:
            described.append(snapshot.execute("describe visitor_hits").fetchall())
            hits = snapshot.execute("select count(*) from visitor_hits").fetchone()
    assert hits == (0,)
    assert [row[:2] for row in described[0]] == [row[:2] for row in described[1]]


@pytest.mark.parametrize(
    "statement",
    [
        "from read_parquet('{home}/published/history/fly/**/*.parquet')",
        "from read_csv('/etc/passwd')",
        "from read_text('{home}/published/current.json')",
        "attach '{home}/warehouse.duckdb' as warehouse",
        "copy matches to '{home}/published/history/casa/x.csv'",
        "insert into matches select * from matches",
        "create table extra (a integer)",
        "drop table matches",
        "set enable_external_access = true",
        "set allowed_paths = ['/etc/passwd']",
        "install httpfs",
    ],
)
def test_a_reader_reaches_nothing_else_and_changes_nothing(
    two_clients: Settings, statement: str
) -> None:
    with (
        open_snapshot(two_clients, "casa") as snapshot,
        pytest.raises((duckdb.PermissionException, duckdb.InvalidInputException)),
    ):
        snapshot.execute(statement.format(home=two_clients.home))


def test_several_readers_share_a_snapshot(two_clients: Settings) -> None:
    with open_snapshot(two_clients, "casa") as one, open_snapshot(two_clients, "casa") as other:
        assert one.execute("from matches").fetchall() == other.execute("from matches").fetchall()
