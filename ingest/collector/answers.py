"""What the collector answers: a pixel, a small page, a redirect or JSON."""

from __future__ import annotations

import base64
import html
import json
from dataclasses import dataclass
from typing import Any

GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
"""One transparent pixel in 43 bytes."""

_PIXEL_HEADERS = [
    ("content-type", "image/gif"),
    ("cache-control", "no-store"),
    ("cross-origin-resource-policy", "cross-origin"),
    ("x-content-type-options", "nosniff"),
]
_PAGE_HEADERS = [
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "no-store"),
    (
        "content-security-policy",
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'",
    ),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
]
_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:38rem;margin:4rem auto;padding:0 1rem;"
    "color:#1f2933;background:#fff}h1{font-size:1.5rem}a{color:#0b5cad}"
    "button{font:inherit;padding:.5rem 1rem}"
)


@dataclass(slots=True)
class Answer:
    """A status, headers and a body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""
    if_lost: Answer | None = None
    """In sync mode: the answer when the log turns out not to be durable; else 503."""


def gif(*cookies: str) -> Answer:
    """The pixel, never stored by a cache; `cookies` are Set-Cookie values."""
    if not cookies:
        return _PIXEL
    return Answer(200, _PIXEL_HEADERS + _set(cookies), GIF)


def refused(reason: str) -> Answer:
    """The pixel again, so that no page breaks; a header says why nothing was stored."""
    return Answer(200, [*_PIXEL_HEADERS, ("refused", reason)], GIF)


def unavailable() -> Answer:
    """The log cannot be written: nothing was stored, and no cookie is set."""
    return Answer(503, [*_PIXEL_HEADERS, ("retry-after", "5")], GIF)


def page(status: int, title: str, html_body: str, *cookies: str, lang: str = "en") -> Answer:
    """A small page that needs nothing else; `title` is text, `html_body` is markup."""
    document = (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{html.escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{html.escape(title)}</h1>{html_body}"
        "</body></html>\n"
    )
    return Answer(status, _PAGE_HEADERS + _set(cookies), document.encode())


def redirect(location: str, *cookies: str) -> Answer:
    """302 to a location the caller has checked."""
    headers = [("location", location), ("cache-control", "no-store"), ("content-length", "0")]
    headers.append(("referrer-policy", "no-referrer"))
    return Answer(302, headers + _set(cookies))


def json_answer(data: Any, *cookies: str, status: int = 200) -> Answer:
    """Data as JSON."""
    headers = [("content-type", "application/json"), ("cache-control", "no-store")]
    return Answer(status, headers + _set(cookies), json.dumps(data).encode() + b"\n")


def text(
    status: int,
    content: str,
    *,
    content_type: str = "text/plain; charset=utf-8",
    close: bool = False,
) -> Answer:
    """Plain text; `close` ends the connection after it."""
    headers = [("content-type", content_type), ("cache-control", "no-store")]
    headers.append(("x-content-type-options", "nosniff"))
    if close:
        headers.append(("connection", "close"))
    return Answer(status, headers, content.encode())


def _set(cookies: tuple[str, ...]) -> list[tuple[str, str]]:
    return [("set-cookie", cookie) for cookie in cookies]


_PIXEL = Answer(200, _PIXEL_HEADERS, GIF)
