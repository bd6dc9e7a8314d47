"""Tells our own routes who asks: a page learns it from Streamlit, a route from the same cookie."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard import context, identity
from dashboard.cookies import claims_of


class Asking:
    """Around a route, for as long as it answers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        with identity.asked_by(claims_of(context.settings(), HTTPConnection(scope))):
            await self.app(scope, receive, send)


ASKING = [Middleware(Asking)]
