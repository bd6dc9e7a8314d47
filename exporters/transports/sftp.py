"""SFTP. Only the pinned host key is trusted; `.part`, fsync, posix-rename."""

from __future__ import annotations

import asyncio
import hashlib
import posixpath
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import asyncssh
import uvloop

from exporters.transports.failures import (
    away,
    log_in_refused,
    name_taken,
    no_place,
    no_rights,
    not_as_sent,
    other_host_key,
)
from exporters.transports.secrets import credentials
from exporters.transports.transport import FileDrop
from matchbook.clock import Clock
from matchbook.errors import ConfigError
from matchbook.partner_channels import Channel
from matchbook.settings import Settings

CONNECT_SECONDS = 20
ANSWER_SECONDS = 60
SLOWEST = 100_000
"""Bytes a second; a transfer that is slower is given up and tried again."""
_BLOCK = 255 * 1024
"""OpenSSH takes packets of 256 KiB: fewer, larger ones cost less."""
_CIPHERS = ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr", "aes128-ctr"]
"""The first is the fastest that is safe, on processors with AES instructions."""

T = TypeVar("T")


class Sftp(FileDrop):
    """One connection, one log-in."""

    def __init__(self, settings: Settings, channel: Channel, clock: Clock) -> None:
        super().__init__(clock)
        url = urlsplit(channel.address)
        self._base = url.path
        options = _options(settings, channel)
        # A thread of its own: whoever delivers may have a loop running in theirs.
        self._thread = ThreadPoolExecutor(1)
        self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        try:
            self._connection, self._sftp = self._run(_opened(options), CONNECT_SECONDS)
        except BaseException:
            self._end_thread()
            raise

    def put(self, name: str, source: Path) -> None:
        """Under `.part` first; it gets its name when all of it is on the server's disk."""
        self._run(self._put(self._path(name), source), _patience(source.stat().st_size))

    def sha256(self, name: str) -> str | None:
        """Read it all back."""
        return self._run(self._digest(self._path(name)), ANSWER_SECONDS * 60)

    def remove(self, name: str) -> None:
        """The file and its `.part`."""
        self._run(self._remove(self._path(name)), ANSWER_SECONDS)

    def close(self) -> None:
        """End the connection; one that is broken has ended."""
        with suppress(Exception):
            self._run(_closed(self._connection), 5)
        self._end_thread()

    def _end_thread(self) -> None:
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()

    def _path(self, name: str) -> str:
        return posixpath.join(self._base or ".", name)

    def _run(self, work: Coroutine[Any, Any, T], seconds: float) -> T:
        with _told():
            return self._thread.submit(self._runner.run, _within(work, seconds)).result()

    async def _put(self, path: str, source: Path) -> None:
        part = f"{path}.part"
        await self._sftp.makedirs(posixpath.dirname(path), exist_ok=True)
        await self._sftp.put(str(source), part, sparse=False, block_size=_BLOCK, max_requests=32)
        async with self._sftp.open(part, asyncssh.FXF_WRITE) as remote:
            with suppress(asyncssh.SFTPOpUnsupported):
                await remote.fsync()
        if await self._sftp.getsize(part) != source.stat().st_size:
            raise not_as_sent()
        try:
            await self._sftp.posix_rename(part, path)
        except asyncssh.SFTPOpUnsupported:
            await self._sftp.rename(part, path)  # it overwrites nothing; nothing has that name

    async def _digest(self, path: str) -> str | None:
        if not await self._sftp.exists(path):
            return None
        digest = hashlib.sha256()
        async with self._sftp.open(path, "rb", block_size=_BLOCK) as remote:
            while block := await remote.read(4 << 20):
                digest.update(block)
        return digest.hexdigest()

    async def _remove(self, path: str) -> None:
        for name in (path, f"{path}.part"):
            with suppress(asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
                await self._sftp.remove(name)


async def _within(work: Coroutine[Any, Any, T], seconds: float) -> T:
    return await asyncio.wait_for(work, seconds)


async def _closed(connection: asyncssh.SSHClientConnection) -> None:
    connection.close()
    await connection.wait_closed()


async def _opened(options: dict[str, Any]) -> tuple[Any, Any]:
    connection = await asyncssh.connect(**options)
    try:
        return connection, await connection.start_sftp_client()
    except BaseException:
        connection.abort()
        raise


def _options(settings: Settings, channel: Channel) -> dict[str, Any]:
    url = urlsplit(channel.address)
    return {
        "host": url.hostname,
        "port": url.port or 22,
        "username": url.username,
        "known_hosts": _trusted(settings, channel, url.hostname or "", url.port or 22),
        "config": None,
        "agent_path": None,
        "connect_timeout": CONNECT_SECONDS,
        "login_timeout": CONNECT_SECONDS,
        "keepalive_interval": 10,
        "encryption_algs": _CIPHERS,
        "compression_algs": None,
        **_log_in(credentials(settings, channel)),
    }


def _trusted(settings: Settings, channel: Channel, host: str, port: int) -> Any:
    if channel.host_key:
        return asyncssh.import_known_hosts(f"[{host}]:{port} {channel.host_key}\n")
    path = settings.keys / "known_hosts"
    if not path.is_file():
        raise ConfigError(
            "The host key of the partner's server is not pinned, so it is not trusted.",
            kept="Nothing was sent.",
            todo="Compare ssh-keyscan's answer with the partner's word, then give it: --host-key",
        )
    return str(path)


def _log_in(held: str) -> dict[str, Any]:
    """A private key or a password, and nothing that the machine happens to have."""
    if "-----BEGIN" not in held:
        return {"password": held, "client_keys": None, "preferred_auth": "password"}
    try:
        key = asyncssh.import_private_key(held)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise ConfigError(
            "The channel's credentials are no private key without passphrase.",
            kept="Nothing was sent.",
            todo="Make one for this purpose: ssh-keygen -t ed25519 -N ''",
        ) from None
    return {"client_keys": [key], "password": None, "preferred_auth": "publickey"}


def _patience(size: int) -> float:
    return ANSWER_SECONDS + size / SLOWEST


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except asyncssh.HostKeyNotVerifiable:
        raise other_host_key() from None
    except asyncssh.PermissionDenied:
        raise log_in_refused() from None
    except asyncssh.SFTPFileAlreadyExists:
        raise name_taken() from None
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
        raise no_place() from None
    except (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.DisconnectError):
        raise away() from None
    except asyncssh.SFTPError:
        # Of a full disk OpenSSH says no more than "failure".
        raise no_rights() from None
    except (asyncssh.Error, OSError, EOFError):
        raise away() from None
