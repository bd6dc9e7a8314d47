"""What can go wrong on purpose, and the journal of what was asked (5.3 of the contract)."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

SCRIPTED = (
    "ok", "drop", "commit_then_drop", "commit_then_reset", "commit_then_cut", "html",
    "commit_then_html", "throttle", "500", "commit_then_500", "ok_with_error",
)  # fmt: skip
"""What may befall one call of a script: before or after it took effect."""


@dataclass
class Faults:
    """Switches; `PUT /__control` sets them by name."""

    rate_limit_tps: int = 10
    latency_ms: int = 0
    script: list[str] = field(default_factory=list)
    """Befalls the next calls, one each; words of SCRIPTED, or a status."""
    script_for: str = ""
    """Only for calls whose method begins so; empty: for all."""
    retry_after: str = ""
    """Sent with scripted 429 and 503 answers."""
    auth_body: str = "json"
    html_errors: bool = False
    extra_fields: bool = False
    string_booleans: bool = False
    versions: tuple[int, ...] = tuple(range(1, 20))
    options: dict[str, Any] = field(default_factory=dict)
    """dup_member, unique_names, bad_numbers, api_version, post_writes (POST does what a GET that
    writes does): the contract's [I] rules."""

    def next(self, method: str) -> str:
        """What befalls this call."""
        if self.script and method.startswith(self.script_for):
            return self.script.pop(0)
        return "ok"


@dataclass
class Asked:
    """One call in the journal; secrets are not in it."""

    at: float
    verb: str
    path: str
    method: str
    parameters: dict[str, str]
    status: int | None = None
    """None: no answer left the server whole."""
    is_applied: bool = False
    fault: str = "ok"


@dataclass
class Rate:
    """G10: more than so many calls in a rolling second are refused."""

    calls: deque[float] = field(default_factory=deque)

    def is_exceeded(self, limit: int) -> bool:
        now = time.monotonic()
        while self.calls and now - self.calls[0] >= 1:
            self.calls.popleft()
        if len(self.calls) >= limit:
            return True
        self.calls.append(now)
        return False
