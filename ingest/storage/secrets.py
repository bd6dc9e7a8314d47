"""The secrets of storage locations, looked up by the names that the registry has for them."""

from __future__ import annotations

from pathlib import Path

from matchbook import secrets
from matchbook.errors import ConfigError
from matchbook.settings import Settings

KNOWN_HOSTS = "known_hosts"
"""In the keys folder: the host keys of SFTP servers, in OpenSSH's form."""

_KEPT = "What is in the storage stays there."


def secret(settings: Settings, reference: str) -> str:
    """What `env:NAME` or `file:NAME` holds. Raises ConfigError naming the reference."""
    return secrets.secret(settings, reference, folder="storage", kept=_KEPT)


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


def _wrong(happened: str, todo: str) -> ConfigError:
    return ConfigError(happened, kept=_KEPT, todo=todo)
