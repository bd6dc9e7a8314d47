"""The secret that a channel names; it goes into a connection and nowhere else."""

from __future__ import annotations

from matchbook import secrets
from matchbook.errors import ConfigError
from matchbook.partner_channels import Channel
from matchbook.settings import Settings
from matchbook.storage_places import PARTNER_VARIABLES

_KEPT = "Nothing was sent."


def credentials(settings: Settings, channel: Channel) -> str:
    """Raises ConfigError when none are named, or the name leads to nothing."""
    if channel.credentials is None:
        raise ConfigError(
            "The channel has no credentials.",
            kept=_KEPT,
            todo="Name them: --credentials file:NAME or env:MATCHBOOK_PARTNER_…",
        )
    return named(settings, channel.credentials)


def pair(settings: Settings, channel: Channel) -> tuple[str, str]:
    """A user or key id and its secret, which stand as `id:secret`."""
    identity, colon, key = credentials(settings, channel).partition(":")
    if not (identity and colon and key):
        raise ConfigError(
            "The channel's credentials do not stand as `id:secret`.",
            kept=_KEPT,
            todo="Write them on one line: the id, a colon, the secret.",
        )
    return identity, key


def named(settings: Settings, reference: str) -> str:
    """What a reference names; of the environment only what is meant for partners."""
    if reference.startswith("env:") and not reference.startswith(f"env:{PARTNER_VARIABLES}"):
        raise ConfigError(
            "Secrets of partners are named env:MATCHBOOK_PARTNER_… or file:NAME.", kept=_KEPT
        )
    return secrets.secret(settings, reference, folder="partners", kept=_KEPT)
