"""CRM uploads: a file is hashed in the browser, and only hashes are handed in."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard import identity, uploads
from dashboard.app_pages.hasher_config import hasher_config
from dashboard.app_pages.night_now import night_now
from dashboard.app_pages.opening import open_client
from dashboard.app_pages.storage_locations import storage_locations
from dashboard.app_pages.upload_history import upload_history
from dashboard.app_pages.upload_numbers import upload_numbers
from dashboard.app_pages.upload_records import upload_records
from dashboard.app_pages.upload_rhythm import rhythms
from dashboard.app_pages.upload_words import REMARKS
from dashboard.components.crm_hasher import asked, crm_hasher
from dashboard.components.empty import empty_state
from dashboard.components.markup import heading, note
from dashboard.context import settings as served
from dashboard.translate import as_far_as_built
from matchbook import crm_lists, registry
from matchbook.access import Action
from matchbook.errors import InputRejected, PermissionDenied
from matchbook.registry import Client, CrmList
from matchbook.settings import Settings

TICKET = "crm_upload_ticket"
TABS = ["Upload", "History", "Records", "Storage locations"]

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
    client, view = opened
    settings = served()
    lists = crm_lists.of_client(registry.current(settings), client.client_id)
    if not lists:
        empty_state(
            "This client has no list yet.",
            "A list takes one stream of CRM files; its uploads then stand here. Whoever runs "
            "Matchbook names it in the registry:",
            command="matchbook registry apply FILE",
        )
        return
    if view:
        with as_far_as_built():
            upload_numbers(view)
    tabs = st.tabs(TABS, key="tab", bind="query-params")
    with tabs[0]:
        # Drawn on every tab: a file that is being hashed is not lost by looking elsewhere.
        _upload(settings, client, lists)
        night_now(settings, client)
        rhythms(settings, client, lists, view)
    with as_far_as_built():
        if tabs[1].open:
            with tabs[1]:
                upload_history(settings, client, lists, view)
        if tabs[2].open:
            with tabs[2]:
                upload_records(view)
    if tabs[3].open:
        with tabs[3]:
            storage_locations(settings, client, lists)


def _upload(settings: Settings, client: Client, lists: tuple[CrmList, ...]) -> None:
    if not identity.may(settings, client.client_id, Action.UPLOAD):
        note("Files are uploaded by marketers and managers.")
        return
    heading("Upload", "Your file is opened by the browser on this computer, not by the server.")
    crm_hasher(
        {
            "takes": "contacts",
            "config": hasher_config(client.region),
            "isCountryAssumed": client.default_region is None,
            "lists": [(entry.list_id, entry.name) for entry in lists],
            "countries": _countries(client.region),
            "reasons": REMARKS,
            "ticket": st.session_state.get(TICKET),
        },
        on_asks=lambda: _permit(settings, client),
    )


def _countries(own: str) -> tuple[tuple[str, str], ...]:
    """To choose from; the client's own country is always among them."""
    return COUNTRIES if own in dict(COUNTRIES) else ((own, own), *COUNTRIES)


def _permit(settings: Settings, client: Client) -> None:
    """A signed ticket for the upload the component asks leave for."""
    said = asked()
    if not said:
        return
    answer: dict[str, Any] = {"nonce": said["nonce"], "ticket": "", "refusal": ""}
    try:
        answer["ticket"] = uploads.permit(settings, client.client_id, said["list"], said["mode"])
    except (InputRejected, PermissionDenied) as error:
        answer["refusal"] = f"{error.happened} {error.todo}"
    st.session_state[TICKET] = answer
