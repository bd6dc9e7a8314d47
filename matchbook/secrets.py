"""Secrets by the names that configuration has for them: `env:NAME`, `file:NAME` (0600), or
`kept:NAME`: what somebody entered on a page, encrypted with the instance's key."""

from __future__ import annotations

import os
import secrets as chance
import stat
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from matchbook.errors import ConfigError
from matchbook.files import whole_file
from matchbook.keys import secrets_keys
from matchbook.settings import Settings

_NONCE = 12


def secret(settings: Settings, reference: str, *, folder: str, kept: str) -> str:
    """What `env:NAME`, or `file:NAME` or `kept:NAME` in keys/<folder>, holds.

    Raises ConfigError, naming it.
    """
    kind, _, name = reference.partition(":")
    if kind == "kept":
        return _opened(settings, folder, name, kept)
    if kind == "env":
        found = os.environ.get(name, "")
    else:
        found = _from_file(settings.keys / folder / name, f"keys/{folder}/{name}", kept)
    if not found.strip():
        raise ConfigError(
            f"{reference} holds nothing.", kept=kept, todo="Set it where matchbook runs."
        )
    return found.strip() + "\n" if "-----BEGIN" in found else found.strip()


def keep(settings: Settings, value: str, *, folder: str, name: str) -> str:
    """Store a secret encrypted, 0600; the reference that stands for it. Each time it is another
    file, so that the one that stands is there until the new one is known to work."""
    name = f"{name}.{chance.token_hex(4)}"
    path = settings.keys / folder / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    sealed = _sealed(settings, value.encode(), _place(folder, name))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(sealed)
        handle.flush()
        os.fsync(handle.fileno())
    return f"kept:{name}"


def forget(settings: Settings, reference: str, *, folder: str) -> None:
    """Remove what `keep` stored; what a person put elsewhere stays."""
    kind, _, name = reference.partition(":")
    if kind == "kept":
        (settings.keys / folder / name).unlink(missing_ok=True)


def seal_anew(settings: Settings) -> int:
    """Encrypt all that `keep` stored with the newest key; how much there was."""
    found = 0
    for path in sorted(settings.keys.glob("*/*")):
        place = _place(path.parent.name, path.name)
        # Secrets that a person put there are no encryption of ours, and stay as they are.
        with suppress(InvalidTag, ValueError):
            opened = _unsealed(settings, path.read_bytes(), place)
            with whole_file(path) as part:
                part.touch(mode=0o600)
                part.write_bytes(_sealed(settings, opened, place))
            found += 1
    return found


def _opened(settings: Settings, folder: str, name: str, kept: str) -> str:
    path = settings.keys / folder / name
    try:
        return _unsealed(settings, path.read_bytes(), _place(folder, name)).decode()
    except (OSError, InvalidTag, ValueError):
        raise ConfigError(
            "The stored secret is not there, or was not stored with this instance's key.",
            kept=kept,
            todo="Enter it again.",
        ) from None


def _sealed(settings: Settings, value: bytes, place: bytes) -> bytes:
    nonce = chance.token_bytes(_NONCE)
    return nonce + AESGCM(secrets_keys(settings.keys)[-1]).encrypt(nonce, value, place)


def _unsealed(settings: Settings, content: bytes, place: bytes) -> bytes:
    for key in filter(None, secrets_keys(settings.keys)[::-1]):
        with suppress(InvalidTag):
            return AESGCM(key).decrypt(content[:_NONCE], content[_NONCE:], place)
    raise InvalidTag


def _place(folder: str, name: str) -> bytes:
    # Part of what is sealed: a file moved under another name does not open.
    return f"{folder}/{name}".encode()


def _from_file(path: Path, shown: str, kept: str) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        raise ConfigError(
            f"There is no file {shown} that we can read.",
            kept=kept,
            todo="Put the secret there, 0600.",
        ) from None
    with os.fdopen(descriptor, "rb") as handle:
        found = os.fstat(handle.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_mode & 0o077:
            raise ConfigError(
                f"{shown} can be read by other users.", kept=kept, todo=f"Run: chmod 600 {path}"
            )
        return handle.read(1 << 16).decode("utf-8", "replace")
