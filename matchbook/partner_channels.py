"""Where each client's nightly files go at each partner, how often, and whether they go at all.

Without a channel they stay in the local folder, one for each build. A channel starts inactive:
somebody looks at it, tests it and activates it. State holds names of secrets, never a secret.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from matchbook import deliveries, registry, state
from matchbook.clock import utc_naive
from matchbook.errors import ConfigError
from matchbook.partners import Partner, load_partners
from matchbook.partners.profile import DeliveryProfile
from matchbook.settings import Settings
from matchbook.storage_places import Endpoint, PartnerAddress, PartnerCredentials

KINDS = {"file": "local", "sftp": "sftp", "ftps": "ftps", "s3": "s3",
         "https": "https", "http": "https"}  # fmt: skip
"""Scheme of an address → the name of the channel in partners' profiles."""

_TABLE = state.partner_channels
_FIRST_SLOT = datetime(2000, 1, 1, tzinfo=UTC)
_WRONG = {
    "credentials": "what should name the secret is no such name",
    "host_key": "the host key is not one line such as ssh-ed25519 AAAA…",
}


class Channel(BaseModel):
    """One client × partner."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: str
    partner_id: str
    address: PartnerAddress
    credentials: PartnerCredentials | None = None
    host_key: str | None = Field(
        default=None, pattern=r"^[a-z0-9@.-]{3,64} [A-Za-z0-9+/=]{32,900}$"
    )
    """Of an SFTP server, pinned; without it keys/known_hosts is asked."""
    endpoint: Endpoint | None = None
    """Of an S3 API that is not Amazon's."""
    cadence_hours: int = Field(default=24, ge=1, le=24 * 7)
    at_minute: int = Field(default=3 * 60 + 30, ge=0, lt=24 * 60)
    """Of the UTC day, so that no summer time moves it."""
    overrides: dict[str, Any] = {}
    is_active: bool = False
    changed_at: datetime
    changed_by: str
    activated_at: datetime | None = None
    activated_by: str | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    """Who confirmed, for the client, what the partner's profile wants confirmed."""
    tested_at: datetime | None = None
    test_problem: str | None = None
    """Of the last test; None when it went well or was never made."""

    @property
    def kind(self) -> str:
        """local, sftp, ftps, s3 or https."""
        return KINDS[self.address.partition("://")[0]]

    @property
    def profile(self) -> DeliveryProfile:
        """The partner's profile in the form this client has agreed."""
        return partner(self.partner_id).delivery.overridden(self.overrides)

    def slot(self, now: datetime) -> datetime:
        """The moment (UTC) of its cadence that `now` belongs to; deliveries count by these."""
        first = _FIRST_SLOT + timedelta(minutes=self.at_minute)
        every = timedelta(hours=self.cadence_hours)
        return first + (now - first) // every * every


def partner(partner_id: str) -> Partner:
    """A partner by its id. Raises ConfigError when there is none."""
    for one in load_partners():
        if one.partner_id == partner_id:
            return one
    raise _unchanged("There is no partner of this id.", "`matchbook partners list` names them.")


def of_client(settings: Settings, client_id: str) -> list[Channel]:
    """A client's channels, by partner."""
    return [channel for channel in every(settings) if channel.client_id == client_id]


def every(settings: Settings) -> list[Channel]:
    """All channels, by client and partner."""
    with state.begin(settings) as connection:
        rows = connection.execute(
            sa.select(_TABLE).order_by(_TABLE.c.client_id, _TABLE.c.partner_id)
        ).all()
    return [Channel.model_validate(dict(row._mapping)) for row in rows]


def find(settings: Settings, client_id: str, partner_id: str) -> Channel | None:
    """One channel; None while the partner's files stay in the local folder."""
    target = (client_id, partner_id)
    found = (one for one in every(settings) if (one.client_id, one.partner_id) == target)
    return next(found, None)


def get(settings: Settings, client_id: str, partner_id: str) -> Channel:
    """One channel. Raises ConfigError when there is none."""
    found = find(settings, client_id, partner_id)
    if found is None:
        raise _unchanged(
            "There is no channel of this client to this partner.",
            "Enter it first: matchbook partners add",
        )
    return found


def add(
    settings: Settings, client_id: str, partner_id: str, fields: dict[str, Any], *, by: str
) -> Channel:
    """Enter a channel, or enter it anew: it is then inactive. Raises ConfigError, saying why.

    `fields`: address, credentials, host_key, endpoint, cadence_hours, at_minute, overrides.
    """
    made = checked(settings, client_id, partner_id, fields, by=by)
    clients = {client.client_id: client for client in registry.current(settings).clients}
    if partner_id not in {one.partner_id for one in clients[client_id].partners}:
        name = partner(partner_id).name
        raise _unchanged(f"The client does not work with {name}.", "Register the partner for it.")
    _write(settings, made)
    return made


def checked(
    settings: Settings, client_id: str, partner_id: str, fields: dict[str, Any], *, by: str
) -> Channel:
    """The channel that `add` would enter, for a client that may not have the partner yet.

    Raises ConfigError, saying why it is not valid.
    """
    before = find(settings, client_id, partner_id)
    proofs = ("activated_at", "activated_by", "confirmed_at", "confirmed_by")
    kept = {name: getattr(before, name) for name in proofs} if before else {}
    made = _validated({
        **kept, **fields, "client_id": client_id, "partner_id": partner_id,
        "changed_at": utc_naive(settings.clock.now()), "changed_by": by,
    })  # fmt: skip
    _check(settings, made)
    return made


def activate(settings: Settings, client_id: str, partner_id: str, *, by: str) -> Channel:
    """Send this partner's files from now on, the first time everything it may hold: what lay in
    our own folder it never had. Raises ConfigError with the reason why not.
    """
    channel = get(settings, client_id, partner_id)
    if reasons := why_not(settings, channel):
        raise ConfigError(
            f"{partner(partner_id).name} cannot be activated: {reasons[0]}",
            kept="It stays inactive; no file is sent.",
            todo="Settle that, then activate it again.",
        )
    if channel.activated_at is None:
        deliveries.forget_holding(settings, client_id, partner_id)
    now = utc_naive(settings.clock.now())
    return _change(settings, channel, is_active=True, activated_at=now, activated_by=by)


def pause(settings: Settings, client_id: str, partner_id: str, *, by: str) -> Channel:
    """Send nothing until it is activated again; the next file then covers what was missed."""
    now = utc_naive(settings.clock.now())
    channel = get(settings, client_id, partner_id)
    return _change(settings, channel, is_active=False, changed_at=now, changed_by=by)


def confirm(settings: Settings, client_id: str, partner_id: str, *, by: str) -> Channel:
    """Record that the client confirms what the partner's profile asks (`confirmation`).

    Raises ConfigError when nobody is named, or there is nothing to confirm.
    """
    channel = get(settings, client_id, partner_id)
    if not by.strip():
        raise _unchanged("Who confirms is not said.", "It is kept as proof, so it is needed.")
    if not channel.profile.confirmation:
        raise _unchanged("This partner needs no confirmation.", "Activate it.")
    now = utc_naive(settings.clock.now())
    return _change(settings, channel, confirmed_at=now, confirmed_by=by.strip())


def note_test(settings: Settings, channel: Channel, problem: str | None) -> Channel:
    """Keep how a test of the connection went; None: well."""
    now = utc_naive(settings.clock.now())
    return _change(settings, channel, tested_at=now, test_problem=problem)


def why_not(settings: Settings, channel: Channel) -> list[str]:
    """Everything that stands in the way of activating it, as sentences; empty when nothing does."""
    profile = channel.profile
    reasons = [
        f"the partner's setting {name} is not given."
        for name in profile.missing()
    ]  # fmt: skip
    if profile.confirmation and channel.confirmed_at is None:
        reasons.append(f"the client has not confirmed this: {profile.confirmation}")
    if channel.credentials is None and channel.kind in ("sftp", "ftps", "https"):
        reasons.append("its credentials are not named.")
    has_hosts = (settings.keys / "known_hosts").is_file()
    if channel.kind == "sftp" and channel.host_key is None and not has_hosts:
        reasons.append("the server's host key is not pinned.")
    return reasons


def _validated(fields: dict[str, Any]) -> Channel:
    try:
        return Channel.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        wrong = _WRONG.get(str(first["loc"][0])) or first["msg"].removeprefix("Value error, ")
        raise _unchanged(
            f"The channel is not valid: {wrong}.",
            "Correct it; a secret is named, never given: env:MATCHBOOK_PARTNER_… or file:NAME.",
        ) from None


def _check(settings: Settings, channel: Channel) -> None:
    if channel.client_id not in {one.client_id for one in registry.current(settings).clients}:
        raise _unchanged("There is no client of this id.", "`matchbook registry show` names them.")
    name, profile = partner(channel.partner_id).name, channel.profile
    if channel.kind not in ("local", *profile.channels):
        raise _unchanged(
            f"{name} takes no files over {channel.kind}.",
            f"Give an address for {' or '.join(profile.channels)}, or a folder.",
        )
    if channel.kind == "local" and Path(urlsplit(channel.address).path).is_relative_to(
        settings.delivered
    ):
        raise _unchanged("That is where our own copies are stored.", "Give a folder elsewhere.")
    profile.check_cadence(channel.cadence_hours)


def _change(settings: Settings, channel: Channel, **changed: Any) -> Channel:
    now = channel.model_copy(update=changed)
    _write(settings, now)
    return now


def _write(settings: Settings, channel: Channel) -> None:
    values = channel.model_dump()
    with state.begin(settings) as connection:
        connection.execute(
            _TABLE.delete().where(
                _TABLE.c.client_id == channel.client_id, _TABLE.c.partner_id == channel.partner_id
            )
        )
        connection.execute(_TABLE.insert().values(values))


def _unchanged(happened: str, todo: str) -> ConfigError:
    return ConfigError(happened, kept="Nothing was changed.", todo=todo)
