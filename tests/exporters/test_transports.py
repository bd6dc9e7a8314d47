"""What every channel owes, on real servers: whole under its name or not at all, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from exporters.transports import Transport, opened
from matchbook.delivery_rows import DeliveryFile
from matchbook.errors import PushAborted
from matchbook.partner_channels import Channel
from matchbook.settings import Settings
from tests.conftest import NOW
from tests.exporters.channels import secret, there
from tests.partner_servers import certificate, ftps_server
from tests.storage_servers import s3_server, sftp_server

pytestmark = pytest.mark.xdist_group("transports")

CONTENT = bytes(range(256)) * 4096


@dataclass
class Place:
    """A channel, and what stands behind it, seen from the partner's side."""

    channel: Channel
    settings: Settings
    look: Callable[[], dict[str, bytes]]


def channel(partner_id: str, address: str, **more: str | None) -> Channel:
    fields = {"changed_at": NOW, "changed_by": "test", "client_id": "casa", **more}
    return Channel.model_validate({"partner_id": partner_id, "address": address, **fields})


@pytest.fixture(
    scope="module",
    params=["local", pytest.param("sftp", marks=pytest.mark.needs("sshd")), "ftps", "s3"],
)
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    base = tmp_path_factory.mktemp(request.param)
    settings, drop = Settings(home=base / "home", now=NOW), base / "drop"
    drop.mkdir()
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        if request.param == "local":
            yield Place(channel("tealium", f"file://{drop}"), settings, lambda: there(drop))
        elif request.param == "sftp":
            server = stack.enter_context(sftp_server(base / "sshd"))
            key = secret(settings, "sftp", server.key)
            made = channel("tealium", server.url(drop), credentials=key, host_key=server.host_key)
            yield Place(made, settings, lambda: there(drop))
        elif request.param == "ftps":
            trusted = certificate(base)
            patch.setenv("SSL_CERT_FILE", str(trusted.path))
            ftps = stack.enter_context(ftps_server(drop, trusted))
            held = secret(settings, "ftps", ftps.password)
            yield Place(channel("spotler", ftps.address, credentials=held), settings,
                        lambda: there(drop))  # fmt: skip
        else:
            s3 = stack.enter_context(s3_server())
            client = s3.client()
            client.create_bucket(Bucket="drop")
            held = secret(settings, "s3", f"{s3.identity}:{s3.key}")
            made = channel("piano", "s3://drop/in", credentials=held, endpoint=s3.endpoint)
            yield Place(made, settings, lambda: {
                name.removeprefix("in/"): client.get_object(Bucket="drop", Key=name)["Body"].read()
                for name in s3.names("drop")
            })  # fmt: skip


@pytest.fixture
def transport(place: Place) -> Iterator[Transport]:
    with opened(place.settings, place.channel) as transport:
        yield transport
        for name in place.look():
            transport.remove(name)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(CONTENT)
    return path


def file(name: str, content: bytes = CONTENT) -> DeliveryFile:
    digest = sha256(content).hexdigest()
    return DeliveryFile(name=name, kind="matches", rows=1, bytes=len(content), sha256=digest)


def test_a_file_stands_whole_under_its_name(
    place: Place, transport: Transport, source: Path
) -> None:
    noted: list[DeliveryFile] = []
    for name in ("a.csv", "match/date=2026-11-21/part-0001.csv"):
        sent = transport.send(file(name), source, noted.append)
        assert sent.sent_at is not None
    assert [one.name for one in noted] == ["a.csv", "match/date=2026-11-21/part-0001.csv"]
    assert place.look() == {"a.csv": CONTENT, "match/date=2026-11-21/part-0001.csv": CONTENT}
    assert transport.sha256("a.csv") == sha256(CONTENT).hexdigest()
    assert transport.receipt() == "channel"


def test_sent_again_it_is_there_once(place: Place, transport: Transport, source: Path) -> None:
    for _ in range(2):
        transport.send(file("a.csv"), source, lambda _: None)
    assert place.look() == {"a.csv": CONTENT}


def test_an_empty_file_is_a_file(place: Place, transport: Transport, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    transport.send(file("a.csv", b""), tmp_path / "empty", lambda _: None)
    assert place.look() == {"a.csv": b""}


@pytest.mark.parametrize("row", ["DL02"])
def test_a_name_with_other_content_is_never_overwritten(
    place: Place, transport: Transport, source: Path, tmp_path: Path, row: str
) -> None:
    (tmp_path / "other").write_bytes(b"of another delivery")
    transport.send(file("a.csv", b"of another delivery"), tmp_path / "other", lambda _: None)
    with pytest.raises(PushAborted, match="stands at the partner already"):
        transport.send(file("a.csv"), source, lambda _: None)
    assert place.look() == {"a.csv": b"of another delivery"}


def test_what_is_not_there(transport: Transport) -> None:
    assert transport.sha256("never.csv") is None
    transport.remove("never.csv")


def test_the_probe_leaves_nothing(place: Place, transport: Transport) -> None:
    transport.probe(place.settings.clock)
    assert place.look() == {}


def test_a_door_that_is_closed_ends_it(place: Place, tmp_path: Path) -> None:
    wrong = {"s3": "AKIAWRONG:key", "sftp": "a password", "ftps": "a password", "local": "x"}
    told, held = "refuses our credentials", wrong[place.channel.kind]
    other = place.channel.model_copy(update={"credentials": secret(place.settings, "wrong", held)})
    if place.channel.kind == "local":  # such as a mount that is away
        other, told = channel("tealium", f"file://{tmp_path}/missing"), "is not there"
    with pytest.raises(PushAborted, match=told) as error, opened(place.settings, other) as open_:
        open_.probe(place.settings.clock)
    assert held == "x" or held not in str(error.value)
