"""The visitor that a cookie names and what a user agent says, once per distinct value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from ingest.pixel_logs.agents import describe
from ingest.pixel_logs.distinct import Columns
from matchbook import visitor_cookie
from matchbook.keys import Keys

MAX_KNOWN_VISITORS = 1_000_000
_OUR_COOKIE = re.compile(r"mbid=([^;\s]+)", re.ASCII)
_OPTED_OUT = "mb_optout=1"


@dataclass
class Browsers:
    """What is known of one file's browsers so far."""

    keys: Keys
    _visitors: dict[str, str | None] = field(default_factory=dict)

    def of(self, fields: Columns) -> Columns:
        """What the cookies and user agents of our calls say."""
        if len(self._visitors) > MAX_KNOWN_VISITORS:
            self._visitors.clear()
        is_ours = fields["hit_type"].is_valid()
        cookies, cookie_of = _distinct(fields["cookie_text"], is_ours)
        agents, agent_of = _distinct(fields["user_agent"].fill_null(""), is_ours)
        told = [describe(agent) for agent in agents]
        opted_out = [_OPTED_OUT in cookie for cookie in cookies]
        return {
            "visitor": pa.array(map(self._visitor, cookies), pa.string()).take(cookie_of),
            "has_opted_out": pa.array(opted_out, pa.bool_()).take(cookie_of),
            "device": pa.array([a.device_type for a in told], pa.string()).take(agent_of),
            "browser": pa.array([a.browser for a in told], pa.string()).take(agent_of),
            "os": pa.array([a.operating_system for a in told], pa.string()).take(agent_of),
            "is_bot": pa.array([a.is_bot for a in told], pa.bool_()).take(agent_of),
        }

    def _visitor(self, text: str) -> str | None:
        if text not in self._visitors:
            self._visitors[text] = _first_visitor(self.keys, text)
        return self._visitors[text]


def _first_visitor(keys: Keys, text: str) -> str | None:
    """The visitor of the first cookie with a valid signature."""
    cookies = _OUR_COOKIE.findall(text) if "=" in text else text.split(" ")
    for cookie in cookies[:100]:
        visitor_id = visitor_cookie.verify(keys.cookie, cookie)
        if visitor_id:
            return visitor_id
    return None


def _distinct(texts: pa.Array, wanted: pa.Array) -> tuple[list[str], pa.Array]:
    """The distinct texts, and for each wanted row the place of its text among them."""
    if not pc.all(wanted).as_py():
        texts = pc.if_else(wanted, texts, pa.scalar(None, pa.string()))
    found = texts.dictionary_encode()
    return found.dictionary.to_pylist(), found.indices
