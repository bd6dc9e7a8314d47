"""Who may see what. Local mode: whoever reaches this machine sees every client.

Pages and routes ask here and nowhere else, so that sign-in has one place to go.
"""

from __future__ import annotations

import streamlit as st

from matchbook import registry
from matchbook.registry import Client
from matchbook.settings import Settings

CLIENT_PARAMETER = "client"


def visible_clients(settings: Settings) -> tuple[Client, ...]:
    """The clients the person may see, the registry's first one first."""
    return registry.current(settings).clients


def may_see(settings: Settings, client_id: str) -> bool:
    """Whether a download of this client may be handed out."""
    return any(client.client_id == client_id for client in visible_clients(settings))


def choose_client(settings: Settings) -> Client | None:
    """The client every page shows; a switch in the menu if there is more than one."""
    clients = {label(settings, client): client for client in visible_clients(settings)}
    if len(clients) < 2:
        return next(iter(clients.values()), None)
    chosen = st.sidebar.selectbox(
        "Client", list(clients), key=CLIENT_PARAMETER, bind="query-params", filter_mode=None
    )
    return clients[str(chosen)]


def label(settings: Settings, client: Client) -> str:
    """The client's name on screen and in the URL; with its id where two have the same name."""
    namesakes = [other for other in visible_clients(settings) if other.name == client.name]
    return client.name if len(namesakes) == 1 else f"{client.name} ({client.client_id})"
