"""What serves people is locked: one SELECT, its own files, nothing to write, an end to waiting."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pytest

from matchbook.errors import TookTooLong
from matchbook.publishing import publish
from matchbook.reading import Limits, is_one_select, select
from matchbook.settings import REPOSITORY, Settings
from matchbook.snapshots import current, open_snapshot
from tests.warehouse_fixture import build, small_world

OTHERS = [
    "copy matches to '{file}'",
    "copy (select 1) to '{file}' (format parquet)",
    "select 1; copy matches to '{file}'",
    "select 1; select 2",
    "create temp table t as from matches",
    "set memory_limit = '1TB'",
    "attach '{file}' as other",
    "explain analyze from matches",
    "call duckdb_tables()",
    "pragma database_list",
    "-- nothing",
]
ENDLESS = (
    "select count(*) from range(1_000_000_000) a, range(1_000_000_000) b where a.range < b.range"
)


@pytest.fixture
def served(settings: Settings) -> Settings:
    build(settings, small_world())
    publish(settings)
    return settings


@pytest.mark.parametrize("statement", OTHERS)
def test_P34_a_page_asks_exactly_one_select(served: Settings, statement: str) -> None:
    (partition, *_) = current(served, "casa").history
    before = partition.read_bytes()
    with open_snapshot(served, "casa") as snapshot, pytest.raises(ValueError, match="one SELECT"):
        select(snapshot, statement.format(file=partition))
    assert partition.read_bytes() == before


def test_what_pages_ask_is_a_select() -> None:
    asked = ["select 1", "from matches", "with a as (select 1) from a", "select ';copy x to y'"]
    assert [is_one_select(sql) for sql in asked] == [True] * len(asked)


def test_published_files_and_folders_are_nobody_s_to_write(served: Settings) -> None:
    found = [path for path in served.published.rglob("*") if path.name != "current.json"]
    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in found}
    assert modes == {(True, 0o550), (False, 0o440)}
    snapshot = current(served, "casa")
    assert {snapshot.path, *snapshot.history} <= set(found)


def test_who_serves_people_cannot_overwrite_a_partition(served: Settings) -> None:
    """Past the rule of one SELECT, on a connection that may read it, not even as the owner."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        shutil.copytree(served.published, home / "published")
        _give_away(Path(folder))
        (partition, *_) = current(Settings(home=home), "casa").history
        before = partition.read_bytes()
        said = {partition.name: "Permission denied", "new.parquet": "disabled by configuration"}
        for name, why in said.items():
            tried = subprocess.run(
                [sys.executable, "-c", _OVERWRITE, home, partition.with_name(name)],
                capture_output=True, text=True, cwd=REPOSITORY,
            )  # fmt: skip
            assert why in tried.stderr
            assert "it can be read" in tried.stdout
        assert partition.read_bytes() == before
        assert list(partition.parent.iterdir()) == [partition]


def test_a_question_without_end_is_stopped(served: Settings) -> None:
    limits = Limits(seconds=0.2)
    with pytest.raises(TookTooLong, match="stopped"), open_snapshot(
        served, "casa", limits=limits
    ) as snapshot:  # fmt: skip
        select(snapshot, ENDLESS).fetchall()


def test_a_question_beyond_its_memory_is_stopped(served: Settings) -> None:
    sql = "select list(range || '-' || range) from range(5_000_000)"
    with pytest.raises(TookTooLong), open_snapshot(
        served, "casa", limits=Limits(memory="50MB")
    ) as snapshot:  # fmt: skip
        select(snapshot, sql).fetchall()


def test_what_a_page_may_take_cannot_be_raised(served: Settings) -> None:
    with open_snapshot(served, "casa") as snapshot:
        for change in ("set threads = 64", "reset memory_limit", "set temp_directory = '/tmp'"):
            with pytest.raises(duckdb.InvalidInputException):
                snapshot.execute(change)


_OVERWRITE = """
import os, sys
from pathlib import Path
from matchbook.settings import Settings
from matchbook.snapshots import open_snapshot
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
with open_snapshot(Settings(home=Path(sys.argv[1])), "casa") as snapshot:
    snapshot.execute("from visitor_hits").fetchall()
    print("it can be read")
    target = f"'{sys.argv[2]}' (format parquet, use_tmp_file false)"
    snapshot.execute(f"copy (select 1 as a) to {target}")
"""


def _give_away(folder: Path) -> None:
    """Root may write anything; anybody else is who tries."""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, 65534, 65534)
