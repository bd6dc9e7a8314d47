"""Structured log lines on stderr: one JSON object a line, fields by allow-list only."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from pathlib import Path

from matchbook.settings import REPOSITORY

FIELDS = (
    "command", "load_seq", "source", "state", "reason", "lines", "client_id", "partner_id",
    "build_id", "rows", "seconds", "kind", "job_id", "night", "place",
)  # fmt: skip
"""What a log line may carry besides its message; nothing from a file or a request."""


def configure(*, verbose: bool = False) -> None:
    """Send our log lines to stderr as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    logger = logging.getLogger("matchbook")
    logger.handlers = [handler]
    logger.setLevel(logging.DEBUG if verbose else logging.WARNING)
    logger.propagate = False


def place_of(error: BaseException) -> str:
    """Type and innermost own line of an unforeseen error; its message might quote data."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [
        f
        for f in frames
        if Path(f.filename).is_relative_to(REPOSITORY) and ".venv" not in f.filename
    ]
    if not own:
        return type(error).__name__
    where = Path(own[-1].filename).relative_to(REPOSITORY).as_posix()
    return f"{type(error).__name__} at {where}:{own[-1].lineno}"


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {"level": record.levelname.lower(), "message": record.getMessage()}
        line |= {name: record.__dict__[name] for name in FIELDS if name in record.__dict__}
        return json.dumps(line, ensure_ascii=True, default=str)
