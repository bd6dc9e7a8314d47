"""Streamlit's identity cookie, for routes beside Streamlit: what the provider said of a person.

A page reads the same through `st.user`. The cookie is signed; what is wrong with it is nobody.
"""

from __future__ import annotations

import hmac
import json
from typing import Any

from starlette.requests import HTTPConnection
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from matchbook.keys import load_keys
from matchbook.settings import Settings


def cookie_secret(settings: Settings) -> str:
    """What the cookie is signed with; it comes from a key of the instance."""
    return hmac.digest(load_keys(settings.keys).links[-1], b"dashboard sign-in", "sha256").hex()


def claims_of(settings: Settings, request: HTTPConnection) -> dict[str, Any]:
    """What the cookie of a request says; nothing where there is none that we signed for here."""
    sign_in = settings.sign_in
    if sign_in is None:
        return {}
    secret = cookie_secret(settings)

    def one(name: str) -> bytes | None:
        value = request.cookies.get(name)
        return decode_signed_value(secret, name, value.encode("latin-1")) if value else None

    try:
        found = json.loads(get_cookie_with_chunks(one, USER_COOKIE_NAME) or b"{}")
    except (ValueError, UnicodeEncodeError):
        return {}
    return found if isinstance(found, dict) and found.get("origin") == sign_in.url else {}
