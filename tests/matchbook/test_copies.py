"""Lake, snapshots and segments in an object store: whole, in order, and whatever it answers."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.landing import recover
from matchbook.clock import Clock
from matchbook.copies import pull, push
from matchbook.errors import StorageUnavailable
from matchbook.object_store import ObjectStore
from matchbook.segments_away import send, settle, take
from matchbook.settings import Settings
from matchbook.snapshots import open_snapshot, published
from matchbook.warehouse import open_warehouse
from tests import s3_in_process
from tests.conftest import NOW
from tests.s3_in_process import Bucket
from tests.sizes import a_few_now

pytestmark = pytest.mark.xdist_group("s3")

IMPATIENT = 0.3
FILES = {
    "lake/hits/000000000001-aaaaaaaaaaaa.parquet": b"hits of one",
    "lake/loads/000000000001-aaaaaaaaaaaa.parquet": b"entry of one",
    "lake/hits/000000000002-bbbbbbbbbbbb.parquet": b"hits of two",
    "lake/loads/000000000002-bbbbbbbbbbbb.parquet": b"entry of two",
    "published/casa/b-1.duckdb": b"snapshot",
    "published/history/casa/2026-11-20/2-cccccccccccc.parquet": b"history",
    "published/current.json": b"{}",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Bucket]:
    with s3_in_process.running(slowness=2 * IMPATIENT) as bucket:
        yield bucket


@pytest.fixture
def bucket(server: Bucket, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """Empty, well, and named by the environment as Amazon's tools read it."""
    named = {"ENDPOINT_URL": server.endpoint, "ACCESS_KEY_ID": "test", "REGION": "us-east-1"}
    for name, value in (named | {"SECRET_ACCESS_KEY": "test"}).items():
        monkeypatch.setenv(f"AWS_{name}", value)
    server.gate = lambda _method, _path: ""
    server.refused.clear()
    for name in server.contents():
        server.client.delete_object(Bucket=server.name, Key=f"home/{name}")
    return server


@pytest.fixture
def home(settings: Settings) -> Settings:
    for name, content in FILES.items():
        path = settings.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return settings


def store(bucket: Bucket, clock: Clock | None = None, timeout: float = 30.0) -> ObjectStore:
    return ObjectStore(bucket.url, clock or Clock(NOW), timeout=timeout)


def test_what_stands_here_is_copied_once(home: Settings, bucket: Bucket) -> None:
    done = push(home, store(bucket))
    assert (done.files, done.bytes) == (len(FILES), sum(map(len, FILES.values())))
    assert bucket.contents() == FILES
    assert push(home, store(bucket)).files == 0


@pytest.mark.parametrize("fault", a_few_now(["500", "503", "slow"], "503"))
def test_a_bucket_that_fails_for_minutes_loses_nothing(
    fault: str, home: Settings, bucket: Bucket
) -> None:
    clock = Clock(NOW)
    well_at = NOW + timedelta(minutes=5)
    bucket.gate = lambda _method, _path: fault if clock.now() < well_at else ""
    push(home, store(bucket, clock, IMPATIENT))
    assert bucket.contents() == FILES
    assert set(bucket.refused) == {fault}
    assert well_at <= clock.now() < well_at + timedelta(minutes=4)


def test_every_third_call_failing_loses_nothing(home: Settings, bucket: Bucket) -> None:
    dice = random.Random(1)
    bucket.gate = lambda _method, _path: dice.choice(("500", "503", "", "", "", ""))
    push(home, store(bucket))
    bucket.gate = lambda _method, _path: ""
    assert bucket.contents() == FILES


def test_whole_loads_and_publications_stand_there_at_any_moment(
    home: Settings, bucket: Bucket
) -> None:
    there: list[str] = []

    def gate(method: str, path: str) -> str:
        if method == "PUT":
            there.append(path.split("/home/")[1])
        return ""

    bucket.gate = gate
    push(home, store(bucket))
    first = {name: there.index(name) for name in FILES}
    for stem in ("000000000001-aaaaaaaaaaaa", "000000000002-bbbbbbbbbbbb"):
        assert first[f"lake/hits/{stem}.parquet"] < first[f"lake/loads/{stem}.parquet"]
    assert there[-1] == "published/current.json"


def test_a_copying_that_gives_up_is_gone_on_with(home: Settings, bucket: Bucket) -> None:
    clock = Clock(NOW)
    bucket.gate = lambda method, path: "503" if method == "PUT" and "loads" in path else ""
    with pytest.raises(StorageUnavailable):
        push(home, store(bucket, clock))
    assert clock.now() - NOW >= timedelta(minutes=10)
    assert "lake/loads/000000000001-aaaaaaaaaaaa.parquet" not in bucket.contents()
    (home.home / "lake/hits/000000000002-bbbbbbbbbbbb.parquet").unlink()  # erased meanwhile
    bucket.gate = lambda _method, _path: ""
    push(home, store(bucket))
    assert bucket.contents().keys() == FILES.keys() - {
        "lake/hits/000000000002-bbbbbbbbbbbb.parquet"
    }


def test_what_is_rewritten_or_removed_here_is_so_there(home: Settings, bucket: Bucket) -> None:
    push(home, store(bucket))
    rewritten, removed = (home.home / name for name in list(FILES)[::2][:2])
    rewritten.write_bytes(b"hits of 1st")  # as long as before
    removed.unlink()
    done = push(home, store(bucket))
    assert (done.files, done.removed) == (1, 1)
    contents = bucket.contents()
    assert contents["lake/hits/000000000001-aaaaaaaaaaaa.parquet"] == b"hits of 1st"
    assert "lake/hits/000000000002-bbbbbbbbbbbb.parquet" not in contents


def test_an_empty_home_gets_all_and_removes_nothing(
    home: Settings, bucket: Bucket, tmp_path: Path
) -> None:
    push(home, store(bucket))
    other = replace(home, home=tmp_path / "other")
    assert push(other, store(bucket)).removed == 0
    pull(other, store(bucket))
    assert {name: (other.home / name).read_bytes() for name in FILES} == FILES
    reader = replace(home, home=tmp_path / "reader")
    pull(reader, store(bucket), ("published",))
    assert not reader.lake.exists()
    assert (reader.published / "current.json").exists()


@pytest.mark.parametrize("url", ["s3://no-such-bucket/home", None])
def test_what_does_not_pass_is_told_at_once(
    url: str | None, home: Settings, bucket: Bucket
) -> None:
    clock = Clock(NOW)
    if url is None:
        bucket.gate = lambda _method, _path: "403"
    with pytest.raises(StorageUnavailable):
        push(home, ObjectStore(url or bucket.url, clock))
    assert clock.now() == NOW


def test_segments_go_and_are_kept_until_they_are_copied(
    settings: Settings, bucket: Bucket, tmp_path: Path
) -> None:
    collectors = [replace(settings, home=tmp_path / name) for name in "ab"]
    for number, collector in enumerate(collectors):  # of one name, on two machines
        pixels = collector.inbox / "pixels"
        pixels.mkdir(parents=True)
        (pixels / "seg-1.jsonl").write_text(f"line {number}\n")
        (pixels / "seg-1.jsonl.done").touch()
        assert send(collector, store(bucket)) == 1
        assert list(pixels.iterdir()) == []
    assert take(settings, store(bucket)) == 2
    assert take(settings, store(bucket)) == 0
    segments = sorted((settings.inbox / "pixels").glob("*.jsonl"))
    assert {path.read_text() for path in segments} == {"line 0\n", "line 1\n"}
    assert settle(settings, store(bucket)) == 0
    segments[0].unlink()  # landed
    assert settle(settings, store(bucket)) == 1
    assert len(bucket.contents()) == 1


def test_a_segment_stays_with_its_collector_while_the_bucket_is_away(
    settings: Settings, bucket: Bucket
) -> None:
    path = settings.inbox / "pixels" / "seg-1.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("line\n")
    bucket.gate = lambda _method, _path: "503"
    with pytest.raises(StorageUnavailable):
        send(settings, store(bucket))
    assert path.read_text() == "line\n"


def test_a_folder_does_as_well(home: Settings, tmp_path: Path) -> None:
    folder = ObjectStore(str(tmp_path / "copies"), Clock(NOW))
    push(home, folder)
    assert {n: (tmp_path / "copies" / n).read_bytes() for n in FILES} == FILES
    pull(replace(home, home=tmp_path / "other"), folder)
    assert (tmp_path / "other/published/casa/b-1.duckdb").read_bytes() == b"snapshot"


@pytest.mark.proof
def test_the_ledger_comes_back_from_the_bucket_alone(
    demo_home: Path, bucket: Bucket, tmp_path: Path
) -> None:
    """A machine is lost: an empty home has every load again, and readers every snapshot."""
    dice = random.Random(2)
    bucket.gate = lambda _method, _path: dice.choice(("500", "503", "", "", "", "", "", ""))
    lost, found = Settings(home=demo_home), Settings(home=tmp_path / "found")
    done = push(lost, store(bucket))
    pull(found, store(bucket))
    with open_warehouse(found) as connection:
        loads = recover(connection, found)
        ledger = connection.execute("from raw.loads order by load_seq").fetchall()
    with open_warehouse(lost) as connection:
        assert connection.execute("from raw.loads order by load_seq").fetchall() == ledger
    publication = published(lost)
    assert publication is not None
    assert published(found) == publication
    for client in publication.clients:
        with open_snapshot(found, client) as snapshot:
            assert snapshot.execute("select count(*) from people").fetchone()
    print(
        f"\n{done.files} files, {done.bytes / 1e6:.1f} MB through a bucket that failed "
        f"{len(bucket.refused)} calls: {loads} loads and {len(publication.clients)} snapshots again"
    )
