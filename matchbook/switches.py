"""The two switches of a client that let its e-mails make matches: off until approved.

Approving one records who, when and on which basis the client's e-mail contacts may be
tracked. While it stands, a click or read that says nothing about consent counts as
consented; nothing has to be done per mailing.
"""

from __future__ import annotations

from collections.abc import Callable

from matchbook import registry
from matchbook.errors import ConfigError
from matchbook.registry import Approval, Client, Registry
from matchbook.settings import Settings

SWITCHES = {
    "link-click": "dmp_matching_link_click",
    "read-online": "dmp_matching_read_message_online",
}
"""What people type → the field of a client."""


def approve(settings: Settings, client_id: str, switch: str, *, by: str, basis: str) -> Approval:
    """Switch on from now. Raises ConfigError when it is on: its date and basis are evidence."""
    now = settings.clock.now().replace(microsecond=0)
    wanted = Approval(approved_at=now, approved_by=_said(by, "Who approves"),
                      basis=_said(basis, "The basis"))  # fmt: skip

    def on(client: Client) -> Approval:
        standing = approval(client, switch)
        if standing is not None:
            raise ConfigError(
                f"{switch} has been approved since {standing.approved_at:%Y-%m-%d}.",
                kept="That approval stands unchanged.",
                todo="To approve it on another basis, withdraw it first.",
            )
        return wanted

    _change(settings, client_id, switch, on, by=by)
    return wanted


def withdraw(settings: Settings, client_id: str, switch: str, *, by: str) -> None:
    """Switch off from now; links in mails that were sent redirect on, untracked."""

    def off(client: Client) -> None:
        if approval(client, switch) is None:
            raise ConfigError(f"{switch} is not approved.", kept="Nothing was changed.")

    _change(settings, client_id, switch, off, by=_said(by, "Who withdraws"))


def approval(client: Client, switch: str) -> Approval | None:
    """Who approved a switch, when and on which basis; None when it is off."""
    found: Approval | None = getattr(client, SWITCHES[switch])
    return found


def _change(
    settings: Settings,
    client_id: str,
    switch: str,
    decided: Callable[[Client], Approval | None],
    *,
    by: str,
) -> None:
    def alter(document: Registry) -> Registry:
        if client_id not in {client.client_id for client in document.clients}:
            raise ConfigError(
                "There is no such client.",
                kept="The registry was not changed.",
                todo="`matchbook switch list` names the clients.",
            )
        clients = tuple(
            client.model_copy(update={SWITCHES[switch]: decided(client)})
            if client.client_id == client_id
            else client
            for client in document.clients
        )
        return document.model_copy(update={"clients": clients})

    registry.change(settings, alter, by=by)


def _said(text: str, what: str) -> str:
    if not text.strip():
        raise ConfigError(f"{what} is not said.", todo="It is kept as proof, so it is needed.")
    return text.strip()
