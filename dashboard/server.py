"""Serves the dashboard: Streamlit as an ASGI application with our own routes, under uvicorn."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.starlette import App

from dashboard import context, identity
from dashboard.cookies import claims_of, cookie_secret
from dashboard.routes import ROUTES
from dashboard.translate import unforeseen
from matchbook.errors import ConfigError, NotSignedIn
from matchbook.secrets import secret
from matchbook.settings import Settings
from matchbook.sign_in import is_loopback

SCRIPT = Path(__file__).with_name("app.py")
PORTS_TRIED = 50
FILE_UPLOADER = "/_stcore/upload_file"
MEDIA = "/media/"
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")

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

    A taken port moves on to the next free one. Raises ConfigError when none is free, and for an
    address that others reach while nobody signs in.
    """
    host = host or settings.host
    _check_reach(settings, host)
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
    if settings.sign_in is None:
        # Or a page elsewhere could have its own name lead here, and a proxy the whole world.
        local = Middleware(TrustedHostMiddleware, allowed_hosts=LOCAL_NAMES, www_redirect=False)
        middleware = [local, *middleware]
        return App(SCRIPT, routes=ROUTES, middleware=middleware, on_script_error=unforeseen)
    return App(
        SCRIPT, routes=ROUTES, middleware=[*middleware, Middleware(Guarded)],
        secrets=_secrets(settings), on_script_error=unforeseen,
    )  # fmt: skip


def _secrets(settings: Settings) -> dict[str, Any]:
    """What Streamlit wants to know to talk to the provider; in no file."""
    sign_in = settings.sign_in
    assert sign_in is not None, "asked only where people sign in"
    kept = "The dashboard was not started."
    return {
        "auth": {
            "redirect_uri": sign_in.return_to,
            "cookie_secret": cookie_secret(settings),
            "client_id": sign_in.client_id,
            "client_secret": secret(settings, sign_in.secret, folder="sign-in", kept=kept),
            "server_metadata_url": sign_in.provider,
        }
    }


def _check_reach(settings: Settings, host: str) -> None:
    if settings.sign_in is None and not is_loopback(host):
        raise ConfigError(
            "Without sign-in the dashboard serves this computer alone.",
            kept="It was not started.",
            todo="Leave the address at 127.0.0.1, or set up sign-in: docs/access.md.",
        )


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


class Guarded:
    """Where people sign in: no file of Streamlit's for others, and cookies for TLS alone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and MEDIA in scope["path"] and not _is_known(Request(scope)):
            refusal = PlainTextResponse("Sign in first.", 403)
            await refusal(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _secure_cookies(message)
            await send(message)

        await self.app(scope, receive, send_guarded)


def _is_known(request: Request) -> bool:
    settings = context.settings()
    try:
        with identity.asked_by(claims_of(settings, request)):
            identity.current(settings)
    except NotSignedIn:
        return False
    return True


def _secure_cookies(message: Message) -> None:
    """Streamlit leaves `Secure` out, which only http on this computer needs."""
    sign_in = context.settings().sign_in
    if sign_in is None or not sign_in.is_https:
        return
    message["headers"] = [
        (name, value + b"; Secure" if name.lower() == b"set-cookie" else value)
        for name, value in message["headers"]
    ]


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, min(port + PORTS_TRIED, 65536)):
        # Named as TCP, or asyncio leaves small answers waiting for the other side.
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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
