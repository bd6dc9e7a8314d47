"""Picking up from an S3 API that checks signatures, by fault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from matchbook.settings import Settings
from tests.onboarding import (
    FIRST,
    SECOND,
    THIRD,
    at,
    contacts,
    ledger,
    left,
    onboard,
    register,
    secret,
)
from tests.storage_servers import CuttingWire, S3Server, s3_server

pytestmark = pytest.mark.xdist_group("s3")


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with s3_server() as server:
        yield server


class Bucket:
    """A bucket of the server, and putting things into its folder."""

    def __init__(self, server: S3Server, name: str) -> None:
        self.name, self._server, self._client = name, server, server.client()
        self._client.create_bucket(Bucket=name)

    def put(self, path: str, content: bytes) -> None:
        self._client.put_object(Bucket=self.name, Key=f"in/{path}", Body=content)

    def left(self) -> list[str]:
        return [name.removeprefix("in/") for name in self._server.names(self.name)]


@pytest.fixture
def bucket(server: S3Server, request: pytest.FixtureRequest) -> Bucket:
    return Bucket(server, f"b{abs(hash(request.node.name))}")


@pytest.fixture
def settings(settings: Settings, server: S3Server, bucket: Bucket) -> Settings:
    secret(settings, "acme", f"{server.identity}:{server.key}\n")
    register(settings, location(server, bucket))
    return settings


def location(server: S3Server, bucket: Bucket, **fields: Any):
    fields = {"endpoint": server.endpoint, "credentials": "file:acme"} | fields
    return at(f"s3://{bucket.name}/in", **fields)


def test_an_empty_bucket_is_no_failure(settings: Settings) -> None:
    (poll,) = onboard(settings).polls
    assert (poll.is_reached, poll.problems) == (True, [])


def test_objects_land_and_leave(settings: Settings, bucket: Bucket) -> None:
    bucket.put(SECOND, contacts("b", "c"))
    bucket.put(FIRST, contacts("a"))
    bucket.put(THIRD + ".part", b"half")
    bucket.put("onboard/audience=theirs/opt-in/20261120_020000.csv", contacts("x"))
    done = onboard(settings)
    assert done.polls[0].removed == [FIRST, SECOND]
    assert done.reasons == {"onboard/audience=theirs": "unknown_list"}
    assert [row[1:] for row in ledger(settings)] == [(1, 0), (2, 0)]
    assert len(bucket.left()) == 2
    assert left(settings.inbox) == []


def test_bad_first_then_good_and_the_archive(
    settings: Settings, server: S3Server, bucket: Bucket
) -> None:
    register(settings, location(server, bucket, after="archive"))
    bucket.put(FIRST + ".gz", b"\x1f\x8bdamaged")
    bucket.put(SECOND, contacts("a"))
    onboard(settings)
    bucket.put(SECOND, contacts("a"))
    bucket.put(THIRD, contacts("a"))
    onboard(settings)
    assert [row[1:] for row in ledger(settings)] == [(1, 0), (0, 1)]
    names = bucket.left()
    assert len(names) == 3
    assert all(name.startswith("archive/audience=news/opt-in/2026112") for name in names)


def test_a_broken_copy_goes_on_where_it_stopped(
    settings: Settings, server: S3Server, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.storage.place.BLOCK_BYTES", 1 << 16)
    monkeypatch.setattr("ingest.storage.bucket.BLOCK_BYTES", 1 << 16)
    wire = CuttingWire(int(server.endpoint.rsplit(":")[-1]))
    register(settings, location(server, bucket, endpoint=f"http://127.0.0.1:{wire.port}"))
    bucket.put(FIRST, contacts(*(f"r{number}" for number in range(10_000))))
    wire.cut_after_all = 350_000
    first = onboard(settings)
    assert first.reasons[FIRST] == "unreachable"
    assert next(settings.inbox.rglob("*.part")).stat().st_size >= 1 << 16
    wire.cut_after_all = None
    assert onboard(settings).polls[0].removed == [FIRST]
    assert [row[1] for row in ledger(settings)] == [10_000]
    wire.close()


@pytest.mark.parametrize("wrong", ["identity", "key"])
def test_wrong_credentials_are_told_and_hidden(
    settings: Settings, server: S3Server, bucket: Bucket, wrong: str
) -> None:
    wire = CuttingWire(int(server.endpoint.rsplit(":")[-1]))
    register(settings, location(server, bucket, endpoint=f"http://127.0.0.1:{wire.port}"))
    pair = ("AKIAXXXXXXXXXXXXXXXX", server.key) if wrong == "identity" else (
        server.identity, "wrong-secret")  # fmt: skip
    secret(settings, "acme", ":".join(pair))
    (poll,) = onboard(settings).polls
    assert [problem.reason for problem in poll.problems] == ["credentials"]
    assert not any(part in repr(poll) for part in pair)
    assert wire.connections == 1
    wire.close()


def test_a_missing_bucket_and_a_silent_server(
    settings: Settings, server: S3Server, bucket: Bucket
) -> None:
    missing = at("s3://not-there/in", "one", endpoint=server.endpoint, credentials="file:acme")
    nobody = at("s3://any-bucket", "two", endpoint="http://127.0.0.1:1", credentials="file:acme")
    register(settings, missing, nobody, location(server, bucket))
    bucket.put(FIRST, contacts("a"))
    done = onboard(settings)
    assert [poll.is_reached for poll in done.polls] == [False, False, True]
    assert [p.reason for poll in done.polls for p in poll.problems] == ["not_found", "unreachable"]
    assert done.polls[2].removed == [FIRST]
