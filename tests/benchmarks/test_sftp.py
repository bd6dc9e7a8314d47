"""Sending a file over SFTP beside the `sftp` command, on loopback, taken in turns."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from pathlib import Path

import pytest

from exporters.transports import opened
from matchbook.delivery_rows import DeliveryFile
from matchbook.settings import Settings
from tests.conftest import NOW
from tests.exporters.channels import secret
from tests.exporters.test_transports import channel
from tests.storage_servers import SftpServer, sftp_server

pytestmark = [pytest.mark.bench, pytest.mark.needs("sshd")]

MEGABYTES = 256
TURNS = 3


def test_beside_the_sftp_command(tmp_path: Path) -> None:
    source = tmp_path / "source"
    with source.open("wb") as handle:
        for _ in range(MEGABYTES):
            handle.write(os.urandom(1 << 20))
    ours: list[float] = []
    command: list[float] = []
    with sftp_server(tmp_path / "sshd") as server:
        for turn in range(TURNS):
            command.append(_by_command(server, source, tmp_path / f"command-{turn}"))
            ours.append(_by_us(server, source, tmp_path / "ours", f"ours-{turn}"))
    rate = MEGABYTES * 1.048576 / min(ours)
    print(f"\n{MEGABYTES} MiB over SFTP on loopback, best of {TURNS} turns, log-in included:")
    print(f"  sftp command {min(command):6.2f} s, ours {min(ours):6.2f} s = {rate:,.0f} MB/s")
    print(f"  ours / sftp command, in speed: {min(command) / min(ours):.2f}")
    assert min(command) / min(ours) >= 0.3
    assert rate >= 40


def _by_us(server: SftpServer, source: Path, folder: Path, name: str) -> float:
    folder.mkdir(exist_ok=True)
    settings = Settings(home=folder.parent / "home", now=NOW)
    held = secret(settings, "key", server.key)
    made = channel("tealium", server.url(folder), credentials=held, host_key=server.host_key)
    with source.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    size = source.stat().st_size
    file = DeliveryFile(name=name, kind="matches", rows=1, bytes=size, sha256=digest)
    started = time.perf_counter()
    with opened(settings, made) as transport:
        transport.send(file, source, lambda _: None)
    took = time.perf_counter() - started
    assert (folder / name).stat().st_size == size
    (folder / name).unlink()
    return took


def _by_command(server: SftpServer, source: Path, target: Path) -> float:
    known = server.folder / "known_hosts"
    known.write_text(server.known_hosts())
    options = ["-o", f"UserKnownHostsFile={known}", "-o", "IdentitiesOnly=yes", "-b", "-"]
    options += ["-i", str(server.folder / "client_key"), "-P", str(server.port)]
    started = time.perf_counter()
    subprocess.run(
        ["sftp", *options, f"{server.user}@127.0.0.1"],
        input=f"put {source} {target}\n", text=True, check=True, capture_output=True,
    )  # fmt: skip
    took = time.perf_counter() - started
    target.unlink()
    return took
