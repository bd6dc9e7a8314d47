"""CRM uploads: a file is hashed in the browser, and only hashes are handed in."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard import uploads
from dashboard.app_pages.opening import open_client
from dashboard.app_pages.upload_words import REMARKS
from dashboard.components.crm_hasher import asked, crm_hasher
from dashboard.components.empty import empty_state
from dashboard.components.markup import heading
from dashboard.context import settings as served
from matchbook import registry
from matchbook.crm_files import personal_data
from matchbook.errors import InputRejected
from matchbook.normalisation import definition, headers
from matchbook.registry import Client
from matchbook.settings import Settings

TICKET = "crm_upload_ticket"

COUNTRIES = (
    ("NL", "Netherlands"), ("BE", "Belgium"), ("DE", "Germany"), ("FR", "France"),
    ("GB", "United Kingdom"), ("LU", "Luxembourg"), ("AT", "Austria"), ("CH", "Switzerland"),
    ("DK", "Denmark"), ("ES", "Spain"), ("IE", "Ireland"), ("IT", "Italy"), ("NO", "Norway"),
    ("PL", "Poland"), ("PT", "Portugal"), ("SE", "Sweden"), ("US", "United States"),
)  # fmt: skip


def page() -> None:
    """The page."""
    opened = open_client("CRM uploads")
    if opened is None:
        return
    client, _ = opened
    _upload(served(), client)


def _upload(settings: Settings, client: Client) -> None:
    lists = [(entry.list_id, entry.name) for entry in registry.current(settings).lists
             if entry.client_id == client.client_id]  # fmt: skip
    if not lists:
        empty_state(
            "This client has no list yet.",
            "A list takes one stream of CRM files. Name it in the registry, then come back.",
            command="matchbook registry apply FILE",
        )
        return
    heading("Upload", "Your file is opened by the browser on this computer, not by the server.")
    crm_hasher(
        {
            "config": {
                "guards": guards(),
                "headers": headers(),
                "definition": definition(),
                "country": COUNTRIES[0][0],
            },
            "lists": lists,
            "countries": COUNTRIES,
            "reasons": REMARKS,
            "ticket": st.session_state.get(TICKET),
        },
        on_asks=lambda: _permit(settings, client),
    )


def _permit(settings: Settings, client: Client) -> None:
    """A signed ticket for the upload the component asks leave for."""
    said = asked()
    if not said:
        return
    answer: dict[str, Any] = {"nonce": said["nonce"], "ticket": "", "refusal": ""}
    try:
        answer["ticket"] = uploads.permit(settings, client.client_id, said["list"], said["mode"])
    except InputRejected as error:
        answer["refusal"] = f"{error.happened} {error.todo}"
    st.session_state[TICKET] = answer


def guards() -> dict[str, Any]:
    """The server's patterns of personal data, as ECMAScript writes them."""
    patterns = personal_data.patterns()
    return {
        name: pattern.replace("(?P<", "(?<") if isinstance(pattern, str) else pattern
        for name, pattern in patterns.items()
    }
