"""What a page signs for a browser to bring back: for one purpose, one client, ten minutes, and
for the person who looked at the page."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import timedelta
from typing import Any

from dashboard import identity
from matchbook import audit
from matchbook.errors import NotSignedIn
from matchbook.keys import load_keys
from matchbook.settings import Settings

LIFETIME = timedelta(minutes=10)


class TicketRefused(Exception):
    """The ticket was not made here, was changed, is for something else or is too old."""


def issue(settings: Settings, purpose: str, **claims: str) -> str:
    """A ticket with these claims; it fits into a URL and a header."""
    until = int((settings.clock.now() + LIFETIME).timestamp())
    person = identity.current(settings).name
    text = json.dumps({**claims, "person": person, "until": until}, sort_keys=True)
    body = base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
    signature = base64.urlsafe_b64encode(_signatures(settings, purpose, body)[-1]).rstrip(b"=")
    return f"{body}.{signature.decode()}"


def read(settings: Settings, purpose: str, ticket: str) -> dict[str, Any]:
    """The claims of a valid ticket of whoever is here. Raises TicketRefused.

    That somebody else's was brought is written down.
    """
    try:
        body, signature = ticket.split(".")
        given = base64.urlsafe_b64decode(signature + "==")
        made = _signatures(settings, purpose, body)
        if not any(hmac.compare_digest(given, wanted) for wanted in made):
            raise TicketRefused
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, TypeError):
        raise TicketRefused from None
    if settings.clock.now().timestamp() > claims["until"]:
        raise TicketRefused
    _check_person(settings, purpose, claims)
    return claims


def _check_person(settings: Settings, purpose: str, claims: dict[str, Any]) -> None:
    about = f"somebody else's link ({purpose})"
    try:
        person = identity.current(settings, is_active=True)
    except NotSignedIn:
        audit.record(settings, actor="nobody", client_id=None, action="authz_denied", subjects=0,
                     about=about)  # fmt: skip
        raise TicketRefused from None
    if person.name != claims["person"]:
        identity.refused(settings, claims.get("client") or claims.get("client_id"), about)
        raise TicketRefused


def _signatures(settings: Settings, purpose: str, body: str) -> list[bytes]:
    """By each key that is not retired, the newest last."""
    # The purpose is part of what is signed: a signed e-mail link is not a download link.
    text = f"{purpose}\0{body}".encode()
    return [hmac.digest(key, text, "sha256") for key in load_keys(settings.keys).links if key]
