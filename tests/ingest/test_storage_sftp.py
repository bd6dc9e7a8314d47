"""Picking up from a real OpenSSH server, by fault: broken wires, wrong keys, strangers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from matchbook.settings import Settings
from tests.onboarding import (
    DROP,
    FIRST,
    SECOND,
    THIRD,
    at,
    contacts,
    ledger,
    left,
    onboard,
    put,
    register,
    secret,
)
from tests.storage_servers import CuttingWire, SftpServer, sftp_server

pytestmark = [pytest.mark.needs("sshd"), pytest.mark.xdist_group("sftp")]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    with sftp_server(tmp_path_factory.mktemp("sshd") / "server") as server:
        yield server


@pytest.fixture
def wire(server: SftpServer) -> Iterator[CuttingWire]:
    wire = CuttingWire(server.port)
    yield wire
    wire.close()


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    folder = tmp_path / "drop"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(tmp_path: Path, server: SftpServer, wire: CuttingWire, drop: Path) -> Settings:
    settings = Settings(home=tmp_path / "home")
    trust(settings, server.known_hosts(wire.port))
    credentials = secret(settings, "drop", server.key)
    register(settings, at(server.url(drop, wire.port), credentials=credentials))
    return settings


def trust(settings: Settings, known_hosts: str) -> None:
    settings.keys.mkdir(parents=True, exist_ok=True)
    (settings.keys / "known_hosts").write_text(known_hosts)


def test_files_land_and_leave(settings: Settings, drop: Path) -> None:
    put(drop, FIRST, contacts("a"), done=False, age=400)
    put(drop, SECOND, contacts("b", "c"))
    put(drop, THIRD, contacts("d"), done=False)
    done = onboard(settings)
    assert (done.polls[0].removed, done.polls[0].waiting) == ([FIRST, SECOND], [THIRD])
    assert done.reasons == {}
    assert [row[1:] for row in ledger(settings)] == [(1, 0), (2, 0)]
    assert left(drop) == [THIRD]


def test_a_broken_copy_goes_on_where_it_stopped(
    settings: Settings, drop: Path, wire: CuttingWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.storage.sftp.BLOCK_BYTES", 1 << 16)
    names = [f"r{number}" for number in range(10_000)]
    put(drop, FIRST, contacts(*names))
    put(drop, SECOND, contacts("a"))
    wire.cut_after = 400_000
    broken = onboard(settings)
    assert broken.reasons == {FIRST: "unreachable"}
    assert broken.polls[0].removed == [SECOND]
    (part,) = settings.inbox.rglob("*.part")
    copied = part.stat().st_size
    assert copied >= 1 << 17
    wire.cut_after = (drop / FIRST).stat().st_size - copied + 200_000
    assert onboard(settings).polls[0].removed == [FIRST]
    assert [row[1] for row in ledger(settings)] == [1, 10_000]
    assert left(drop) == left(settings.inbox) == []


def test_wrong_credentials_are_tried_once(
    settings: Settings, drop: Path, server: SftpServer, wire: CuttingWire, tmp_path: Path
) -> None:
    put(drop, FIRST, contacts("a"))
    secret(settings, "drop", "not the password")
    (poll,) = onboard(settings).polls
    assert [problem.reason for problem in poll.problems] == ["credentials"]
    assert "not the password" not in repr(poll)
    assert wire.connections == 1
    secret(settings, "drop", (server.folder / "host_key").read_text())
    before = server.log().count("Failed publickey")
    assert onboard(settings).polls[0].problems[0].reason == "credentials"
    assert wire.connections == 2
    assert server.log().count("Failed publickey") - before <= 1
    assert left(drop) == [FIRST, FIRST + ".done"]


def test_a_server_with_another_host_key_gets_no_credentials(
    settings: Settings, drop: Path, server: SftpServer, wire: CuttingWire
) -> None:
    other = (server.folder / "client_key.pub").read_text().split()[1]
    for known in (f"[127.0.0.1]:{wire.port} ssh-ed25519 {other}\n", "elsewhere ssh-ed25519 x\n"):
        trust(settings, known)
        before = server.log().count("Accepted publickey")
        assert onboard(settings).polls[0].problems[0].reason == "host_key"
        assert server.log().count("Accepted publickey") == before
    (settings.keys / "known_hosts").unlink()
    assert "known_hosts" in onboard(settings).polls[0].problems[0].happened


def test_an_archive_is_made_and_its_files_stay(
    settings: Settings, drop: Path, server: SftpServer, wire: CuttingWire
) -> None:
    url = server.url(drop, wire.port)
    register(settings, at(url, credentials="file:drop", after="archive"))
    for _ in range(2):
        put(drop, FIRST, contacts("a"))
        assert onboard(settings).reasons == {}
    assert len(left(drop)) == 1
    assert left(drop)[0].startswith("archive/audience=news/opt-in/20261120_020000-")


def test_names_and_links_of_the_server_lead_nowhere(
    settings: Settings, drop: Path, tmp_path: Path
) -> None:
    outside = put(tmp_path / "outside", "20261120_020000.csv", contacts("a"))
    (drop / DROP).mkdir(parents=True)
    (drop / FIRST).symlink_to(outside)
    (drop / DROP / "..\\..\\20261120_020000.csv").write_bytes(contacts("a"))
    os.mkfifo(drop / SECOND)
    assert set(onboard(settings).reasons.values()) == {"file_name"}
    assert (ledger(settings), left(settings.inbox)) == ([], [])


def test_a_file_we_may_not_read_or_delete_is_told(
    settings: Settings, drop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ingest.storage.failures import unavailable
    from ingest.storage.sftp import Sftp

    def forbidden(self: Sftp, path: str) -> None:
        raise unavailable("rights")

    put(drop, FIRST, contacts("a"))
    with monkeypatch.context() as patched:
        patched.setattr(Sftp, "remove", forbidden)
        assert onboard(settings).reasons == {FIRST: "rights"}
    assert left(drop) == [FIRST, FIRST + ".done"]
    assert onboard(settings).polls[0].removed == [FIRST]
    assert len(ledger(settings)) == 1
