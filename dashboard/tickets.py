"""What a page signs for a browser to bring back: for one purpose, one client, ten minutes."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import timedelta
from typing import Any

from matchbook.keys import load_keys
from matchbook.settings import Settings

LIFETIME = timedelta(minutes=10)


class TicketRefused(Exception):
    """The ticket was not made here, was changed, is for something else or is too old."""


def issue(settings: Settings, purpose: str, **claims: str) -> str:
    """A ticket with these claims; it fits into a URL and a header."""
    until = int((settings.clock.now() + LIFETIME).timestamp())
    text = json.dumps({**claims, "until": until}, sort_keys=True)
    body = base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
    signature = base64.urlsafe_b64encode(_signature(settings, purpose, body)).rstrip(b"=")
    return f"{body}.{signature.decode()}"


def read(settings: Settings, purpose: str, ticket: str) -> dict[str, Any]:
    """The claims of a valid ticket. Raises TicketRefused."""
    try:
        body, signature = ticket.split(".")
        given = base64.urlsafe_b64decode(signature + "==")
        if not hmac.compare_digest(given, _signature(settings, purpose, body)):
            raise TicketRefused
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, TypeError):
        raise TicketRefused from None
    if settings.clock.now().timestamp() > claims["until"]:
        raise TicketRefused
    return claims


def _signature(settings: Settings, purpose: str, body: str) -> bytes:
    # The purpose is part of what is signed: a signed e-mail link is not a download link.
    key = load_keys(settings.keys).links
    return hmac.digest(key, f"{purpose}\0{body}".encode(), "sha256")
