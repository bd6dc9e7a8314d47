"""The address that a client's alerts are sent to: entered and changed in the registry."""

from __future__ import annotations

from pydantic import ValidationError

from matchbook import registry
from matchbook.errors import ConfigError
from matchbook.registry import Client, Registry
from matchbook.settings import Settings
from matchbook.webhook_places import VARIABLES, Webhook


def set_webhook(settings: Settings, client_id: str, webhook: Webhook | None, *, by: str) -> None:
    """Enter, change or (None) remove it. Raises ConfigError for a client that is none."""

    def alter(document: Registry) -> Registry:
        if all(client.client_id != client_id for client in document.clients):
            raise ConfigError("There is no such client.", kept="The registry was not changed.")
        clients = tuple(_with(client, client_id, webhook) for client in document.clients)
        return document.model_copy(update={"clients": clients})

    registry.change(settings, alter, by=by)


def checked(url: str, secret: str) -> Webhook:
    """Raises ConfigError; what was given is not repeated."""
    try:
        return Webhook(url=url, secret=secret)
    except ValidationError as error:
        place = error.errors(include_input=False, include_url=False)[0]["loc"][0]
        known = {
            "url": "The URL is not https://host/path.",
            "secret": "The secret's reference cannot be used.",
        }
        raise ConfigError(
            known[str(place)],
            kept="The registry was not changed.",
            todo=f"Secrets are named env:{VARIABLES}…, or file:NAME in keys/webhooks.",
        ) from None


def _with(client: Client, client_id: str, webhook: Webhook | None) -> Client:
    if client.client_id != client_id:
        return client
    return client.model_copy(update={"alert_webhook": webhook})
