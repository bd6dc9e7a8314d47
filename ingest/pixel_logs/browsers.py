"""The visitor that a cookie names and what a user agent says, once per distinct value."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.pixel_logs.agents import describe
from ingest.pixel_logs.distinct import Columns, told_apart
from matchbook import visitor_cookie
from matchbook.keys import Keys

MAX_KNOWN_COOKIES = 250_000
MAX_COOKIES = 100
_OUR_COOKIE = re.compile(r"mbid=([^;\s]+)", re.ASCII)
_OPTED_OUT = "mb_optout=1"
_NONE = pa.array([], pa.string())


class Browsers:
    """What is known of one file's browsers so far."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._known = self._named = _NONE

    def of(self, fields: Columns) -> Columns:
        """What the cookies and user agents of our calls say."""
        is_ours = fields["hit_type"].is_valid()
        cookies, cookie_of = _distinct(fields["cookie_text"], is_ours)
        agents, agent_of = _distinct(fields["user_agent"].fill_null(""), is_ours)
        told = [describe(agent) for agent in agents.to_pylist()]
        return {
            "visitor": self._visitors_of(cookies).take(cookie_of),
            "has_opted_out": pc.match_substring(cookies, _OPTED_OUT).take(cookie_of),
            "device": _texts([a.device_type for a in told]).take(agent_of),
            "browser": _texts([a.browser for a in told]).take(agent_of),
            "os": _texts([a.operating_system for a in told]).take(agent_of),
            "is_bot": pa.array([a.is_bot for a in told], pa.bool_()).take(agent_of),
        }

    def _visitors_of(self, cookies: pa.Array) -> pa.Array:
        """The visitor that each of the distinct cookies names; each is verified once."""
        if len(self._known) > MAX_KNOWN_COOKIES:
            self._known = self._named = _NONE
        places = pc.index_in(cookies, self._known).fill_null(-1).to_numpy().copy()
        is_new = places < 0
        places[is_new] = len(self._known) + np.arange(np.count_nonzero(is_new))
        new = cookies.filter(pa.array(is_new))
        named = pa.array(_first_visitors(self._keys, new.to_pylist()), pa.string())
        self._known = pa.concat_arrays([self._known, new])
        self._named = pa.concat_arrays([self._named, named])
        return self._named.take(pa.array(places))


def _texts(words: list[str | None]) -> pa.Array:
    return told_apart(pa.array(words, pa.string()))


def _first_visitors(keys: Keys, texts: list[str]) -> list[str | None]:
    """For each text the visitor of its first cookie with a valid signature."""
    found = [(place, cookie) for place, text in enumerate(texts) for cookie in _cookies(text)]
    verified = visitor_cookie.verify_all(keys.cookie, [cookie for _, cookie in found])
    visitors: list[str | None] = [None] * len(texts)
    for (place, _), visitor in zip(found, verified, strict=True):
        visitors[place] = visitors[place] or visitor
    return visitors


def _cookies(text: str) -> list[str]:
    cookies = _OUR_COOKIE.findall(text) if "=" in text else text.split(" ")
    return cookies[:MAX_COOKIES]


def _distinct(texts: pa.Array, wanted: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The distinct texts, and for each wanted row the place of its text among them."""
    if not pc.all(wanted).as_py():
        texts = pc.if_else(wanted, texts, pa.scalar(None, pa.string()))
    found = texts.dictionary_encode()
    return found.dictionary, found.indices
