"""Entering a storage location: where it is, and by which name its secret is known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard import identity
from dashboard.components.markup import heading, note
from dashboard.translate import errors_in_words
from matchbook import storage
from matchbook.access import Action
from matchbook.registry import Client, CrmList
from matchbook.settings import Settings
from matchbook.storage_places import VARIABLES

KINDS = {
    "sftp": ("SFTP server", "sftp://user@files.example.com/out"),
    "s3": ("S3 bucket", "s3://bucket/folder"),
    "file": ("Folder on this server", "file:///srv/crm/out"),
}
SECRETS = {"file": "A secret file on the server", "env": "An environment variable", "": "None"}
AFTER = {"delete": "Delete it", "archive": "Move it to archive/"}
MADE = "storage_entered"
BY_NAME_ONLY = (
    "Only the name. Whoever runs Matchbook puts the secret itself there: an S3 access key as "
    "id:secret, or for SFTP a private key or a password."
)


def storage_form(settings: Settings, client: Client, lists: Sequence[CrmList]) -> None:
    """Fields, a button, and what is wrong with them in words."""
    heading(
        "Enter a location",
        "Files stand there at onboard/audience=<list>/<opt-in|opt-out|replace>/<date_time>.csv, "
        "hashed: nothing readable is taken.",
    )
    if lists:
        ids = ", ".join(f"{entry.list_id} ({entry.name})" for entry in lists)
        note(f"What stands for <list>: {ids}.")
    kind = st.segmented_control(
        "Kind", list(KINDS), default="sftp", required=True, key="storage_kind",
        format_func=lambda one: KINDS[one][0],
    )  # fmt: skip
    left, right = st.columns(2)
    with left:
        location_id = st.text_input(
            "Name", max_chars=63, placeholder=f"{client.client_id}-drop", key="storage_name",
            help="Small letters, digits, - and _.",
        )  # fmt: skip
    with right:
        url = st.text_input("Address", max_chars=500, placeholder=KINDS[kind][1], key="storage_url")
    fields: dict[str, Any] = {"location_id": location_id.strip(), "url": url.strip()}
    fields |= _access(client, kind)
    fields["after"] = st.radio(
        "When a file is landed", list(AFTER), horizontal=True, key="storage_after",
        format_func=lambda one: AFTER[one],
    )  # fmt: skip
    with errors_in_words():
        if st.button("Enter the location", type="primary", key="storage_enter"):
            with identity.acting(
                settings, client.client_id, Action.SETTINGS, "storage_add", about=location_id
            ) as act:
                made = storage.add(settings, client.client_id, fields, by=act.by)
            st.session_state[MADE] = made.location_id
            st.rerun()


def _access(client: Client, kind: str) -> dict[str, Any]:
    """Credentials by reference, and an S3 API's address."""
    if kind == "file":
        return {}
    name = client.client_id
    examples = {"env": f"{VARIABLES}{name.upper()}", "file": f"{name}-drop"}
    left, right = st.columns(2)
    with left:
        place = st.selectbox(
            "The secret is in", list(SECRETS), format_func=lambda one: SECRETS[one],
            key="storage_secret", filter_mode=None,
        )  # fmt: skip
    with right:
        name = st.text_input(
            "Its name", max_chars=100, key="storage_secret_name", help=BY_NAME_ONLY,
            placeholder=examples.get(place, ""),
            disabled=not place,
        )  # fmt: skip
    fields: dict[str, Any] = {}
    if place:
        fields["credentials"] = f"{place}:{name.strip()}"
    if kind == "s3":
        endpoint = st.text_input(
            "Endpoint", max_chars=300, key="storage_endpoint",
            placeholder="https://s3.example.com", help="Only for an S3 API that is not Amazon's.",
        )  # fmt: skip
        fields["endpoint"] = endpoint.strip() or None
    else:
        note("The server's host key has to be in keys/known_hosts: no other server is trusted.")
    return fields


def secret_words(reference: str | None) -> str:
    """By which name the secret is known; never the secret."""
    if reference is None:
        return "no secret"
    kind, _, name = reference.partition(":")
    plain = re.sub(r"[^A-Za-z0-9_.-]", "?", name)
    return f"secret in {'keys/storage/' if kind == 'file' else ''}{plain}"
