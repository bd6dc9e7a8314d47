"""How people sign in: one OpenID Connect provider, and how long a session lasts."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from matchbook.errors import ConfigError

CALLBACK = "/oauth2callback"


@dataclass(frozen=True)
class SignIn:
    """What an installation with several people is told."""

    provider: str
    """URL of the provider's metadata, ending in /.well-known/openid-configuration."""
    client_id: str
    secret: str
    """A reference, `env:NAME` or `file:NAME`; never the secret."""
    url: str
    """The dashboard's own address, as browsers see it, without a slash at its end."""
    longest: timedelta = timedelta(hours=8)
    """From signing in; then they sign in again."""
    idle: timedelta = timedelta(minutes=30)
    """Without doing anything."""

    @property
    def return_to(self) -> str:
        """Where the provider sends people back to; it wants to know it beforehand."""
        return self.url + CALLBACK

    @property
    def is_https(self) -> bool:
        """Whether cookies may be for TLS alone."""
        return self.url.startswith("https://")


def from_environment(env: Mapping[str, str]) -> SignIn | None:
    """What the variables say; None where nobody signs in. Raises ConfigError for a half of it."""
    names = {
        "provider": "MATCHBOOK_SIGN_IN_PROVIDER",
        "client_id": "MATCHBOOK_SIGN_IN_CLIENT_ID",
        "secret": "MATCHBOOK_SIGN_IN_SECRET",
        "url": "MATCHBOOK_URL",
    }
    given = {part: env.get(name, "").strip().rstrip("/") for part, name in names.items()}
    if not any(given[part] for part in names if part != "url"):
        return None
    missing = [names[part] for part, value in given.items() if not value]
    if missing:
        raise ConfigError(f"Sign-in lacks {', '.join(missing)}.", todo="See docs/access.md.")
    for part in ("provider", "url"):
        _check_url(names[part], given[part])
    if given["secret"].partition(":")[0] not in ("env", "file"):
        raise ConfigError(
            "MATCHBOOK_SIGN_IN_SECRET is not a reference.",
            todo="Write env:NAME or file:NAME; the secret itself does not stand there.",
        )
    return SignIn(
        **given,
        longest=timedelta(hours=_number(env, "MATCHBOOK_SESSION_HOURS", 8, most=24)),
        idle=timedelta(minutes=_number(env, "MATCHBOOK_SESSION_IDLE_MINUTES", 30, most=24 * 60)),
    )


def is_loopback(host: str) -> bool:
    """Whether only this computer reaches what listens there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _check_url(name: str, url: str) -> None:
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (
        parts.scheme == "http" and is_loopback(parts.hostname or "")
    )
    if not parts.netloc or not is_safe:
        raise ConfigError(
            f"{name} is not an https address.", todo="Plain http is for this computer alone."
        )


def _number(env: Mapping[str, str], name: str, default: int, *, most: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) <= most:
        raise ConfigError(f"{name} is not a number from 1 to {most}.", todo="Correct it.")
    return int(text)
