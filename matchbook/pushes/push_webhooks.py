"""The client's own system as a destination: its address and the name of a secret."""

from __future__ import annotations

from matchbook import registry
from matchbook.errors import ConfigError
from matchbook.registry import Client, Registry
from matchbook.settings import Settings
from matchbook.webhook_places import Webhook


def find(settings: Settings, client_id: str) -> Webhook | None:
    """Where audiences of the client go; None: nowhere."""
    clients = {client.client_id: client for client in registry.current(settings).clients}
    return clients[client_id].push_webhook if client_id in clients else None


def enter(settings: Settings, client_id: str, hook: Webhook | None, *, by: str) -> None:
    """Enter, change or (None) remove it. Raises ConfigError for a client that is none."""

    def alter(document: Registry) -> Registry:
        if all(client.client_id != client_id for client in document.clients):
            raise ConfigError("There is no such client.", kept="The registry was not changed.")
        clients = tuple(_with(client, client_id, hook) for client in document.clients)
        return document.model_copy(update={"clients": clients})

    registry.change(settings, alter, by=by)


def _with(client: Client, client_id: str, hook: Webhook | None) -> Client:
    if client.client_id != client_id:
        return client
    return client.model_copy(update={"push_webhook": hook})
