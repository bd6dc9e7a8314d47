"""The secrets of storage locations, looked up by the names that the registry has for them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from matchbook.errors import ConfigError
from matchbook.settings import Settings

KNOWN_HOSTS = "known_hosts"
"""In the keys folder: the host keys of SFTP servers, in OpenSSH's form."""


def secret(settings: Settings, reference: str) -> str:
    """What `env:NAME` or `file:NAME` holds. Raises ConfigError naming the reference."""
    kind, _, name = reference.partition(":")
    found = os.environ.get(name, "") if kind == "env" else _from_file(settings, name)
    if not found.strip():
        raise _wrong(f"{reference} holds nothing.", "Set it where matchbook runs.")
    return found.strip() + "\n" if "-----BEGIN" in found else found.strip()


def access_key(settings: Settings, reference: str) -> tuple[str, str]:
    """Id and secret of an S3 access key, which stand as `id:secret`."""
    identity, colon, key = secret(settings, reference).partition(":")
    if not (identity and colon and key) or " " in identity + key:
        raise _wrong(
            f"{reference} does not hold an S3 access key.",
            "Write it on one line: the access key's id, a colon, its secret.",
        )
    return identity, key


def known_hosts(settings: Settings) -> Path:
    """The file of host keys. Raises ConfigError when there is none: no server is trusted."""
    path = settings.keys / KNOWN_HOSTS
    if not path.is_file():
        raise _wrong(
            "There is no keys/known_hosts, so no SFTP server is trusted.",
            "Make it with ssh-keyscan and compare the key with what the server's owner says.",
        )
    return path


def _from_file(settings: Settings, name: str) -> str:
    path = settings.keys / "storage" / name
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        raise _wrong(
            f"There is no file keys/storage/{name} that we can read.", "Put the secret there, 0600."
        ) from None
    with os.fdopen(descriptor, "rb") as handle:
        found = os.fstat(handle.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_mode & 0o077:
            raise _wrong(
                f"keys/storage/{name} can be read by other users.",
                f"Run: chmod 600 {path}",
            )
        return handle.read(1 << 16).decode("utf-8", "replace")


def _wrong(happened: str, todo: str) -> ConfigError:
    return ConfigError(happened, kept="What is in the storage stays there.", todo=todo)
