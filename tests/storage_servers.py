"""Real servers for clients' storage, on loopback: OpenSSH's sshd, an S3 API, and a cutting wire."""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import boto3

SSHD = next((p for p in ("/usr/sbin/sshd", "/usr/local/sbin/sshd") if os.path.exists(p)), "sshd")
SFTP = next(
    (p for p in ("/usr/lib/openssh/sftp-server", "/usr/libexec/sftp-server") if os.path.exists(p)),
    "internal-sftp",
)
_CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp {sftp}
LogLevel VERBOSE
"""


@dataclass
class SftpServer:
    """An sshd of ours; `key` lets its user in."""

    folder: Path
    port: int
    key: str
    user: str
    host_key: str

    def known_hosts(self, port: int | None = None) -> str:
        return f"[127.0.0.1]:{port or self.port} {self.host_key}\n"

    def url(self, path: Path, port: int | None = None) -> str:
        return f"sftp://{self.user}@127.0.0.1:{port or self.port}{path}"

    def log(self) -> str:
        return (self.folder / "sshd.log").read_text()


@contextmanager
def sftp_server(folder: Path) -> Iterator[SftpServer]:
    """Run as whoever runs the tests, on a port of its own, with keys made for it."""
    folder.mkdir(parents=True)
    for name in ("host_key", "client_key"):
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name))
    (folder / "authorized_keys").write_text((folder / "client_key.pub").read_text())
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd's own cell, without systemd
    port = free_port()
    (folder / "config").write_text(_CONFIG.format(port=port, folder=folder, sftp=SFTP))
    command = [SSHD, "-D", "-f", str(folder / "config"), "-E", str(folder / "sshd.log")]
    process = subprocess.Popen(command)
    try:
        _wait_for(port)
        host_key = " ".join((folder / "host_key.pub").read_text().split()[:2])
        key = (folder / "client_key").read_text()
        yield SftpServer(folder, port, key, getpass.getuser(), host_key)
    finally:
        process.terminate()
        process.wait()


@dataclass
class S3Server:
    """An S3 API that checks signatures."""

    endpoint: str
    identity: str
    key: str

    def client(self):
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=self.identity,
            aws_secret_access_key=self.key,
        )

    def names(self, bucket: str) -> list[str]:
        found = self.client().list_objects_v2(Bucket=bucket).get("Contents", [])
        return sorted(item["Key"] for item in found)


_POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """A process of its own; its only user is made before it starts to ask who calls."""
    port = free_port()
    environment = {**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": "3"}
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    endpoint = f"http://127.0.0.1:{port}"
    try:
        _wait_for(port)
        iam = boto3.client(
            "iam", endpoint_url=endpoint, region_name="us-east-1",
            aws_access_key_id="first", aws_secret_access_key="first",
        )  # fmt: skip
        iam.create_user(UserName="matchbook")
        iam.put_user_policy(UserName="matchbook", PolicyName="s3", PolicyDocument=_POLICY)
        made = iam.create_access_key(UserName="matchbook")["AccessKey"]
        yield S3Server(endpoint, made["AccessKeyId"], made["SecretAccessKey"])
    finally:
        process.terminate()
        process.wait()


class CuttingWire:
    """Passes connections on to a port, and cuts them after so many bytes of answer, or of what
    is sent there."""

    def __init__(self, port: int, *, counts_sent: bool = False) -> None:
        self._target = port
        self._counts_sent = counts_sent
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.connections = 0
        self.cut_after: int | None = None
        """Bytes of one connection."""
        self.cut_after_all: int | None = None
        """Bytes of all connections together."""
        self._passed = 0
        self.most = 0
        """Bytes of the longest connection so far."""
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self.connections += 1
                far = socket.create_connection(("127.0.0.1", self._target))
                sent = self._counts_sent
                threading.Thread(target=self._pass, args=(near, far, sent), daemon=True).start()
                threading.Thread(target=self._pass, args=(far, near, not sent), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, counts: bool) -> None:
        passed = 0
        with suppress(OSError):
            while block := source.recv(1 << 16):
                if counts and self._counts_sent and self.cut_after is not None:
                    block = block[: max(0, self.cut_after - passed)]
                sink.sendall(block)
                passed += len(block) * counts
                self.most = max(self.most, passed)
                self._passed += len(block) * counts
                if self._counts_sent and counts and passed == self.cut_after:
                    break
                if _is_over(passed, self.cut_after) or _is_over(self._passed, self.cut_after_all):
                    break
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _is_over(passed: int, limit: int | None) -> bool:
    return limit is not None and passed > limit


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(400):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError("the server does not answer")


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
