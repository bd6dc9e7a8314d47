"""Opens pages and asks routes as somebody who has signed in."""

from __future__ import annotations

import json
from typing import Any

import httpx
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from dashboard import identity
from dashboard.cookies import cookie_secret
from dashboard.routes import ROUTES
from matchbook.settings import Settings
from tests.asynchronous import run
from tests.dashboard.pages import page_at
from tests.signing_in import claims


def open_as(
    email: str | None, url_path: str, said: dict[str, Any] | None = None, **parameters: str
) -> AppTest:
    """The page after its first run, as Streamlit shows it to this person; None: to nobody."""
    identity.forget()
    app = page_at(url_path, **parameters)
    app.user = said or (claims(email) if email else {"is_logged_in": False})
    app.run()
    assert not app.exception, [error.value for error in app.exception]
    return app


def everything(app: AppTest) -> str:
    """All that was sent to the browser: every element's own message, as text."""
    return "\n".join(str(block.proto) for block in _walk(app._tree) if block.proto is not None)


def _walk(block: Any) -> list[Any]:
    found = [block] if getattr(block, "proto", None) is not None else []
    for child in getattr(block, "children", {}).values():
        found += _walk(child)
    return found


def cookies_of(settings: Settings, email: str, **others: Any) -> dict[str, str]:
    """The cookie that Streamlit sets once the provider has said who it is."""
    assert settings.sign_in is not None
    content = json.dumps(claims(email, **{"origin": settings.sign_in.url, **others}))
    signed = create_signed_value(cookie_secret(settings), USER_COOKIE_NAME, content)
    return {USER_COOKIE_NAME: signed.decode()}


def ask(
    method: str, path: str, *, cookies: dict[str, str] | None = None, **more: Any
) -> httpx.Response:
    """What our own routes answer."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=ROUTES))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost", cookies=cookies
        ) as client:
            return await client.request(method, path, **more)

    identity.forget()
    return run(send())
