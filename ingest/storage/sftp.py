"""An SFTP server as a storage location. Only host keys in keys/known_hosts are trusted."""

from __future__ import annotations

import posixpath
from typing import Any
from urllib.parse import urlsplit

import asyncssh
from fsspec.asyn import sync
from sshfs import SSHFileSystem

from ingest.storage.place import BLOCK_BYTES, MAX_ENTRIES, Entry, Place, told
from ingest.storage.secrets import known_hosts, secret
from matchbook.errors import ConfigError
from matchbook.registry import StorageLocation
from matchbook.settings import Settings

CONNECT_SECONDS = 20
ANSWER_SECONDS = 60
"""For one block, or one listing."""


def open_sftp(settings: Settings, location: StorageLocation) -> Sftp:
    """One connection, one log-in. Raises ConfigError, StorageUnavailable."""
    url = urlsplit(location.url)
    given = _log_in(settings, location)
    trusted = str(known_hosts(settings))
    with told():
        fs = _FileSystem(
            url.hostname,
            port=url.port or 22,
            username=url.username,
            known_hosts=trusted,
            config=None,
            agent_path=None,
            connect_timeout=CONNECT_SECONDS,
            login_timeout=CONNECT_SECONDS,
            keepalive_interval=10,
            skip_instance_cache=True,
            **given,
        )
    return Sftp(fs, url.path)


def _log_in(settings: Settings, location: StorageLocation) -> dict[str, Any]:
    """A private key or a password, and nothing that the machine happens to have."""
    if location.credentials is None:
        raise ConfigError(
            "The SFTP location has no credentials.",
            kept="No connection was made.",
            todo="Name a private key or password: --credentials file:NAME or env:NAME.",
        )
    held = secret(settings, location.credentials)
    if "-----BEGIN" not in held:
        return {"password": held, "client_keys": None, "preferred_auth": "password"}
    try:
        key = asyncssh.import_private_key(held)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise ConfigError(
            f"{location.credentials} is not a private key without passphrase.",
            kept="No connection was made.",
            todo="Make one for this purpose: ssh-keygen -t ed25519 -N ''",
        ) from None
    return {"client_keys": [key], "password": None, "preferred_auth": "publickey"}


class _FileSystem(SSHFileSystem):  # type: ignore[misc]
    """Never a shell on the other side; listings that end; a rename that overwrites nothing."""

    async def _ls(self, path: str, detail: bool = True, **_: Any) -> list[dict[str, Any]]:
        found = []
        async with self._pool.get() as channel:
            async for name in channel.scandir(path):
                if name.filename not in (".", ".."):
                    info = self._decode_attributes(name.attrs)
                    found.append(info | {"name": posixpath.join(path, str(name.filename))})
                if len(found) >= MAX_ENTRIES:
                    break
        return found

    async def _rename(self, path: str, target: str) -> None:
        async with self._pool.get() as channel:
            await channel.rename(path, target)


class Sftp(Place):
    """Every wait has an end: a server that keeps silent is given up."""

    def _list(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = sync(
            self._fs.loop, self._fs._ls, path, timeout=ANSWER_SECONDS
        )
        return found

    def _read(self, remote: Any) -> bytes:
        block: bytes = sync(self._fs.loop, remote._file.read, BLOCK_BYTES, timeout=ANSWER_SECONDS)
        return block

    def _move(self, path: str, target: str) -> None:
        self._fs.makedirs(posixpath.dirname(target), exist_ok=True)
        sync(self._fs.loop, self._fs._rename, path, target, timeout=ANSWER_SECONDS)

    def _entry(self, info: dict[str, Any]) -> Entry:
        modified = info["mtime"].timestamp() if info["mtime"] else 0.0
        return Entry(
            name=posixpath.basename(info["name"]),
            is_folder=info["type"] == "directory",
            is_file=info["type"] == "file",
            bytes=info["size"] or 0,
            modified=modified,
            version=f"{info['size']}-{modified:.0f}",
        )

    def close(self) -> None:
        """End the connection."""
        self._fs._finalize(self._fs.loop, self._fs._pool, self._fs._stack)
