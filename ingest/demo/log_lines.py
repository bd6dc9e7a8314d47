"""Calls as the lines of three kinds of log."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from ingest.demo.agents import SCANNERS
from ingest.demo.calls import Calls
from ingest.demo.devices import AGENT_TEXTS, AGENTS
from ingest.demo.randomness import hex_ids
from matchbook import visitor_cookie
from matchbook.keys import Keys

Formatter = Callable[["LogDay", Calls], list[str]]


@dataclass(frozen=True)
class LogDay:
    """What every line of one host's day shares."""

    keys: Keys
    host: str
    date: date
    seed: int


def combined_lines(log: LogDay, calls: Calls, *, cookie_form: str = "{}") -> list[str]:
    """nginx or Apache combined with the cookie as a trailing field, in `cookie_form`."""
    day, hms = f"{log.date:%d/%b/%Y}", clock_texts()
    cookies = _cookies(log.keys, calls, cookie_form, absent="-")
    agents = AGENT_TEXTS[calls.agent]
    return [
        f'{ip} - - [{day}:{hms[at]} +0000] "GET {uri} HTTP/1.1" {status} {size} '
        f'"{referrer or "-"}" "{agent}" "{cookie}"'
        for ip, at, uri, (status, size), referrer, agent, cookie in zip(
            calls.address, calls.at.tolist(), calls.uri, map(_answer, calls.uri),
            calls.referrer, agents, cookies, strict=True,
        )
    ]  # fmt: skip


def json_lines(log: LogDay, calls: Calls) -> list[str]:
    """nginx with a JSON log_format; the cookie member is the browser's whole header."""
    day, hms = log.date.isoformat(), clock_texts()
    cookies = _cookies(log.keys, calls, "cc=1; mbid={}; lang=en", absent="cc=1; lang=en")
    agents = AGENT_TEXTS[calls.agent]
    return [
        f'{{"time":"{day}T{hms[at]}+00:00","host":"{log.host}","method":"GET","uri":"{uri}",'
        f'"status":{_answer(uri)[0]},"referrer":"{referrer}","user_agent":"{agent}",'
        f'"remote_addr":"{ip}","cookie":"{cookie}",'
        f'"sec_gpc":"{"1" if refusal == "gpc" else ""}","purpose":""}}'
        for at, uri, referrer, agent, ip, cookie, refusal in zip(
            calls.at.tolist(), calls.uri, calls.referrer, agents, calls.address, cookies,
            calls.refusal, strict=True,
        )
    ]  # fmt: skip


def segment_lines(log: LogDay, calls: Calls) -> list[str]:
    """The collector's own segments: keyed, decided, and with a hit id per line."""
    day, hms = log.date.isoformat(), clock_texts()
    ids = hex_ids("hit", 32, log.seed, log.date.toordinal(), range(len(calls)))
    return [
        _encode(
            {"mb": 1, "hit_id": hit_id, "at": f"{day}T{hms[at]}+00:00", "host": log.host}
            | _EMPTY | fields
            | _seen(agent, ip) | _decided(visitor, refusal, fields)
        )
        for hit_id, at, fields, agent, ip, visitor, refusal in zip(
            ids, calls.at.tolist(), calls.fields, calls.agent.tolist(), calls.address,
            calls.visitor, calls.refusal, strict=True,
        )
    ]  # fmt: skip


@cache
def clock_texts() -> tuple[str, ...]:
    """HH:MM:SS of every second of a day."""
    return tuple(
        f"{h:02d}:{m:02d}:{s:02d}" for h in range(24) for m in range(60) for s in range(60)
    )


_encode = json.JSONEncoder(separators=(",", ":")).encode

_EMPTY: dict[str, Any] = {
    "type": "", "site": None, "publisher": None, "client": None, "partner": None,
    "cookieid": None, "contact": None, "message": None, "event": None, "page": None,
    "referrer": None, "visitor": None, "identifiers": [],
}  # fmt: skip


def _cookies(keys: Keys, calls: Calls, form: str, *, absent: str) -> list[str]:
    signed = {
        visitor: form.format(visitor_cookie.sign(keys.cookie, visitor))
        for visitor in set(calls.visitor.tolist()) - {""}
    }
    return [signed.get(visitor, absent) for visitor in calls.visitor]


def _answer(uri: str) -> tuple[int, int]:
    return (302, 0) if uri.startswith("/bakery/click") else (200, 43)


@cache
def _parsed_agent(agent: int) -> dict[str, Any]:
    found = (*AGENTS, *SCANNERS)[agent]
    return {"device": found.device, "browser": found.browser, "os": found.system}


def _seen(agent: int, ip: str) -> dict[str, Any]:
    prefix = f"{ip.rsplit('.', 1)[0]}.0/24" if "." in ip else f"{':'.join(ip.split(':')[:3])}::/48"
    return _parsed_agent(agent) | {"ip_prefix": prefix}


def _decided(visitor: str, refusal: str, fields: dict[str, Any]) -> dict[str, Any]:
    decision, basis = "tracked", "declared" if not refusal else None
    if fields["type"] == "withdraw":
        decision = "withdraw"
    elif refusal or not visitor:
        decision, basis = "untracked", None
    elif not fields.get("site"):
        basis = "gdpr_not_applicable"
    is_kept = decision != "untracked" and visitor
    return {
        "visitor": visitor if is_kept else None,
        "decision": decision,
        "basis": basis,
        "reason": None if decision == "tracked" else refusal or "no_cookie",
        "bot": False,
        "prefetch": False,
    }
