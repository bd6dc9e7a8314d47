"""The integration "Mapp Digital – Email": one CEP account a client, asked for, checked, active.

State holds where and who, and the name under which the password is kept; never the password.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from matchbook import audit, registry, secrets, state
from matchbook.clock import utc_naive
from matchbook.errors import ConfigError
from matchbook.pushes.tables import cep_accounts as _TABLE
from matchbook.settings import Settings

FOLDER = "cep"
VARIABLES = "MATCHBOOK_CEP_"
_KEPT = "Nothing was changed."


@dataclass(frozen=True)
class Account:
    """One client's account, as it is asked for or active. Times are naive UTC."""

    client_id: str
    standing: str
    api_url: str
    group_id: int
    user_name: str
    password: str
    """A reference: `kept:NAME` or `env:MATCHBOOK_CEP_…`."""
    asked_at: datetime
    asked_by: str
    group_name: str | None = None
    group_email: str | None = None
    api_version: str | None = None
    activated_at: datetime | None = None
    checked_at: datetime | None = None
    problem_code: str | None = None
    problem: str | None = None
    """Of the last check or push; None when it went well or none was made."""

    @property
    def key(self) -> str:
        """What shares one limit of calls: host, customer and user."""
        url = urlsplit(self.api_url)
        customer = url.path.strip("/").partition("/")[0]
        named = f"{url.netloc.lower()}\0{customer}\0{self.user_name.lower()}"
        return hashlib.sha256(named.encode()).hexdigest()[:32]


def ask(
    settings: Settings,
    client_id: str,
    *,
    api_url: str,
    group_id: str,
    user_name: str,
    password: str,
    by: str,
) -> Account:
    """Keep what was entered, to be checked and activated by the worker.

    `password` is the password itself, which goes encrypted into the secret store, a reference
    `env:MATCHBOOK_CEP_…`, or empty for the one that stands. Raises ConfigError, saying why not.
    """
    if client_id not in {client.client_id for client in registry.current(settings).clients}:
        raise ConfigError("There is no client of that name.", kept=_KEPT)
    url, group, user = checked_url(api_url), group_number(group_id), _user(user_name)
    row = {
        "client_id": client_id, "standing": "asked", "api_url": url, "group_id": group,
        "user_name": user, "password": _kept_password(settings, client_id, password),
        "asked_at": utc_naive(settings.clock.now()), "asked_by": by,
    }  # fmt: skip
    with state.begin(settings) as connection:
        connection.execute(_TABLE.delete().where(_is(client_id, "asked")))
        connection.execute(_TABLE.insert().values(row))
    return Account(**row)  # type: ignore[arg-type]


def find(settings: Settings, client_id: str, standing: str = "active") -> Account | None:
    """The account as it is `active` or `asked`; None when there is none."""
    with state.begin(settings) as connection:
        row = connection.execute(sa.select(_TABLE).where(_is(client_id, standing))).first()
    return Account(**row._mapping) if row else None


def active(settings: Settings, client_id: str) -> Account:
    """The active account. Raises ConfigError when there is none."""
    found = find(settings, client_id)
    if found is None:
        raise ConfigError(
            "Mapp Digital – Email is not active for this client.",
            kept=_KEPT,
            todo="Activate it under Settings, Integrations.",
        )
    return found


def activate(settings: Settings, asked: Account, **known: Any) -> None:
    """What was asked for went well and stands from now on, in place of what stood."""
    now = utc_naive(settings.clock.now())
    before = find(settings, asked.client_id)
    if asked.standing == "asked":
        by = asked.asked_by
        audit.record(
            settings, actor=by, client_id=asked.client_id, action="cep_activate", subjects=0
        )
    values = vars(asked) | known | {
        "standing": "active", "activated_at": asked.activated_at or now, "checked_at": now,
        "problem_code": None, "problem": None,
    }  # fmt: skip
    with state.begin(settings) as connection:
        for standing in ("active", asked.standing):
            connection.execute(_TABLE.delete().where(_is(asked.client_id, standing)))
        connection.execute(_TABLE.insert().values(values))
    if before is not None and before.password != asked.password:
        _forget(settings, before.password)


def deactivate(settings: Settings, client_id: str, *, by: str) -> None:
    """Call it no more; its password is forgotten. Groups there stay as they are."""
    audit.record(settings, actor=by, client_id=client_id, action="cep_deactivate", subjects=0)
    gone = [find(settings, client_id, standing) for standing in ("active", "asked")]
    with state.begin(settings) as connection:
        connection.execute(_TABLE.delete().where(_TABLE.c.client_id == client_id))
    for account in gone:
        if account is not None:
            _forget(settings, account.password)


def note(settings: Settings, account: Account, *, code: str | None, problem: str | None) -> None:
    """Keep how the last check or push went; None: well."""
    values = {"checked_at": utc_naive(settings.clock.now()), "problem_code": code,
              "problem": problem}  # fmt: skip
    with state.begin(settings) as connection:
        is_it = _is(account.client_id, account.standing)
        connection.execute(_TABLE.update().where(is_it).values(values))


def password_of(settings: Settings, account: Account) -> str:
    """The password itself, for a connection and nowhere else. Raises ConfigError."""
    return secrets.secret(settings, account.password, folder=FOLDER, kept="Nothing was sent.")


def checked_url(text: str) -> str:
    """The API's address without a slash at its end. Raises ConfigError, saying what is wrong."""
    given = text.strip().rstrip("/")
    try:
        url = urlsplit(given)
        host, _ = url.hostname, url.port
    except ValueError:
        raise _no_address("The API URL is no web address.") from None
    if url.scheme not in ("https", "http") or not host or not given.isascii():
        raise _no_address("The API URL is no web address.")
    if url.username or url.query or url.fragment or re.search(r"[\s\\]", given):
        raise _no_address("The API URL holds more than an address.")
    if url.scheme == "http" and not _is_loopback(host):
        raise ConfigError(
            "The API URL is not encrypted (http).",
            kept=_KEPT,
            todo="Begin it with https:// so that the password cannot be read on the way.",
        )
    if "/api/rest" not in url.path:
        raise _no_address("The API URL does not lead to the REST API: it has no /api/rest.")
    return given


def _no_address(happened: str) -> ConfigError:
    todo = "Write it like https://email.example.com/customer/api/rest/v6, as Mapp told it you."
    return ConfigError(happened, kept=_KEPT, todo=todo)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def group_number(text: str) -> int:
    """A group's number in CEP. Raises ConfigError."""
    given = text.strip()
    if not re.fullmatch(r"[0-9]{1,18}", given, re.ASCII) or not int(given):
        raise ConfigError(
            "The group id is not a number.",
            kept=_KEPT,
            todo="Copy it from CEP, where the group's number stands beside its name.",
        )
    return int(given)


def _user(text: str) -> str:
    given = text.strip()
    # A colon would end the name in the header that carries it.
    if not given or len(given) > 200 or ":" in given or not given.isprintable():
        raise ConfigError(
            "The user name is missing or cannot be one.",
            kept=_KEPT,
            todo="Enter the e-mail address of CEP's system user of the type API User.",
        )
    return given


def _kept_password(settings: Settings, client_id: str, given: str) -> str:
    standing = find(settings, client_id)
    if not given and standing is not None:
        return standing.password
    if not given:
        raise ConfigError("The password is missing.", kept=_KEPT, todo="Enter it.")
    if given.startswith("env:"):
        if not re.fullmatch(rf"env:{VARIABLES}[A-Z0-9_]{{1,60}}", given):
            todo = f"Name it env:{VARIABLES}… in capital letters."
            raise ConfigError("That names no variable for CEP.", kept=_KEPT, todo=todo)
        return given
    earlier = find(settings, client_id, "asked")
    reference = secrets.keep(settings, given, folder=FOLDER, name=client_id)
    if earlier is not None and (standing is None or earlier.password != standing.password):
        _forget(settings, earlier.password)
    return reference


def _forget(settings: Settings, reference: str) -> None:
    secrets.forget(settings, reference, folder=FOLDER)


def _is(client_id: str, standing: str) -> sa.ColumnElement[bool]:
    return (_TABLE.c.client_id == client_id) & (_TABLE.c.standing == standing)
