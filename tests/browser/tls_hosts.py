"""Hosts with TLS on this machine: a site's page, the collector behind it, and a partner."""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.outgoing import COLLECTOR_HOST, PARTNER_HOST
from tests.pixel_lines import SNOWPLOW_ID

SITE_HOST = "www.acme.example"
PAGE = (
    "<!doctype html><title>Shop</title><p>Hello"
    f'<script async src="https://{COLLECTOR_HOST}/bakery/pixel.js?site=shop"></script>'
)


class Hosts(ThreadingHTTPServer):
    """All three, told apart by the Host header; `asked` are the calls of the partner."""

    daemon_threads = True

    def __init__(self, collector_port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.collector_port = collector_port
        self.asked: list[tuple[str, dict[str, str]]] = []


@contextmanager
def tls_hosts(folder: Path, collector_port: int) -> Iterator[Hosts]:
    """Serve them on one port with a certificate nobody vouches for."""
    server = Hosts(collector_port)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder))
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Hosts

    def do_GET(self) -> None:
        host = self.headers["host"]
        if host == COLLECTOR_HOST:
            self._pass_on()
        elif host == PARTNER_HOST:
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.server.asked.append((self.path, headers))
            (back,) = parse_qs(urlsplit(self.path).query)["back"]
            location = back.replace("[[USERID]]", quote(SNOWPLOW_ID, safe=""))
            self._answer(302, [("location", location)], b"")
        else:
            self._answer(200, [("content-type", "text/html")], PAGE.encode())

    def _pass_on(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.collector_port)
        connection.request("GET", self.path, headers=dict(self.headers.items()))
        answer = connection.getresponse()
        left_out = ("content-length", "connection", "transfer-encoding")
        headers = [(n, v) for n, v in answer.getheaders() if n.lower() not in left_out]
        self._answer(answer.status, headers, answer.read())
        connection.close()

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in (*headers, ("content-length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(
        key.private_bytes(*form, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path
