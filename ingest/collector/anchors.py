"""The links of an e-mail's HTML, with the places where their `href` values stand.

Python's parser says where tags begin; only their attributes are taken apart here, because it
does not say where a value stands. What Outlook alone reads (conditional comments, buttons
drawn with VML) is looked into as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.entities import html5
from html.parser import HTMLParser

_SPACE = r"[\t\n\f\r ]"
_ATTRIBUTE = re.compile(
    rf"(?:{_SPACE}|/)*(?P<name>[^\t\n\f\r />=][^\t\n\f\r />=]*)"
    rf"(?:{_SPACE}*={_SPACE}*(?P<value>\"[^\"]*\"|'[^']*'|[^\t\n\f\r >]*))?"
)
_TAG_NAME = re.compile(r"<[a-zA-Z][^\t\n\f\r />]*")
_REFERENCE = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*)[;=]?")
_TEXT_ONLY = ("title", "textarea", "xmp", "iframe", "noembed", "noframes")
"""Elements that hold no elements, whatever it looks like; beside script and style."""
_CONDITIONAL = re.compile(r"\[if [^\]]*\]>(.*)<!\[endif\]", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class Value:
    """An attribute's value: its text, and from where to where it stands, quotes included."""

    text: str
    start: int
    stop: int
    mark: str
    """The quote around it, or none."""


@dataclass
class Anchor:
    """One element that leads somewhere."""

    attributes: dict[str, Value]
    words: list[str] = field(default_factory=list)
    """What a person reads of it: text, titles, descriptions of pictures."""

    @property
    def href(self) -> Value:
        """Where it leads."""
        return self.attributes["href"]


@dataclass
class Anchors:
    """What was found in one text."""

    found: list[Anchor]
    body_end: int
    """Where the body ends: the place to add to it."""


def find_anchors(html: str) -> Anchors:
    """All `a`, `area` and VML elements that have an `href`, in their order."""
    finder = _Finder(html, 0)
    end = len(html) if finder.body_end is None else finder.body_end
    return Anchors(finder.found, end)


class _Finder(HTMLParser):
    def __init__(self, html: str, base: int) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Anchor] = []
        self.body_end: int | None = None
        self._base = base
        self._lines = [0, *(match.end() for match in re.finditer("\n", html))]
        self._open: dict[str, Anchor] = {}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in _TEXT_ONLY:
            self.set_cdata_mode(tag)
        source = self.get_starttag_text() or ""
        attributes = _attributes(source, self._place())
        spoken = [attributes[n].text for n in ("alt", "title") if n in attributes]
        for anchor in self._open.values():
            anchor.words += [" ", *spoken]
        if tag not in ("a", "area") and not tag.startswith("v:"):
            return
        self._open.pop(tag, None)
        if "href" in attributes:
            anchor = Anchor(attributes, spoken)
            self.found.append(anchor)
            if tag != "area":
                self._open[tag] = anchor

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.handle_starttag(tag, attrs)  # to a browser the slash says nothing

    def handle_endtag(self, tag: str) -> None:
        self._open.pop(tag, None)
        if tag == "body":
            self.body_end = self._place()

    def handle_data(self, data: str) -> None:
        for anchor in self._open.values():
            anchor.words.append(data)

    def handle_comment(self, data: str) -> None:
        if inner := _CONDITIONAL.fullmatch(data):
            self.found += _Finder(inner[1], self._place() + len("<!--") + inner.start(1)).found

    def parse_marked_section(self, i: int, report: int = 1) -> int:
        """`<![…`: a comment up to the next `>`, as in browsers."""
        return self.parse_bogus_comment(i, False)

    def _place(self) -> int:
        line, column = self.getpos()
        return self._base + self._lines[line - 1] + column


def _attributes(source: str, place: int) -> dict[str, Value]:
    """The attributes of a start tag; of two with one name the first counts, as in browsers."""
    name = _TAG_NAME.match(source)
    at = name.end() if name else len(source)
    found: dict[str, Value] = {}
    while match := _ATTRIBUTE.match(source, at):
        at = match.end()
        raw = match["value"] or ""
        mark = raw[0] if raw[:1] in ('"', "'") else ""
        start, stop = match.span("value") if match["value"] is not None else (at, at)
        text = _REFERENCE.sub(_referred, raw[1:-1] if mark else raw)
        found.setdefault(match["name"].lower(), Value(text, place + start, place + stop, mark))
    return found


def _referred(reference: re.Match[str]) -> str:
    """The character meant; in attributes `&copy=1` and `&copyright` mean none."""
    text = reference[0]
    is_known = text.startswith("&#") or (not text.endswith("=") and text[1:] in html5)
    return unescape(text) if is_known else text
