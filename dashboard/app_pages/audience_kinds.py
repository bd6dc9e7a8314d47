"""The kinds of condition to choose from, and how each begins."""

from __future__ import annotations

import secrets
from typing import Any, get_args

from matchbook.audiences.conditions import What

DONE: dict[str, str] = {
    "visited": "visited a page",
    "clicked_or_read": "clicked or read an e-mail",
    "clicked": "clicked an e-mail",
    "read": "read an e-mail online",
    "event": "did an event",
    "identified": "signed in",
    "called": "was seen at all",
}
"""What a browser can have done."""

KINDS: dict[str, str] = {
    **DONE,
    "sequence": "did one thing, then another",
    "since": "was first seen, last seen or uploaded lately",
    "total": "was this active in all",
    "device_type": "uses a device",
    "browser": "uses a browser",
    "operating_system": "uses an operating system",
    "referrer_host": "came from a web site",
    "seen_by": "was seen by a partner",
    "is": "is matched, or reachable in CEP",
    "attribute": "has this in the CRM",
    "in_audience": "is in an audience",
    "on_list": "is on an uploaded list",
    "in_share": "is in a random share",
}
"""As the menu of a new condition says it."""

_STARTS: dict[str, dict[str, Any]] = {
    "since": {"what": "last_seen", "days": 30},
    "total": {"of": "page_views", "at_least": 10},
    "seen_by": {"partner": ""},
    "is": {"what": "cep_reachable"},
    "attribute": {"name": "", "test": {"type": "known"}},
    "in_audience": {"audience": ""},
    "on_list": {"list": ""},
}


def begin(kind: str) -> dict[str, Any]:
    """A condition of this kind; what has to be chosen is empty."""
    if kind in get_args(What):
        return {"kind": "did", "action": {"what": kind}, "at_least": 1}
    if kind == "sequence":
        then = {"what": "event"}
        return {"kind": kind, "first": {"what": "visited"}, "then": then, "within_hours": 24}
    if kind in ("device_type", "browser", "operating_system", "referrer_host"):
        return {"kind": "uses", "what": kind, "match": {"operator": "equals", "value": ""}}
    if kind == "in_share":
        return {"kind": kind, "percent": 10.0, "salt": secrets.token_hex(4)}
    return {"kind": kind, **_STARTS[kind]}


def kind_of(condition: dict[str, Any]) -> str:
    """Which entry of the menu a condition is."""
    if condition["kind"] == "did":
        return str(condition["action"]["what"])
    if condition["kind"] == "uses":
        return str(condition["what"])
    return str(condition["kind"])
