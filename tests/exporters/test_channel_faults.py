"""What partners' servers do wrong, by the named cases: refused, retried, never half there."""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest

from exporters.transports import opened
from exporters.transports.s3 import Bucket
from matchbook.errors import PushAborted
from matchbook.settings import Settings
from tests.conftest import NOW
from tests.exporters.channels import deliver_at, ledger, open_channel, secret, stored, there
from tests.exporters.nights import publish_pairs
from tests.exporters.test_transports import CONTENT, channel, file
from tests.storage_servers import S3Server, SftpServer, s3_server, sftp_server

pytestmark = pytest.mark.xdist_group("transports")

FIRST = NOW + timedelta(minutes=30)
SEEN = {("cx:a", "r1"): 1, ("cx:b", "r2"): 1}


@pytest.fixture(scope="module")
def sftp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    with sftp_server(tmp_path_factory.mktemp("faults") / "sshd") as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", now=NOW)


def over_sftp(settings: Settings, sftp: SftpServer, drop: Path, host_key: str = "") -> None:
    drop.mkdir(exist_ok=True)
    key = secret(settings, "key", sftp.key)
    open_channel(settings, "tealium", sftp.url(drop), credentials=key,
                 host_key=host_key or sftp.host_key)  # fmt: skip
    publish_pairs(settings, 1, SEEN, "tealium")


@pytest.mark.needs("sshd")
@pytest.mark.parametrize("row", ["DL03"])
def test_another_host_key_is_refused(
    settings: Settings, sftp: SftpServer, tmp_path: Path, row: str
) -> None:
    other = "ssh-ed25519 " + base64.b64encode(
        b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20" + bytes(range(32))
    ).decode()  # fmt: skip
    over_sftp(settings, sftp, tmp_path / "drop", other)
    deliver_at(settings, FIRST)
    (delivery,) = ledger(settings)
    assert delivery.state == "rejected"
    assert "host key that is pinned" in (delivery.reason or "")
    assert there(tmp_path / "drop") == {}


@pytest.mark.needs("sshd")
@pytest.mark.parametrize("row", ["DL02"])
def test_a_name_that_is_taken_stops(
    settings: Settings, sftp: SftpServer, tmp_path: Path, row: str
) -> None:
    drop = tmp_path / "drop"
    over_sftp(settings, sftp, drop)
    (drop / "match_20261121T033000Z-0001.csv.gz").write_bytes(b"of somebody else")
    deliver_at(settings, FIRST)
    assert there(drop) == {"match_20261121T033000Z-0001.csv.gz": b"of somebody else"}
    assert "stands at the partner already" in (ledger(settings)[0].reason or "")


@pytest.mark.needs("sshd")
@pytest.mark.parametrize("row", ["DL05"])
def test_the_servers_clock_and_listing_do_not_matter(
    settings: Settings, sftp: SftpServer, tmp_path: Path, row: str
) -> None:
    drop = tmp_path / "drop"
    over_sftp(settings, sftp, drop)
    for name in (b"\xff\xfe garbage", b"line\nend.csv", b"zz.part"):
        (drop / os.fsdecode(name)).write_bytes(b"x")
        os.utime(drop / os.fsdecode(name), (0, 0))
    deliver_at(settings, FIRST)
    (delivery,) = ledger(settings)
    assert delivery.state == "confirmed"
    assert stored(settings, delivery).items() <= there(drop).items()
    for name in stored(settings, delivery):
        os.utime(drop / name, (2**31, 2**31))
    deliver_at(settings, FIRST + timedelta(minutes=5), retry=True)
    assert len(there(drop)) == 3 + len(stored(settings, delivery))


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with s3_server() as server:
        server.client().create_bucket(Bucket="drop")
        yield server


class _Between(BaseHTTPRequestHandler):
    """Passes S3 calls on; may lose an answer or give one of its own."""

    protocol_version = "HTTP/1.1"
    target: ClassVar[str]
    fault: ClassVar[Callable[[str, int], str | None]]
    puts: ClassVar[list[str]]

    def _do(self) -> None:
        body = self._body()
        if self.command == "PUT":
            self.puts.append(self.path)
        told = type(self).fault(self.command, len(self.puts))
        if told and told != "lost":
            self._answer(int(told.split()[0]), _error(told.split()[1]), {})
            return
        answer = httpx.request(
            self.command, self.target + self.path, content=body,
            headers=[(k, v) for k, v in self.headers.items() if k not in ("Expect",)],
        )  # fmt: skip
        if told == "lost":
            self.close_connection = True
            self.connection.shutdown(2)
            return
        self._answer(answer.status_code, answer.content, dict(answer.headers))

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "connection", "date", "server",
                                    "transfer-encoding", "content-encoding"):  # fmt: skip
                self.send_header(name, value)
        size = headers.get("content-length") if self.command == "HEAD" else None
        self.send_header("Content-Length", size or str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_HEAD = do_DELETE = _do

    def log_message(self, format: str, *args: Any) -> None:
        """Silence."""


def _error(code: str) -> bytes:
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>".encode()


@contextmanager
def between(
    s3: S3Server, fault: Callable[[str, int], str | None]
) -> Iterator[tuple[str, list[str]]]:
    puts: list[str] = []
    members = {"target": s3.endpoint, "fault": staticmethod(fault), "puts": puts}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Between,), members))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", puts
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def over_s3(settings: Settings, s3: S3Server, endpoint: str, bucket: str = "drop") -> None:
    held = secret(settings, "s3", f"{s3.identity}:{s3.key}")
    open_channel(settings, "piano", f"s3://{bucket}/in", credentials=held, endpoint=endpoint)
    publish_pairs(settings, 1, SEEN, "piano")


@pytest.fixture
def bucket(s3: S3Server) -> Iterator[Callable[[], dict[str, bytes]]]:
    client = s3.client()

    def look() -> dict[str, bytes]:
        return {name: client.get_object(Bucket="drop", Key=name)["Body"].read()
                for name in s3.names("drop")}  # fmt: skip

    yield look
    for name in s3.names("drop"):
        client.delete_object(Bucket="drop", Key=name)


@pytest.mark.parametrize("row", ["DL06"])
def test_a_put_whose_answer_was_lost(
    settings: Settings, s3: S3Server, bucket: Callable[[], dict[str, bytes]], row: str
) -> None:
    with between(s3, lambda method, n: "lost" if (method, n) == ("PUT", 1) else None) as (
        url,
        puts,
    ):
        over_s3(settings, s3, url)
        deliver_at(settings, FIRST)
        (delivery,) = ledger(settings)
        assert delivery.state == "unknown"
        assert len(bucket()) == 1, "the data, and no manifest yet"
        deliver_at(settings, FIRST + timedelta(minutes=5))
        (delivery,) = ledger(settings)
        assert delivery.state == "confirmed"
        assert bucket() == {f"in/{n}": c for n, c in stored(settings, delivery).items()}
        assert len(puts) == 2, "read back, not sent again"


@pytest.mark.parametrize("row", ["DL06"])
def test_a_name_is_put_once(
    settings: Settings,
    s3: S3Server,
    tmp_path: Path,
    bucket: Callable[[], dict[str, bytes]],
    row: str,
) -> None:
    """The condition is the server's: it holds for two who put at the same moment."""
    held = secret(settings, "s3", f"{s3.identity}:{s3.key}")
    made = channel("piano", "s3://drop/in", credentials=held, endpoint=s3.endpoint)
    (tmp_path / "source").write_bytes(CONTENT)
    (tmp_path / "other").write_bytes(b"other")
    with opened(settings, made) as transport:
        assert isinstance(transport, Bucket)
        transport.put("a.csv", tmp_path / "source")
        transport.put("a.csv", tmp_path / "source")
        with pytest.raises(PushAborted, match="stands at the partner already"):
            transport.put("a.csv", tmp_path / "other")
        assert transport.sha256("a.csv") == file("a.csv").sha256 == sha256(CONTENT).hexdigest()
    assert bucket() == {"in/a.csv": CONTENT}


@pytest.mark.parametrize("row", ["DL07"])
@pytest.mark.parametrize(
    ("answer", "state", "told"),
    [
        ("403 AccessDenied", "rejected", "does not let us write"),
        ("403 InvalidAccessKeyId", "rejected", "refuses our credentials"),
        ("400 AuthorizationHeaderMalformed", "rejected", "is not there"),
        ("503 SlowDown", "unknown", "too busy"),
        ("500 InternalError", "unknown", "too busy"),
    ],
)
def test_what_an_s3_api_refuses(
    settings: Settings, s3: S3Server, bucket: Callable[[], dict[str, bytes]],
    answer: str, state: str, told: str, row: str,
) -> None:  # fmt: skip
    with between(s3, lambda method, n: answer if (method, n) == ("PUT", 1) else None) as (
        url,
        puts,
    ):
        over_s3(settings, s3, url)
        deliver_at(settings, FIRST)
        (delivery,) = ledger(settings)
        assert delivery.state == state
        assert told in (delivery.reason or "")
        assert (bucket(), len(puts)) == ({}, 1), "never the manifest without the data"
        deliver_at(settings, FIRST + timedelta(minutes=5), retry=True)
        (delivery,) = ledger(settings)
        assert delivery.state == "confirmed"
        assert bucket() == {f"in/{n}": c for n, c in stored(settings, delivery).items()}


@pytest.mark.parametrize("row", ["DL07"])
def test_a_bucket_that_is_not_there(settings: Settings, s3: S3Server, row: str) -> None:
    over_s3(settings, s3, s3.endpoint, bucket="nowhere")
    deliver_at(settings, FIRST)
    assert "is not there" in (ledger(settings)[0].reason or "")


def test_no_secret_is_told_or_kept(settings: Settings, s3: S3Server) -> None:
    over_s3(settings, s3, s3.endpoint, bucket="nowhere")
    deliver_at(settings, FIRST)
    kept = (settings.home / "state.sqlite").read_bytes()
    kept += json.dumps([one.reason for one in ledger(settings)]).encode()
    assert s3.key.encode() not in kept
    assert sha256(s3.key.encode()).hexdigest().encode() not in kept
