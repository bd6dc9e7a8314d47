"""Structured log lines on stderr: one JSON object a line, fields by allow-list only."""

from __future__ import annotations

import json
import logging
import sys

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


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {"level": record.levelname.lower(), "message": record.getMessage()}
        line |= {name: record.__dict__[name] for name in FIELDS if name in record.__dict__}
        return json.dumps(line, ensure_ascii=True, default=str)
