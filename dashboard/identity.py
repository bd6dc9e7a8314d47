"""Who may see what. Local mode: whoever reaches this machine sees every client.

Pages and routes ask here and nowhere else, so that sign-in has one place to go.
"""

from __future__ import annotations

import getpass

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


def who() -> str:
    """Who changes something, for the registry's history: without sign-in, whoever serves this."""
    return f"{getpass.getuser()}, on the dashboard"


def offer_switch(settings: Settings) -> None:
    """The switch in the menu, if there is more than one client to see.

    Called by the script around the pages: a widget of a page would forget on the next page.
    """
    labels = [label(settings, client) for client in visible_clients(settings)]
    if len(labels) > 1:
        st.sidebar.selectbox(
            "Client", labels, key=CLIENT_PARAMETER, bind="query-params", filter_mode=None
        )


def chosen_client(settings: Settings) -> Client | None:
    """The one client this page shows; the first one unless another was chosen."""
    clients = {label(settings, client): client for client in visible_clients(settings)}
    chosen = clients.get(str(st.session_state.get(CLIENT_PARAMETER)))
    return chosen or next(iter(clients.values()), None)


def label(settings: Settings, client: Client) -> str:
    """The client's name on screen and in the URL; with its id where two have the same name."""
    namesakes = [other for other in visible_clients(settings) if other.name == client.name]
    return client.name if len(namesakes) == 1 else f"{client.name} ({client.client_id})"
