"""A web server on this machine that behaves as badly as a test wants."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


class WebServer:
    """Where it is, and what it has been asked."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connections = 0
        self.asked: list[tuple[str, dict[str, str]]] = []

    @property
    def named(self) -> frozenset[str]:
        """As an operator names it."""
        return frozenset({f"127.0.0.1:{self.port}"})

    def url(self, path: str = "/") -> str:
        """An address of it."""
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def serving(answer: Answer, address: tuple[str, int] = ("127.0.0.1", 0)) -> Iterator[WebServer]:
    """Serve GETs with `answer`, at a free port unless one is given."""

    class Handler(BaseHTTPRequestHandler):
        def setup(self) -> None:
            made.connections += 1
            super().setup()

        def do_GET(self) -> None:
            made.asked.append((self.path, dict(self.headers)))
            try:
                answer(self)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(address, Handler)
    made = WebServer(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


def page(body: bytes | str, status: int = 200, **headers: str) -> Answer:
    """A whole page; `content_encoding="gzip"` is a header."""
    content = body.encode() if isinstance(body, str) else body

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        given = {"content_type": "text/html; charset=utf-8", "content_length": str(len(content))}
        for name, value in (given | headers).items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(content)

    return answer


def redirect(*targets: str) -> Answer:
    """From `/` to the first target; the n-th target is where `/n` leads."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        number = int(request.path.strip("/") or 0)
        request.send_response(302)
        request.send_header("Location", targets[number])
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer
