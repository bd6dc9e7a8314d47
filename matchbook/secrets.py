"""Secrets by the names that configuration has for them: `env:NAME`, or `file:NAME` (0600)."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from matchbook.errors import ConfigError
from matchbook.settings import Settings


def secret(settings: Settings, reference: str, *, folder: str, kept: str) -> str:
    """What `env:NAME`, or `file:NAME` in keys/<folder>, holds. Raises ConfigError, naming it."""
    kind, _, name = reference.partition(":")
    if kind == "env":
        found = os.environ.get(name, "")
    else:
        found = _from_file(settings.keys / folder / name, f"keys/{folder}/{name}", kept)
    if not found.strip():
        raise ConfigError(
            f"{reference} holds nothing.", kept=kept, todo="Set it where matchbook runs."
        )
    return found.strip() + "\n" if "-----BEGIN" in found else found.strip()


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
