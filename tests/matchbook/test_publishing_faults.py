"""Publishing under a SIGKILL, and with readers while the pointer is swapped."""

from __future__ import annotations

import multiprocessing
import shutil
from pathlib import Path

import pytest

from matchbook.failpoints import FAILPOINTS
from matchbook.publishing import publish
from matchbook.settings import Settings
from matchbook.snapshots import open_snapshot
from tests.conftest import NOW
from tests.night_process import run_killed_at, tree
from tests.sizes import a_few_now
from tests.warehouse_fixture import build, build_next, small_world


@pytest.fixture(scope="module")
def second_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one published build and a second one that waits."""
    settings = Settings(home=tmp_path_factory.mktemp("second_night"), now=NOW)
    world = small_world()
    build(settings, world)
    publish(settings)
    build_next(settings, world)
    return settings.home


@pytest.fixture(scope="module")
def undisturbed(second_night: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    settings = Settings(home=Path(shutil.copytree(second_night, home)), now=NOW)
    publish(settings)
    return settings


@pytest.mark.parametrize(
    "failpoint",
    a_few_now((f for f in FAILPOINTS if f.startswith("publish.")), "publish.snapshot_written"),
)
def test_a_kill_and_a_rerun_end_like_an_undisturbed_run(
    settings: Settings, second_night: Path, undisturbed: Settings, failpoint: str
) -> None:
    shutil.copytree(second_night, settings.home, dirs_exist_ok=True)
    run_killed_at(settings, "publish", failpoint)
    publish(settings)
    for folder in ("published", "outbox"):
        disturbed = tree(settings.home / folder, without=".duckdb")
        assert disturbed == tree(undisturbed.home / folder, without=".duckdb")
    with open_snapshot(settings, "casa") as one, open_snapshot(undisturbed, "casa") as other:
        for query in ("from matches", "from visitors", "from build", "from visitor_hits"):
            assert one.execute(query).fetchall() == other.execute(query).fetchall()


def test_readers_see_one_whole_build_while_others_are_published(settings: Settings) -> None:
    world = small_world()
    build(settings, world)
    publish(settings)
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as readers:
        polls = [readers.apply_async(_poll, (settings.home, 5)) for _ in range(2)]
        for _ in range(4):
            build_next(settings, world)
            publish(settings)
        seen = [poll.get(timeout=60) for poll in polls]
    assert [poll[-1] for poll in seen] == [5, 5]


def _poll(home: Path, last: int) -> list[int]:
    """Open until the last build shows; every build must hold all its hits and no later ones."""
    settings, seen = Settings(home=home), [0]
    while seen[-1] != last:
        with open_snapshot(settings, "casa") as snapshot:
            (load_seq,) = snapshot.execute("select load_seq from build").fetchone() or (0,)
            (hits,) = snapshot.execute("select count(*) from visitor_hits").fetchone() or (0,)
        assert hits == 6 + load_seq - 1
        assert load_seq >= seen[-1]
        seen.append(load_seq)
    return seen
