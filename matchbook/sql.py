"""Literals for the few statements that take no parameters: ATTACH, COPY TO, COMMENT, SET."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def text(value: str | Path | Sequence[str | Path]) -> str:
    """A quoted SQL string, or a list of them."""
    if isinstance(value, str | Path):
        return "'" + str(value).replace("'", "''") + "'"
    return "[" + ", ".join(text(item) for item in value) + "]"


def name(identifier: str) -> str:
    """A quoted SQL identifier."""
    return '"' + identifier.replace('"', '""') + '"'
