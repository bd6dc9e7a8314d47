"""What a `.done` marker says of the CRM file beside it: who handed it in, what they confirmed.

An empty marker says nothing but that the file is whole, and so does one we cannot read.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

DONE = ".done"

MAX_NAME_LENGTH = 100
MAX_MARKER_BYTES = 4096


@dataclass(frozen=True)
class Handover:
    """Who handed a file in and what they said with it."""

    uploaded_by: str | None = None
    confirm_shrink: bool = False
    """They were asked, and a `replace` may withdraw more than 30 % of the list."""

    def as_marker(self) -> str:
        """The content of the marker."""
        return json.dumps(asdict(self)) + "\n"


def marker_path(path: Path) -> Path:
    """Where a file's marker stands."""
    return path.with_name(path.name + DONE)


def read_handover(path: Path) -> Handover:
    """What the marker beside a file says; nothing where there is none."""
    try:
        with marker_path(path).open("rb") as marker:
            said = json.loads(marker.read(MAX_MARKER_BYTES))
    except (OSError, ValueError, RecursionError):
        return Handover()
    if not isinstance(said, dict):
        return Handover()
    return Handover(_name(said.get("uploaded_by")), said.get("confirm_shrink") is True)


def _name(said: object) -> str | None:
    if not isinstance(said, str):
        return None
    shown = "".join(letter for letter in said if letter.isprintable()).strip()
    return shown[:MAX_NAME_LENGTH] or None
