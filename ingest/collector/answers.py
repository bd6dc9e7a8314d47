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
    ("referrer-policy", "same-origin"),  # without one, a form does not say where it stood
    ("x-content-type-options", "nosniff"),
]
_STYLE = (
    ":root{color-scheme:light dark;--text:#1f2933;--ground:#fff;--raised:#f1f5f9;--link:#0b5cad;"
    "--line:#9fb0c0}@media(prefers-color-scheme:dark){:root{--text:#e4e9ee;--ground:#14191f;"
    "--raised:#202832;--link:#8cc4ff;--line:#52606d}}"
    "body{font:1.0625rem/1.55 system-ui,sans-serif;max-width:38rem;margin:3rem auto;"
    "padding:0 1rem;color:var(--text);background:var(--ground)}"
    "h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.15rem;margin-top:2rem}"
    "a{color:var(--link)}li{margin:.35rem 0}"
    "button{font:inherit;font-weight:600;padding:.6rem 1.2rem;border:1px solid var(--link);"
    "border-radius:.4rem;background:var(--link);color:var(--ground);cursor:pointer}"
    "form{display:inline-block;margin:0 .6rem .6rem 0}"
    "button.other{background:none;color:var(--link)}"
    "button:focus-visible,a:focus-visible{outline:3px solid var(--link);outline-offset:3px}"
    ".status{background:var(--raised);border-left:.3rem solid var(--link);padding:.6rem 1rem;"
    "border-radius:.3rem}nav{text-align:right}"
)


@dataclass(slots=True)
class Answer:
    """A status, headers and a body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""
    if_lost: Answer | None = None
    """The answer when the log does not take the call's line; without one, 503."""


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
