"""Partners' servers on loopback: FTPS (pyftpdlib), and an HTTPS endpoint with faults."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import ssl
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any, ClassVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import TLS_DTPHandler, TLS_FTPHandler
    from pyftpdlib.servers import ThreadedFTPServer

logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL)


@dataclass
class Certificate:
    """Self-signed for 127.0.0.1; trusted by whoever is given the file as SSL_CERT_FILE."""

    path: Path


def certificate(folder: Path, *, days: int = 2, host: str = "127.0.0.1") -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "partner")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=5))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / f"certificate-{host}-{days}.pem"
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return Certificate(path)


@dataclass
class FtpsServer:
    """One user, one folder."""

    port: int
    folder: Path
    user: str = "matchbook"
    password: str = "a secret of the partner"
    breaks: dict[str, int] = field(default_factory=dict)
    """`after`: how many bytes of an upload are taken before the line is dropped."""

    @property
    def address(self) -> str:
        return f"ftps://{self.user}@127.0.0.1:{self.port}"


@contextmanager
def ftps_server(folder: Path, trusted: Certificate) -> Iterator[FtpsServer]:
    """Encrypted only; its data line can be made to break."""
    folder.mkdir(parents=True, exist_ok=True)
    server = FtpsServer(0, folder)
    authorizer = DummyAuthorizer()
    authorizer.add_user(server.user, server.password, str(folder), perm="elradfmwMT")

    class Breaking(TLS_DTPHandler):
        taken = 0

        def recv(self, size: int) -> bytes:
            block = super().recv(size)
            limit = server.breaks.get("after")
            if limit is not None:
                block = block[: max(0, limit - self.taken)]
                self.taken += len(block)
                if not block:
                    self.cmd_channel.close()
                    self.close()
            return bytes(block)

    class Handler(TLS_FTPHandler):
        certfile = str(trusted.path)
        tls_control_required = True
        tls_data_required = True
        dtp_handler = Breaking

    Handler.authorizer = authorizer
    ftp = ThreadedFTPServer(("127.0.0.1", 0), Handler)
    server.port = ftp.address[1]
    thread = threading.Thread(target=ftp.serve_forever, kwargs={"timeout": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        ftp.close_all()
        thread.join(5)


@dataclass
class Call:
    """One request that the endpoint acted on or refused."""

    method: str
    path: str
    body: Any
    key: str
    status: int


@dataclass
class Endpoint:
    """What it was called with, and what it does wrong."""

    port: int = 0
    calls: list[Call] = field(default_factory=list)
    effects: dict[str, Any] = field(default_factory=dict)
    """By idempotency key: what it really did."""
    authorization: str | None = "Basic " + base64.b64encode(b"api:token").decode()
    fault: Callable[[int, Any], int | str | dict[str, str] | None] = lambda number, body: None
    """Of the number of the call and its body: a status, `drop` (acts, answers nothing), `reset`
    (neither), `redirect`, `forget` (answers 200, does nothing) or headers of a 429."""
    tells_digest: bool = False

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer of two parts would wait for the other side's word
    endpoint: ClassVar[Endpoint]

    def _do(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, headers, acts = self._decided(raw)
        key = self.headers.get("Idempotency-Key") or self.headers.get("webhook-id", "")
        body = _read(raw)
        self.endpoint.calls.append(Call(self.command, self.path, body, key, status))
        if acts and 200 <= status < 300 and self.command != "GET":
            self.endpoint.effects.setdefault(key, (self.command, self.path, body))
        if status == 0 or headers.pop("X-Drop", None):
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(2)
            return
        if self.endpoint.tells_digest and acts:
            digest = base64.b64encode(hashlib.sha256(raw).digest()).decode()
            headers["Content-Digest"] = f"sha-256=:{digest}:"
        answer = b'{"status":"ok","data":{"id":"77"}}'
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(answer))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)

    def _decided(self, raw: bytes) -> tuple[int, dict[str, str], bool]:
        if self.headers.get("Authorization") != self.endpoint.authorization:
            return 401, {}, False
        told = self.endpoint.fault(len(self.endpoint.calls), _read(raw))
        if told == "drop":
            return 200, {"X-Drop": "1"}, True
        if told == "reset":
            return 0, {}, False
        if told == "forget":
            return 200, {}, False
        if told == "redirect":
            return 302, {"Location": f"http://localhost:{self.endpoint.port}/elsewhere"}, False
        if isinstance(told, dict):
            return 429, dict(told), False
        return (told or 200) if isinstance(told, int) else 200, {}, True

    do_GET = do_POST = do_PUT = do_DELETE = _do

    def log_message(self, format: str, *args: Any) -> None:
        """Silence."""


def _read(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")


@contextmanager
def endpoint(trusted: Certificate | None = None) -> Iterator[Endpoint]:
    """Plain HTTP on loopback, or with TLS by a certificate."""
    state = Endpoint()
    handler = type("Handler", (_Handler,), {"endpoint": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    if trusted is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(trusted.path)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    time.sleep(0)
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
