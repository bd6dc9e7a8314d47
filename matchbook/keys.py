"""Secret keys of the instance: made on first use as 0600 files, never in SQL or logs.

Three keys with three jobs: `identifiers` (keys what identifies a person), `cookie` (signs visitor
cookies) and `links` (signs e-mail links). Each file holds a key per line, and the line's number is
the key's version: the newest makes, all of them are understood, and one that was retired is not.
A fourth, `secrets`, is made when somebody enters a password: it encrypts those. A fifth, `erased`,
with the first erasure: it tells erased persons who come again.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from matchbook.errors import ConfigError
from matchbook.files import sync_folder

NAMES = ("identifiers", "cookie", "links")

RETIRED = "retired"
"""Stands in the place of a key that is understood no more, so that versions keep their numbers."""

MOST_VERSIONS = 9
"""A cookie names its key's version in one digit."""

Ring = tuple[bytes, ...]
"""A key in all its versions, oldest first; empty for one that was retired."""


@dataclass(frozen=True)
class Keys:
    """The instance's keys, as bytes; `[n - 1]` is key version n."""

    identifiers: Ring
    """All of them are needed: version n wraps what version n - 1 made."""
    cookie: Ring
    links: Ring

    def __repr__(self) -> str:
        return f"Keys(identifier_versions={len(self.identifiers)})"


def load_keys(folder: Path) -> Keys:
    """Read the keys, making those that are missing.

    Raises ConfigError naming the file when one is readable by others or malformed.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Keys(*(_read_or_make(folder / f"{name}.key") for name in NAMES))


def versions(folder: Path, name: str) -> Ring:
    """One key's versions; none where it was not made yet. Raises ConfigError."""
    path = folder / f"{name}.key"
    return _read_or_make(path) if path.exists() else ()


def add_version(folder: Path, name: str) -> int:
    """Make a new version of a key, from now on the newest; its number. Raises ConfigError."""
    path = folder / f"{name}.key"
    keys = _read_or_make(path)
    if len(keys) >= MOST_VERSIONS:
        raise ConfigError(
            f"The key {name} has {MOST_VERSIONS} versions, and cookies name theirs in one digit.",
            kept="No key was changed.",
            todo="Keep the keys as they are.",
        )
    _replace(path, [*keys, secrets.token_bytes(32)])
    return len(keys) + 1


def retire(folder: Path, name: str) -> int:
    """Leave of a key the newest version alone; how many were retired. Raises ConfigError."""
    if name == "identifiers":
        raise ConfigError(
            "Versions of the identifiers' key wrap each other: all of them are needed.",
            kept="No key was changed.",
            todo="Rotate it instead; what is stored then needs the newest as well.",
        )
    path = folder / f"{name}.key"
    keys = _read_or_make(path)
    _replace(path, [b""] * (len(keys) - 1) + [keys[-1]])
    return sum(map(bool, keys[:-1]))


def erasures_key(folder: Path) -> bytes:
    """The key under which erased persons are remembered; made on first use. Raises ConfigError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return _read_or_make(folder / "erased.key")[0]


def secrets_keys(folder: Path) -> Ring:
    """The key that encrypts entered passwords; made on first use. Raises ConfigError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return _read_or_make(folder / "secrets.key")


def _read_or_make(path: Path) -> tuple[bytes, ...]:
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise ConfigError(
            f"The key file {path.name} can be read by other users.",
            todo=f"Run: chmod 600 {path}",
        )
    try:
        lines = path.read_text().split()
        keys = tuple(b"" if line == RETIRED else bytes.fromhex(line) for line in lines)
    except ValueError:
        keys = ()
    if not keys or not keys[-1] or any(len(key) not in (0, 32) for key in keys):
        raise ConfigError(
            f"The key file {path.name} does not hold 64 hexadecimal digits a line.",
            todo="Restore it from your backup; a new key would orphan all data keyed so far.",
        )
    return keys


def _make(path: Path) -> None:
    # Written under another name first: a torn key file would lock everybody out. And linked,
    # not renamed: of two processes that start together the second takes the first one's key.
    part = _part(path, [secrets.token_bytes(32)])
    with suppress(FileExistsError):
        os.link(part, path)
    part.unlink()


def _replace(path: Path, keys: list[bytes]) -> None:
    os.replace(_part(path, keys), path)
    sync_folder(path.parent)


def _part(path: Path, keys: list[bytes]) -> Path:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.writelines(f"{key.hex() or RETIRED}\n" for key in keys)
        handle.flush()
        os.fsync(handle.fileno())
    return part
