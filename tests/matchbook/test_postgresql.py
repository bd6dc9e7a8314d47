"""State in a real PostgreSQL: made, mended, shared by several workers, and away for a while."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from matchbook import audit, deliveries, jobs, registry, runs, state, suppressions
from matchbook.cli import main, work
from matchbook.errors import Busy, ConfigError
from matchbook.registry import Client
from matchbook.settings import Settings
from tests import postgres_server
from tests.postgres_server import Server

pytestmark = [pytest.mark.needs("postgres"), pytest.mark.xdist_group("postgres")]

SILENT = jobs.SILENT_AFTER + timedelta(seconds=1)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres_server.running() as running:
        yield running


@pytest.fixture
def shared(settings: Settings, server: Server, request: pytest.FixtureRequest) -> Settings:
    """A home whose state is a database of this test's own."""
    return replace(settings, state_url=server.url(f"t{abs(hash(request.node.name))}"))


def test_tables_are_made_once_by_whoever_comes_first(shared: Settings) -> None:
    together = Barrier(4)

    def open_it(_: int) -> int:
        together.wait()
        from matchbook import database

        engine = database.open_engine(shared.database_url, state.METADATAS)
        with engine.connect() as connection:
            found = len(sa.inspect(connection).get_table_names())
        engine.dispose()
        return found

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(open_it, range(4)))
    assert found == {sum(len(metadata.tables) for metadata in state.METADATAS)}


def test_a_database_of_before_gets_the_columns_it_lacks(shared: Settings) -> None:
    with sa.create_engine(shared.database_url).begin() as connection:
        connection.execute(sa.text(
            "create table deliveries (client_id text, partner_id text, build_id text, state text, "
            "from_load_seq bigint, load_seq bigint, as_of timestamp, planned_at timestamp, "
            "primary key (client_id, partner_id, build_id))"
        ))  # fmt: skip
        connection.execute(sa.text(
            "insert into deliveries values ('casa', 'piano', 'b-1', 'confirmed', 0, 1, "
            "'2026-11-21 03:10', '2026-11-21 03:10')"
        ))  # fmt: skip
    (done,) = deliveries.confirmed(shared)
    assert (done.state, done.load_seq, done.channel) == ("confirmed", 1, None)


def test_two_workers_never_take_the_same_job(shared: Settings) -> None:
    race(shared, 40)


@pytest.mark.proof
def test_a_thousand_races_for_jobs(shared: Settings) -> None:
    taken = race(shared, 1000)
    print(f"\n1,000 races of two workers for jobs: each taken once, {min(taken)} by the slower")


def race(settings: Settings, races: int) -> list[int]:
    """Two workers rush at one job, so many times; how many each took."""
    start = Barrier(2)
    for number in range(races):
        jobs.enqueue(settings, "nightly", idempotency_key=str(number))

    def worker(_: int) -> list[int]:
        mine = []
        for _ in range(races // 2):
            start.wait()  # each time both at once
            job = jobs.claim(settings)
            assert job is not None
            mine.append(job.job_id)
        return mine

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(worker, range(2))
    assert len({*one, *two}) == races == len(one) + len(two)
    assert jobs.claim(settings) is None
    return [len(one), len(two)]


def test_a_locked_job_is_passed_over(shared: Settings) -> None:
    first, second = (jobs.enqueue(shared, "nightly", idempotency_key=key) for key in "ab")
    with state.begin(shared) as connection:  # another worker is just taking it
        table = state.jobs
        connection.execute(sa.select(table).where(table.c.job_id == first).with_for_update())
        taken = jobs.claim(shared)
    assert taken is not None
    assert taken.job_id == second


def test_the_same_wish_of_many_pages_is_one_job(shared: Settings) -> None:
    together = Barrier(8)

    def ask(_: int) -> int:
        together.wait()
        return jobs.enqueue(shared, "nightly", idempotency_key="tonight")

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1


def test_what_a_silent_worker_left_is_begun_again(
    shared: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in "ab":
        jobs.enqueue(shared, "nightly", idempotency_key=key)
    for name in ("gone", "here"):
        monkeypatch.setattr(jobs, "this_worker", lambda name=name: name)
        jobs.report(shared, name)
        jobs.claim(shared)
    _silence(shared, "gone")
    jobs.requeue_interrupted(shared)
    found = {job.worker_id: job.status for job in jobs.all_of(shared)}
    assert found == {"gone": "queued", "here": "running"}


def _silence(settings: Settings, worker: str) -> None:
    table = state.workers
    with state.begin(settings) as connection:
        before = table.c.reported_at - SILENT
        connection.execute(
            table.update().where(table.c.worker_id == worker).values(reported_at=before)
        )


def test_a_job_that_another_run_stands_in_the_way_of_waits(
    shared: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_settings: Settings, job: jobs.Job, _say: work.Say) -> dict[str, int]:
        if job.idempotency_key == "a":
            raise Busy("Another run is busy.")
        return {}

    monkeypatch.setattr(work, "handlers", lambda: {"nightly": busy})
    ids = [jobs.enqueue(shared, "nightly", idempotency_key=key) for key in "ab"]
    with work.only_worker(shared), work.only_worker(shared):  # there may be several
        assert work.drain(shared, say=lambda _: None) == 2
    assert [jobs.get(shared, job_id).status for job_id in ids] == ["queued", "done"]
    assert jobs.claim(shared) is None  # not yet


@pytest.mark.parametrize("at_once", [6])
def test_changes_made_together_are_all_kept(shared: Settings, at_once: int) -> None:
    together = Barrier(at_once)

    def add(number: int) -> None:
        together.wait()
        made = Client(client_id=f"c{number}", name=f"C {number}", time_zone="UTC")
        registry.change(
            shared,
            lambda document: document.model_copy(update={"clients": (*document.clients, made)}),
            by="test",
        )
        suppressions.add(shared, subject_type="cep_contact", subject_id="7")

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(add, range(at_once)))
    assert len(registry.current(shared).clients) == at_once
    assert len(suppressions.all_rows(shared)) == 1


def test_a_server_that_was_away_is_met_again(shared: Settings, server: Server) -> None:
    with runs.recorded(shared, "build"):
        pass
    server.stop()
    try:
        with pytest.raises(ConfigError) as told:
            runs.latest(shared)
    finally:
        server.start()
    assert shared.state_url not in str(told.value)
    assert [run.status for run in runs.latest(shared)] == ["done"]


@pytest.mark.parametrize("url", ["mysql://a:secret@b/c", "what"])
def test_another_database_is_refused(settings: Settings, url: str) -> None:
    with pytest.raises(ConfigError) as told:
        runs.latest(replace(settings, state_url=url))
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    "change", ["delete from audit_events", "update audit_events set actor = 'b'"]
)
def test_an_event_is_neither_changed_nor_removed(shared: Settings, change: str) -> None:
    audit.record(shared, actor="a", client_id=None, action="x", subjects=0)
    with pytest.raises(sa.exc.DBAPIError, match="only added to"), state.begin(shared) as connection:
        connection.execute(sa.text(change))
    assert [event.actor for event in audit.events(shared)] == ["a"]


def test_state_moves_there_whole(shared: Settings) -> None:
    at_home = replace(shared, state_url="")
    for number in range(3):
        suppressions.add(at_home, subject_type="cep_contact", subject_id=str(number))
    jobs.enqueue(at_home, "nightly", idempotency_key="a", arguments={"n": 1})
    before = jobs.all_of(at_home)
    state.forget_connections()
    environment = {"MATCHBOOK_HOME": str(shared.home)}
    assert CliRunner().invoke(main, ["move-state"], env=environment).exit_code == 78
    environment |= {"MATCHBOOK_STATE_URL": shared.state_url}
    done = CliRunner().invoke(main, ["move-state", "--json"], env=environment)
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["rows"]["suppressions"] == 3
    assert jobs.all_of(shared) == before
    assert not shared.state_file.exists()
    jobs.enqueue(shared, "nightly", idempotency_key="b")  # numbers go on
    assert [job.job_id for job in jobs.all_of(shared)] == [1, 2]
    shared.state_file.with_name("state.moved.sqlite").rename(shared.state_file)
    assert CliRunner().invoke(main, ["move-state"], env=environment).exit_code == 78


SAME_TESTS = (
    "tests/matchbook/test_jobs.py",
    "tests/matchbook/test_registry.py",
    "tests/matchbook/test_runs.py",
    "tests/matchbook/test_suppressions.py",
    "tests/matchbook/test_mirror.py",
    "tests/matchbook/test_retention.py",
    "tests/matchbook/test_sign_in.py",
    "tests/matchbook/test_sign_ins.py",
    "tests/matchbook/test_team.py",
    "tests/matchbook/erasure",
    "tests/matchbook/kept_audiences/test_store.py",
    "tests/exporters/test_delivery.py",
)
NOT_THERE = (
    "there_is_one_worker",
    "no_byte_of_the_state_names_the_person",
    "a_kill_and_a",
    "a_home_of_before",
)
"""Tests of what an SQLite file alone has: one worker, bytes to look at, children by fork."""


@pytest.mark.proof
def test_the_tests_of_state_hold_there_too() -> None:
    command = [sys.executable, "-m", "pytest", "-p", "tests.postgres_server", "-n0", "-q"]
    command += ["-k", " and ".join(f"not {name}" for name in NOT_THERE), *SAME_TESTS]
    root = Path(__file__).parents[2]
    done = subprocess.run(
        command, cwd=root, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout[-5000:]
    print(f"\nOn PostgreSQL: {done.stdout.strip().splitlines()[-1]}")
