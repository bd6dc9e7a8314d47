"""Serves the dashboard: Streamlit as an ASGI application with our own routes, under uvicorn."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from pathlib import Path

import click
import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.starlette import App

from dashboard import context
from dashboard.routes import ROUTES
from matchbook.errors import ConfigError
from matchbook.settings import Settings

SCRIPT = Path(__file__).with_name("app.py")
PORTS_TRIED = 50
FILE_UPLOADER = "/_stcore/upload_file"

# The browser may talk to this server only, whatever a library would like to fetch.
# Streamlit's own bundle needs eval (chart expressions), inline styles and blob workers.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self' ws: wss:; worker-src 'self' blob:; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def serve(
    settings: Settings,
    host: str | None = None,
    port: int | None = None,
    *,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until interrupted; `on_ready` gets the address, which is printed otherwise.

    A taken port moves on to the next free one. Raises ConfigError when none is free.
    """
    host = host or settings.host
    listening = _listen(host, port or settings.port)
    url = f"http://{_shown(host)}:{listening.getsockname()[1]}"
    logging.getLogger("streamlit").setLevel(logging.ERROR)
    config = uvicorn.Config(create_app(settings), log_level="warning", access_log=False)
    announce = on_ready or (lambda address: click.echo(f"Matchbook is at {address}"))
    announce(url)
    uvicorn.Server(config).run(sockets=[listening])


def create_app(settings: Settings) -> App:
    """The ASGI application; one per process."""
    context.serve_from(settings)
    middleware = [Middleware(SecurityHeaders), Middleware(NoFileUploader)]
    return App(SCRIPT, routes=ROUTES, middleware=middleware)


class SecurityHeaders:
    """Puts HEADERS on every response, Streamlit's included; a route's own header wins."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class NoFileUploader:
    """Closes Streamlit's own way in for files: it would keep any bytes in memory, unchecked."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and FILE_UPLOADER in scope["path"]:
            refusal = PlainTextResponse("Files are uploaded on the page CRM uploads.", 403)
            await refusal(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, min(port + PORTS_TRIED, 65536)):
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, candidate))
            listening.listen(128)
        except OSError:
            listening.close()
            continue
        return listening
    raise ConfigError(
        f"None of the ports {port} to {port + PORTS_TRIED - 1} is free on {host}.",
        todo="Set MATCHBOOK_PORT or MATCHBOOK_HOST to something that is.",
    )


def _shown(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104 (compared, not bound)
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
