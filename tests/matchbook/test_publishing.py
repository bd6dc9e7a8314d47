"""Publishing: what is written, what is refused, what stays."""

from __future__ import annotations

import stat

import pyarrow.parquet as pq
import pytest

from matchbook.errors import BuildFailed, Busy, SnapshotUnavailable
from matchbook.publishing import publish, unpublished_build_at
from matchbook.settings import Settings
from matchbook.snapshots import current, open_snapshot, outbox_folder, published
from matchbook.warehouse import open_file, open_warehouse
from tests.night_process import tree
from tests.warehouse_fixture import World, build, build_next, small_world

TEST_NODE = "test.matchbook.unique_matches.1"


@pytest.fixture
def world(settings: Settings) -> World:
    world = small_world()
    build(settings, world)
    return world


def test_a_client_sees_its_own_rows_and_no_private_column(settings: Settings, world: World) -> None:
    publish(settings)
    with open_snapshot(settings, "casa") as snapshot:
        clients = snapshot.execute("select distinct client_id from matches").fetchall()
        columns = {row[0] for row in snapshot.execute("describe matches").fetchall()}
        visitors = {row[0] for row in snapshot.execute("describe visitors").fetchall()}
        lines = snapshot.execute(
            "select client_id, lines from line_accounting order by 1"
        ).fetchall()
        names = snapshot.execute("select client_id, client_name from clients").fetchall()
    assert clients == [("casa",)]
    assert "partner_cookie_key" in columns
    assert "partner_cookie_id" not in columns
    assert visitors == {"client_id", "visitor_key", "hits"}
    assert lines == [("casa", 7), (None, 5)]
    assert names == [("casa", "Casa")]


def test_descriptions_travel_as_comments_and_as_a_table(settings: Settings, world: World) -> None:
    publish(settings)
    with open_snapshot(settings, "fly") as snapshot:
        described = snapshot.execute(
            "select description from column_descriptions "
            "where table_name = 'visitors' and column_name = 'hits'"
        ).fetchall()
        comments = snapshot.execute(
            "select comment from duckdb_columns() "
            "where table_name = 'visitors' and column_name = 'hits'"
        ).fetchall()
        private = snapshot.execute(
            "from column_descriptions where column_name = 'visitor_id'"
        ).fetchall()
    assert described == comments == [("The hits.",)]
    assert private == []


def test_published_files_are_read_only(settings: Settings, world: World) -> None:
    publish(settings)
    written = [*settings.published.rglob("*.duckdb"), *settings.outbox.rglob("*.parquet")]
    written += settings.published.rglob("*.parquet")
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o440}


def test_the_outbox_has_a_file_for_every_partner_of_a_client(
    settings: Settings, world: World
) -> None:
    publication = publish(settings)
    assert set(tree(settings.outbox / publication.outbox)) == {
        f"{target}{suffix}"
        for target in ("casa/tealium", "casa/piano", "fly/tealium")
        for suffix in (".parquet", ".gate.parquet", ".account.parquet")
    }


@pytest.mark.parametrize(
    ("statuses", "which"),
    [
        pytest.param({TEST_NODE: "fail"}, "build", id="a failed test"),
        pytest.param({TEST_NODE: "absent"}, "build", id="a test left out"),
        pytest.param({"model.matchbook.matches": "error"}, "build", id="a failed model"),
        pytest.param({"model.matchbook.matches": "skipped"}, "build", id="a skipped model"),
        pytest.param({"model.matchbook.matches": "absent"}, "build", id="a model left out"),
        pytest.param({TEST_NODE: "absent"}, "run", id="dbt run tests nothing"),
        pytest.param({}, "generate", id="another command"),
    ],
)
def test_a_build_that_is_not_green_and_whole_publishes_nothing(
    settings: Settings, world: World, statuses: dict[str, str], which: str
) -> None:
    publish(settings)
    before = tree(settings.home / "published")
    world.next_load()
    world.statuses, world.which = statuses, which
    build(settings, world)
    with pytest.raises(BuildFailed, match="Nothing was published"):
        publish(settings)
    assert tree(settings.home / "published") == before


def test_a_warning_does_not_stand_in_the_way(settings: Settings, world: World) -> None:
    world.statuses = {TEST_NODE: "warn"}
    build(settings, world)
    assert publish(settings).is_new


def test_without_a_build_nothing_is_published(settings: Settings) -> None:
    with pytest.raises(BuildFailed, match="No build"):
        publish(settings)


def test_a_damaged_artifact_is_named(settings: Settings, world: World) -> None:
    (settings.builds / "run_results.json").write_text("{")
    with pytest.raises(BuildFailed, match=r"run_results\.json is damaged"):
        publish(settings)


def test_a_lost_warehouse_is_said(settings: Settings, world: World) -> None:
    settings.warehouse.unlink()
    with pytest.raises(SnapshotUnavailable, match="holds no build"):
        publish(settings)


def test_a_warehouse_that_is_being_written_is_waited_for(settings: Settings, world: World) -> None:
    with open_warehouse(settings), pytest.raises(Busy, match="open in another program"):
        publish(settings)


def test_the_same_build_again_changes_nothing(settings: Settings, world: World) -> None:
    first = publish(settings)
    before = tree(settings.home / "published") | tree(settings.outbox)
    second = publish(settings)
    assert (first.is_new, second.is_new) == (True, False)
    assert tree(settings.home / "published") | tree(settings.outbox) == before


def test_a_build_waits_until_it_is_published(settings: Settings, world: World) -> None:
    assert unpublished_build_at(settings) is not None
    publish(settings)
    assert unpublished_build_at(settings) is None


def test_the_same_night_built_anew_does_not_write_over_files_being_read(
    settings: Settings, world: World
) -> None:
    publish(settings)
    first = current(settings, "casa")
    world.hits.clear()
    build(settings, world)
    publish(settings)
    second = current(settings, "casa")
    assert second.build_id == first.build_id
    assert second.path != first.path
    assert first.path.exists()


def test_history_is_carried_over_and_late_hits_add_a_file(settings: Settings, world: World) -> None:
    publish(settings)
    first = set(current(settings, "casa").history)
    world.next_load()
    world.hit("casa", 5, days_ago=1)
    build(settings, world)
    publish(settings)
    second = set(current(settings, "casa").history)
    assert first < second
    (added,) = second - first
    assert (added.parent.name, added.name.split("-")[0]) == ("2026-11-21", "2")
    with open_snapshot(settings, "casa") as snapshot:
        hits = snapshot.execute("select count(*) from visitor_hits").fetchone()
    assert hits == (7,)


def test_hits_landed_after_the_build_wait_for_the_next(settings: Settings, world: World) -> None:
    world.hits.append((*world.hits[0][:2], 2, *world.hits[0][3:]))
    build(settings, world)
    publish(settings)
    with open_snapshot(settings, "casa") as snapshot:
        assert snapshot.execute("select max(load_seq) from visitor_hits").fetchone() == (1,)


def test_history_files_are_sorted_by_visitor(settings: Settings, world: World) -> None:
    publish(settings)
    for path in current(settings, "casa").history:
        with open_file(settings.warehouse) as connection:
            rows = connection.execute(
                "select visitor_key from read_parquet(?)", [str(path)]
            ).fetchall()
        assert rows == sorted(rows)


def test_changed_columns_rewrite_the_history(settings: Settings, world: World) -> None:
    publish(settings)
    world.next_load()
    build(settings, world)
    with open_warehouse(settings) as connection:
        connection.execute("alter table marts.visitor_hits add column section varchar")
    publish(settings)
    with open_snapshot(settings, "casa") as snapshot:
        assert snapshot.execute("select count(*), count(section) from visitor_hits").fetchone() == (
            6,
            0,
        )


def test_force_publishes_the_same_build_once_more(settings: Settings, world: World) -> None:
    publish(settings)
    before = current(settings, "casa").history
    assert publish(settings, force=True).is_new
    assert current(settings, "casa").history == before


def test_three_builds_stay_and_nothing_unnamed(settings: Settings, world: World) -> None:
    publish(settings)
    (settings.published / "casa" / "left.duckdb.part").write_text("")
    (settings.outbox / "20200101T000000Z-0" / "casa").mkdir(parents=True)
    for _ in range(3):
        build_next(settings, world)
        publish(settings)
    assert len(list(settings.outbox.iterdir())) == 3
    assert len(list((settings.published / "casa").iterdir())) == 6
    publication = published(settings)
    assert publication is not None
    assert len(publication.previous) == 2
    assert all(path.exists() for path in current(settings, "casa").history)


def test_a_client_that_left_is_not_published(settings: Settings, world: World) -> None:
    publish(settings)
    world.next_load()
    del world.clients["fly"]
    build(settings, world)
    publish(settings)
    with pytest.raises(SnapshotUnavailable):
        current(settings, "fly")


def test_a_gate_names_its_pairs_by_their_place(settings: Settings) -> None:
    build(settings, small_world())
    publication = publish(settings)
    folder = outbox_folder(settings, publication)
    keys: dict[tuple[str, str], set[int]] = {}
    for gate in folder.rglob("*.gate.parquet"):
        pairs = pq.read_table(gate.with_name(gate.name.replace(".gate", ""))).to_pylist()
        for row in pq.read_table(gate).to_pylist():
            pair = pairs[row["pair_number"]]
            names = ("partner_cookie_id", "crm_record_id")
            assert [pair[name] for name in names] == [row[name] for name in names]
            assert 0 <= row["subject_key"] < 2**64
            keys.setdefault((row["subject_type"], row["subject_id"]), set()).add(row["subject_key"])
    assert {len(one) for one in keys.values()} == {1}
    assert len(set.union(*keys.values())) == len(keys) > 0
