"""Gets one web page: a MiB and five seconds at most, redirects followed one by one."""

from __future__ import annotations

import re
import ssl
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote, urljoin, urlsplit

import httpcore

from ingest.pixel_check.sockets import CheckedNetwork, PrivateAddress, UnusualPort
from matchbook.errors import ConfigError

MOST_BYTES = 1 << 20
MOST_SECONDS = 5.0
MOST_REDIRECTS = 5
PORTS = {"http": 80, "https": 443}
HEADERS = {
    "Accept": "text/html",
    "Accept-Encoding": "gzip",
    "Connection": "close",
    "User-Agent": "Matchbook pixel check",
}
"""No cookie and no referrer: the page is what a stranger sees."""
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\.?|\[[0-9a-f:.]+\]")
_KEPT = "/?:@!$&'()*+,;=-._~%[]"


class PageUnavailable(Exception):
    """The page was refused or did not come; `result` and `reason` are stable codes."""

    def __init__(self, result: str, reason: str = "") -> None:
        self.result = result
        self.reason = reason or result
        super().__init__(self.reason)


@dataclass(frozen=True)
class Place:
    """The parts of an address that was accepted."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def url(self) -> str:
        """The address as it is asked for."""
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}{port}{self.target}"


@dataclass(frozen=True)
class WebPage:
    """What a browser would have got."""

    place: Place
    html: str


def fetch(url: str, *, allowed: frozenset[str] = frozenset()) -> WebPage:
    """The page at `url`. Raises PageUnavailable; `allowed` are hosts that the operator named."""
    network = CheckedNetwork(allowed, seconds=MOST_SECONDS)
    try:
        for _ in range(MOST_REDIRECTS + 1):
            place = accepted(url)
            found = _get(place, network)
            if isinstance(found, WebPage):
                return found
            url = _joined(place.url, found)
    except PrivateAddress:
        raise PageUnavailable("refused", "private_address") from None
    except UnusualPort:
        raise PageUnavailable("refused", "port") from None
    except TimeoutError:
        raise PageUnavailable("timeout") from None
    except ssl.SSLError:
        raise PageUnavailable("unreachable", "bad_certificate") from None
    except (OSError, httpcore.NetworkError):
        raise PageUnavailable("unreachable") from None
    except (httpcore.ProtocolError, zlib.error):
        raise PageUnavailable("not_a_page", "unreadable") from None
    raise PageUnavailable("unreachable", "too_many_redirects")


def accepted(url: str) -> Place:
    """The address taken apart. Raises PageUnavailable for what is not asked for at all."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port or PORTS.get(parts.scheme, 0)
        host = (parts.hostname or "").encode("ascii" if ":" in parts.netloc else "idna").decode()
    except (ValueError, UnicodeError):
        raise PageUnavailable("refused", "bad_url") from None
    bracketed = f"[{host}]" if ":" in host else host
    if parts.scheme not in PORTS or not _HOST.fullmatch(bracketed):
        raise PageUnavailable("refused", "bad_url")
    if "@" in parts.netloc:
        raise PageUnavailable("refused", "credentials")
    query = f"?{parts.query}" if parts.query else ""
    return Place(parts.scheme, host, port, quote((parts.path or "/") + query, safe=_KEPT))


def parse_allowed(words: Iterable[str]) -> frozenset[str]:
    """Hosts named by the operator: `intranet.example` or `127.0.0.1:8000`. Raises ConfigError."""
    names = frozenset(word.strip().lower() for word in words if word.strip())
    for name in names:
        host, _, port = name.rpartition(":") if name.count(":") == 1 else (name, "", "80")
        if not port.isdigit() or not re.fullmatch(r"[a-z0-9.:-]+", host):
            raise ConfigError(
                "A host that pixel checks may ask is not a host name.",
                todo="Write it as HOST or HOST:PORT, without https://.",
            )
    return names


def _joined(base: str, target: str) -> str:
    try:
        return urljoin(base, target)
    except ValueError:
        raise PageUnavailable("refused", "bad_url") from None


def _get(place: Place, network: CheckedNetwork) -> WebPage | str:
    """The page, or where it says that it is."""
    url = httpcore.URL(
        scheme=place.scheme.encode(),
        host=place.host.encode(),
        port=place.port,
        target=place.target.encode(),
    )
    with (
        httpcore.ConnectionPool(ssl_context=_trust(), network_backend=network) as pool,
        pool.stream("GET", url, headers=list(HEADERS.items())) as response,
    ):
        headers = {name.lower(): value for name, value in response.headers}
        if response.status in (301, 302, 303, 307, 308) and b"location" in headers:
            return headers[b"location"].decode("latin-1")
        if not 200 <= response.status < 300:
            raise PageUnavailable("not_a_page", f"status_{response.status}")
        if b"html" not in headers.get(b"content-type", b"text/html").lower():
            raise PageUnavailable("not_a_page", "not_html")
        body = _body(response.iter_stream(), headers.get(b"content-encoding", b"").lower())
    return WebPage(place, body.decode("utf-8", errors="replace"))


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _body(chunks: Iterable[bytes], encoding: bytes) -> bytes:
    """What the page holds, unpacked piece by piece so that a bomb stops at the limit."""
    if encoding not in (b"", b"identity", b"gzip", b"x-gzip"):
        raise PageUnavailable("not_a_page", "unreadable")
    unpacker = zlib.decompressobj(wbits=31) if encoding.endswith(b"gzip") else None
    body = bytearray()
    for chunk in chunks:
        room = MOST_BYTES + 1 - len(body)
        body += unpacker.decompress(chunk, room) if unpacker else chunk[:room]
        if len(body) > MOST_BYTES:
            raise PageUnavailable("too_large")
    return bytes(body)
