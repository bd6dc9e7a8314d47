"""The visitor that a cookie names and what a user agent says, once per distinct value."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from ingest.pixel_logs.agents import describe
from ingest.pixel_logs.distinct import Columns
from matchbook import visitor_cookie
from matchbook.keys import Keys

MAX_KNOWN_COOKIES = 1_000_000
_OUR_COOKIE = re.compile(r"mbid=([^;\s]+)", re.ASCII)
_OPTED_OUT = "mb_optout=1"


class Browsers:
    """What is known of one file's browsers so far."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._cookies = self._visitors = pa.array([], pa.string())

    def of(self, fields: Columns) -> Columns:
        """What the cookies and user agents of our calls say."""
        is_ours = fields["hit_type"].is_valid()
        cookies, cookie_of = _distinct(fields["cookie_text"], is_ours)
        agents, agent_of = _distinct(fields["user_agent"].fill_null(""), is_ours)
        told = [describe(agent) for agent in agents.to_pylist()]
        return {
            "visitor": self._visitors_of(cookies).take(cookie_of),
            "has_opted_out": pc.match_substring(cookies, _OPTED_OUT).take(cookie_of),
            "device": pa.array([a.device_type for a in told], pa.string()).take(agent_of),
            "browser": pa.array([a.browser for a in told], pa.string()).take(agent_of),
            "os": pa.array([a.operating_system for a in told], pa.string()).take(agent_of),
            "is_bot": pa.array([a.is_bot for a in told], pa.bool_()).take(agent_of),
        }

    def _visitors_of(self, cookies: pa.Array) -> pa.Array:
        """The visitor that each of the distinct cookies names; each is verified once."""
        if len(self._cookies) > MAX_KNOWN_COOKIES:
            self._cookies = self._visitors = pa.array([], pa.string())
        new = cookies.filter(pc.is_null(pc.index_in(cookies, self._cookies)))
        named = [_first_visitor(self._keys, text) for text in new.to_pylist()]
        self._cookies = pa.concat_arrays([self._cookies, new])
        self._visitors = pa.concat_arrays([self._visitors, pa.array(named, pa.string())])
        return self._visitors.take(pc.index_in(cookies, self._cookies))


def _first_visitor(keys: Keys, text: str) -> str | None:
    """The visitor of the first cookie with a valid signature."""
    cookies = _OUR_COOKIE.findall(text) if "=" in text else text.split(" ")
    for cookie in cookies[:100]:
        visitor_id = visitor_cookie.verify(keys.cookie, cookie)
        if visitor_id:
            return visitor_id
    return None


def _distinct(texts: pa.Array, wanted: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The distinct texts, and for each wanted row the place of its text among them."""
    if not pc.all(wanted).as_py():
        texts = pc.if_else(wanted, texts, pa.scalar(None, pa.string()))
    found = texts.dictionary_encode()
    return found.dictionary, found.indices
