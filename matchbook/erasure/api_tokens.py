"""Tokens by which another system enters requests of persons: one per client, kept as its hash.

`keys/api/<client>` (0600) says nothing that could be used; a new token replaces the old one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from matchbook import registry
from matchbook.errors import ConfigError
from matchbook.files import whole_file
from matchbook.settings import Settings

FOLDER = "api"


def issue(settings: Settings, client_id: str) -> str:
    """A new token of a client; it is shown once. Raises ConfigError for an unknown client."""
    if client_id not in {client.client_id for client in registry.current(settings).clients}:
        raise ConfigError("There is no client of that name.", kept="No token was made.",
                          todo="See their names with: matchbook registry show")  # fmt: skip
    token = secrets.token_urlsafe(32)
    folder = settings.keys / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with whole_file(folder / client_id) as part:
        part.touch(mode=0o600)
        part.write_text(_digest(token) + "\n")
    return token


def withdraw(settings: Settings, client_id: str) -> bool:
    """Let nobody enter requests by token at this client; whether there was one."""
    path = settings.keys / FOLDER / client_id
    found = path.exists()
    path.unlink(missing_ok=True)
    return found


def is_valid(settings: Settings, client_id: str, token: str) -> bool:
    """Whether this is the client's token; takes as long for a client that has none."""
    known = {client.client_id for client in registry.current(settings).clients}
    path = settings.keys / FOLDER / client_id
    kept = path.read_text().strip() if client_id in known and path.is_file() else "0" * 64
    return hmac.compare_digest(kept, _digest(token))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
