"""People who sign in: a real OpenID Connect provider on loopback, and what it says of somebody."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from matchbook import team
from matchbook.access import Role
from matchbook.settings import Settings
from matchbook.sign_in import SignIn

URL = "http://localhost:8599"
SIGN_IN = SignIn("http://localhost:9/.well-known/openid-configuration", "mb", "env:SECRET", URL)

TEAM = {
    "anna@homestead.example": ("homestead", Role.MANAGER),
    "mark@homestead.example": ("homestead", Role.MARKETER),
    "ria@homestead.example": ("homestead", Role.ANALYST),
    "fay@farways.example": ("farways", Role.MANAGER),
}
OPERATOR = "ops@host.example"


def with_team(settings: Settings, sign_in: SignIn = SIGN_IN) -> Settings:
    """The same home, where these people may sign in and nobody else."""
    for email, (client_id, role) in TEAM.items():
        team.put(settings, email, client_id, role, by="test")
    team.set_operator(settings, OPERATOR, is_operator=True, by="test")
    return replace(settings, sign_in=sign_in)


def claims(email: str, **others: Any) -> dict[str, Any]:
    """What a provider says of somebody who has just signed in."""
    said: Mapping[str, Any] = {"iss": "http://localhost:9", "sub": f"sub of {email}"}
    now = int(time.time())
    return {"is_logged_in": True, "email": email, "iat": now, "nonce": email, **said, **others}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def provider() -> Iterator[str]:
    """A provider; whoever types a name into its form is that person. Its address."""
    from oidc_provider_mock import User, run_server_in_thread

    people = [User(sub=email, claims={"email": email}) for email in (*TEAM, OPERATOR)]
    # It is spoken to over http here.
    with (
        patch.dict("os.environ", {"AUTHLIB_INSECURE_TRANSPORT": "1"}),
        run_server_in_thread(user_claims=people) as server,
    ):
        yield f"http://localhost:{server.server_port}"


def environment(provider_url: str, port: int) -> dict[str, str]:
    """The settings of a dashboard on this port that asks this provider."""
    return {
        "MATCHBOOK_URL": f"http://localhost:{port}",
        "MATCHBOOK_SIGN_IN_PROVIDER": f"{provider_url}/.well-known/openid-configuration",
        "MATCHBOOK_SIGN_IN_CLIENT_ID": "matchbook",
        "MATCHBOOK_SIGN_IN_SECRET": "env:TEST_OIDC_SECRET",
        "TEST_OIDC_SECRET": "of no use to anybody",
    }
