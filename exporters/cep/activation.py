"""Activating the integration: what was entered is tried out, and what is wrong said in words."""

from __future__ import annotations

from exporters.cep.answers import Refused, Stopped, Unclear
from exporters.cep.client import Cep, Group
from exporters.cep.opening import opened
from matchbook.clock import Clock
from matchbook.errors import ConfigError, DestinationError, MatchbookError
from matchbook.pushes import accounts, asking
from matchbook.pushes.accounts import Account
from matchbook.settings import Settings


def check(settings: Settings, account: Account, *, clock: Clock | None = None) -> str | None:
    """Call the account: version, then its default group. None when all is well, else the problem.

    An account that is asked for becomes the active one when all is well; the outcome is kept with
    the account either way.
    """
    try:
        with opened(settings, account, clock or settings.clock) as cep:
            version = _version(cep)
            group = _default_group(cep, account)
    except (DestinationError, ConfigError) as error:
        said = problem_of(error)
        accounts.note(settings, account, code=code_of(error), problem=said)
        return said
    known = {"api_version": version, "group_name": group.name[:200], "group_email": group.email}
    accounts.activate(settings, account, **known)
    asking.resume_after_activation(settings, account.client_id)
    return None


def problem_of(error: MatchbookError) -> str:
    """What happened and what to do, as one text."""
    return f"{error.happened} {error.todo}".strip()[:500]


def code_of(error: MatchbookError) -> str:
    """A short name of the problem."""
    if isinstance(error, ConfigError):
        return "secret"
    return str(getattr(error, "code", "")) or "away"


def _version(cep: Cep) -> str:
    try:
        return cep.api_version()
    except Unclear:
        raise Stopped("not_cep") from None


def _default_group(cep: Cep, account: Account) -> Group:
    try:
        found = cep.group(account.group_id)
    except Refused as refused:
        word = "default_group" if refused.lacks("Group") else "contract"
        raise Stopped(word) from None
    except Unclear:
        raise Stopped("not_cep") from None
    if found.group_id != account.group_id or "@" not in found.email:
        raise Stopped("contract")
    return found
