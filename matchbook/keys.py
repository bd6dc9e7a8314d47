"""Secret keys of the instance: made on first use as 0600 files, never in SQL or logs.

Three keys with three jobs: `identifiers` (one 256-bit key per line, the line number is
the key version), `cookie` (signs visitor cookies) and `links` (signs e-mail links).
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from matchbook.errors import ConfigError


@dataclass(frozen=True)
class Keys:
    """The instance's keys, as bytes; `identifiers[n - 1]` is key version n."""

    identifiers: tuple[bytes, ...]
    cookie: bytes
    links: bytes

    def __repr__(self) -> str:
        return f"Keys(identifier_versions={len(self.identifiers)})"


def load_keys(folder: Path) -> Keys:
    """Read the keys, making those that are missing.

    Raises ConfigError naming the file when one is readable by others or malformed.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    names = ("identifiers", "cookie", "links")
    identifiers, cookie, links = (_read_or_make(folder / f"{name}.key") for name in names)
    return Keys(identifiers=identifiers, cookie=cookie[0], links=links[0])


def _read_or_make(path: Path) -> tuple[bytes, ...]:
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise ConfigError(
            f"The key file {path.name} can be read by other users.",
            todo=f"Run: chmod 600 {path}",
        )
    try:
        keys = tuple(bytes.fromhex(line) for line in path.read_text().split())
    except ValueError:
        keys = ()
    if not keys or any(len(key) != 32 for key in keys):
        raise ConfigError(
            f"The key file {path.name} does not hold 64 hexadecimal digits a line.",
            todo="Restore it from your backup; a new key would orphan all data keyed so far.",
        )
    return keys


def _make(path: Path) -> None:
    # Written under another name first: a torn key file would lock everybody out. And linked,
    # not renamed: of two processes that start together the second takes the first one's key.
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(secrets.token_hex(32) + "\n")
        handle.flush()
        os.fsync(handle.fileno())
    with suppress(FileExistsError):
        os.link(part, path)
    part.unlink()
