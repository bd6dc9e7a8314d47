"""The outgoing cookie sync over HTTP: a browser, the collector, a partner that sends it back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from ingest.collector.answers import GIF
from ingest.pixel_logs import land_pixel_log
from matchbook.settings import Settings
from matchbook.visitor_cookie import verify
from matchbook.warehouse import open_warehouse
from tests.collecting import BROWSER, Collecting, collecting
from tests.outgoing import COLLECTOR_HOST, PARTNER_HOST, REGISTRY, out_url
from tests.pixel_lines import SNOWPLOW_ID


class Partner(BaseHTTPRequestHandler):
    """Knows every browser by one id, and sends it back as the contract says."""

    seen: list[tuple[str, dict[str, str]]]

    def do_GET(self) -> None:
        type(self).seen.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
        (back,) = parse_qs(urlsplit(self.path).query)["back"]
        self.send_response(302)
        self.send_header("location", back.replace("[[USERID]]", quote(SNOWPLOW_ID, safe="")))
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


class Front(httpx.BaseTransport):
    """Takes https calls to their hosts on this machine, as the TLS of a load balancer would."""

    def __init__(self, ports: dict[str, int]) -> None:
        self.ports = ports
        self.wire = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert request.url.scheme == "https"
        port = self.ports[request.url.host]
        url = request.url.copy_with(scheme="http", host="127.0.0.1", port=port)
        passed = httpx.Request(request.method, url, headers=request.headers)
        return self.wire.handle_request(passed)

    def close(self) -> None:
        self.wire.close()


@contextmanager
def partner() -> Iterator[ThreadingHTTPServer]:
    Partner.seen = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Partner)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def someone(collector: Collecting, server: ThreadingHTTPServer) -> Iterator[httpx.Client]:
    """A browser: it keeps cookies and follows redirects."""
    front = Front({COLLECTOR_HOST: collector.port, PARTNER_HOST: server.server_port})
    headers = {"user-agent": BROWSER, "referer": "https://shop.example/private"}
    with httpx.Client(
        base_url=f"https://{COLLECTOR_HOST}",
        transport=front,
        headers=headers,
        follow_redirects=True,
    ) as client:
        yield client


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collecting]:
    with collecting(Settings(home=tmp_path_factory.mktemp("outgoing")), REGISTRY) as running:
        yield running


def test_out_and_back(collector: Collecting, settings: Settings) -> None:
    with partner() as server, someone(collector, server) as browser:
        answer = browser.get(out_url())
        assert (answer.status_code, answer.content) == (200, GIF)
        assert [step.url.path for step in answer.history] == [
            "/bakery/sync/out", "/bakery/sync/out", "/match"
        ]  # fmt: skip
        assert answer.url.path == "/bakery/sync/return"
        again = browser.get(out_url())
        assert (again.content, again.history) == (GIF, [])
        visitor_id = verify(collector.keys.cookie, browser.cookies["mbid"])
    replayed = collector.get(str(answer.url.raw_path, "ascii"))
    assert replayed.headers["refused"] == "bad_signature"
    assert "set-cookie" not in replayed.headers
    line, refused = collector.lines()[-2:]
    segment = collector.newest(2, settings.home)
    ((path, headers),) = Partner.seen
    assert path.startswith("/match?account=7&back=https%3A%2F%2F")
    assert "cookie" not in headers
    assert (visitor_id or "none") not in path
    assert (line["visitor"], line["cookieid"]) == (visitor_id, SNOWPLOW_ID)
    assert refused["refused"] == "bad_signature"
    with open_warehouse(settings) as connection:
        land_pixel_log(connection, settings, segment, registry=REGISTRY, keys=collector.keys)
        hits = connection.execute(
            "select hit_type, client_id, partner_id, partner_cookie_id, visitor_id from raw.hits"
        ).fetchall()
        reasons = connection.execute("select reason from raw.quarantine").fetchall()
    assert hits == [("sync", "acme", "snowplow", SNOWPLOW_ID, visitor_id)]
    assert reasons == [("bad_signature",)]


def test_a_browser_that_keeps_no_cookies_never_leaves(collector: Collecting) -> None:
    before = len(collector.lines())
    with partner() as server, someone(collector, server) as browser:
        first = browser.get(out_url(), follow_redirects=False)
        browser.cookies.clear()
        answer = browser.get(first.headers["location"])
        assert (answer.content, answer.history) == (GIF, [])
    (line,) = collector.lines()[before:]
    assert Partner.seen == []
    assert (line["type"], line["reason"]) == ("sync", "no_cookie")
