"""The other destinations of audiences: the client's partners, and how their channels stand."""

from __future__ import annotations

from dashboard import identity, navigation
from dashboard.components.markup import heading, note
from dashboard.components.plain_table import plain_table
from dashboard.components.row_card import RowCard, row_card
from matchbook import partner_channels
from matchbook.pushes import push_webhooks
from matchbook.registry import Client
from matchbook.settings import Settings
from matchbook.webhook_places import Webhook

WAYS = {
    "local": "a folder",
    "sftp": "SFTP",
    "ftps": "FTPS",
    "s3": "S3",
    "https": "requests (HTTPS)",
}


def partner_destinations(settings: Settings, client: Client) -> None:
    """A line for each; channels are entered and activated on the page Partners."""
    if not client.partners:
        return
    heading(
        "Partners",
        "Where a partner's channel is active, audiences go over it too, as its own cookie ids.",
    )
    channels = {
        one.partner_id: one for one in partner_channels.of_client(settings, client.client_id)
    }
    names = {one.partner_id: partner_channels.partner(one.partner_id).name
             for one in client.partners}  # fmt: skip
    rows = [
        (name, WAYS[channels[one].kind], "Active" if channels[one].is_active else "Not active")
        for one, name in names.items() if one in channels
    ]  # fmt: skip
    if rows:
        plain_table(("Partner", "Over", ""), rows)
    others = [name for one, name in names.items() if one not in channels]
    if others:
        note(f"Without a channel yet: {', '.join(others)}.")
    navigation.link("partners", "Channels of partners", identity.label(settings, client))


def own_system(settings: Settings, client: Client) -> None:
    """The webhooks; entered by command, for their secrets are named on the server."""
    heading("Your own system", "Signed messages (webhooks) to an address of yours.")
    pushes = push_webhooks.find(settings, client.client_id)
    _webhook("Audiences, as your own record ids", pushes,
             f"matchbook push-webhook {client.client_id}")  # fmt: skip
    _webhook("Anomalies, when they open and close", client.alert_webhook,
             f"matchbook alerts webhook {client.client_id}")  # fmt: skip


def _webhook(what: str, entered: Webhook | None, command: str) -> None:
    where = entered.url if entered else f"Not entered: {command} https://… --secret file:…"
    row_card(RowCard(what, where, "Active" if entered else "Not active"))
