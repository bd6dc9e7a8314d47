"""Finds our tags in a page without running or rendering it, in one pass whatever it holds."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, urljoin, urlsplit

from matchbook.pixels import PAGE_PATH, SCRIPT_PATH, SYNC_PATH

Kind = Literal["script", "image", "sync"]
KINDS: dict[str, Kind] = {SCRIPT_PATH: "script", PAGE_PATH: "image", SYNC_PATH: "sync"}
FOLDER = "/bakery/"

# No part of these can match in two ways, so that a hostile page costs no more than its length.
_TAG = re.compile(r"<(script|img)\b([^<>]{0,4096})>", re.IGNORECASE)
_SRC = re.compile(r"""(?:^|[\s"'/])src\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_SCRIPT = re.compile(r"<script\b", re.IGNORECASE)
_SCRIPT_END = re.compile(r"</script\b", re.IGNORECASE)
_QUOTED_URL = re.compile(r"""["'`]((?:https?:)?(?:\\?/){2}[^"'`\s<>]{1,2000})["'`]""")


@dataclass(frozen=True)
class Tag:
    """A call to a pixel that the page makes."""

    kind: Kind
    host: str
    site: str
    partner: str = ""


@dataclass(frozen=True)
class Findings:
    """What a page holds that matters here."""

    tags: tuple[Tag, ...]
    text: str
    """The page without its comments."""


def find_tags(page_url: str, text: str) -> Findings:
    """All pixel tags of a page: in script and img elements, and in its own scripts."""
    live = without_comments(text)
    found = [tag for url in _urls(live) if FOLDER in url and (tag := _tag(page_url, url))]
    return Findings(tuple(dict.fromkeys(found)), live)


def without_comments(text: str) -> str:
    """The page without `<!-- … -->`; one that does not close hides the rest, as in a browser."""
    parts, at = [], 0
    while (start := text.find("<!--", at)) >= 0:
        parts.append(text[at:start])
        end = text.find("-->", start + 4)
        if end < 0:
            return "".join(parts)
        at = end + 3
    return "".join([*parts, text[at:]])


def _urls(text: str) -> Iterator[str]:
    for tag in _TAG.finditer(text):
        if source := _SRC.search(tag.group(2)):
            yield html.unescape(next(part for part in source.groups() if part is not None))
    for body in _script_bodies(text):
        for quoted in _QUOTED_URL.finditer(body):
            yield quoted.group(1).replace("\\/", "/")


def _script_bodies(text: str) -> Iterator[str]:
    at = 0
    while start := _SCRIPT.search(text, at):
        begin = text.find(">", start.end())
        end = _SCRIPT_END.search(text, start.end())
        if begin < 0 or end is None:
            return
        yield text[begin : end.start()]
        at = end.end()


def _tag(page_url: str, url: str) -> Tag | None:
    try:
        parts = urlsplit(urljoin(page_url, url))
        host = (parts.hostname or "").lower()
        query = parse_qs(parts.query, max_num_fields=100)
    except ValueError:
        return None
    kind = KINDS.get(parts.path)
    if kind is None or parts.scheme not in ("http", "https"):
        return None
    first = {name: values[0][:200] for name, values in query.items()}
    return Tag(
        kind, host, first.get("site", ""), first.get("partner", "") if kind == "sync" else ""
    )
