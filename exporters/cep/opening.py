"""A connection to a client's CEP account, with its password and its turn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from exporters.cep.client import Cep
from matchbook.clock import Clock
from matchbook.pushes import accounts, turns
from matchbook.pushes.accounts import Account
from matchbook.settings import Settings


@contextmanager
def opened(settings: Settings, account: Account, clock: Clock) -> Iterator[Cep]:
    """The account, not called yet. Raises ConfigError when its password is not there."""
    password = accounts.password_of(settings, account)
    client = Cep(
        account.api_url,
        account.user_name,
        password,
        turn=lambda: turns.turn(settings, account.key, clock),
        clock=clock,
    )
    try:
        yield client
    finally:
        client.close()
