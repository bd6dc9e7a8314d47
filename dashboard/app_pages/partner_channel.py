"""Entering a partner's channel: where files go, by which secret, how often."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard import identity
from dashboard.components.markup import note
from dashboard.translate import errors_in_words
from matchbook import partner_channels
from matchbook.access import Action
from matchbook.partner_channels import Channel
from matchbook.partners import Partner
from matchbook.registry import Client
from matchbook.settings import Settings
from matchbook.storage_places import PARTNER_VARIABLES

KINDS = {
    "sftp": ("SFTP", "sftp://user@files.example.com/in"),
    "ftps": ("FTPS", "ftps://user@files.example.com/in"),
    "s3": ("S3 bucket", "s3://bucket/folder"),
    "https": ("HTTPS", "https://api.example.com"),
    "local": ("Folder on this server", "file:///srv/partners/out"),
}
RHYTHMS = {24: "Every day", 168: "Every week", 12: "Every 12 hours", 6: "Every 6 hours",
           1: "Every hour"}  # fmt: skip
SECRETS = {"file": "A secret file on the server", "env": "An environment variable", "": "None"}
BY_NAME_ONLY = "Only the name: whoever runs Matchbook puts the secret itself there."


def channel_form(settings: Settings, client: Client, partner: Partner) -> None:
    """The fields, filled in with what stands; saving them makes the channel inactive."""
    before = partner_channels.find(settings, client.client_id, partner.partner_id)
    offered = [kind for kind in partner.delivery.channels if kind in KINDS] + ["local"]
    key = f"channel_{partner.partner_id}"
    kind = str(
        st.segmented_control(
            "Channel", list(dict.fromkeys(offered)), default=before.kind if before else offered[0],
            required=True, key=f"{key}_kind", format_func=lambda one: KINDS[one][0],
        )
    )  # fmt: skip
    fields: dict[str, Any] = {"address": _address(kind, before, key)}
    if kind != "local":
        fields |= _access(client, partner, kind, before, key)
    fields |= _rhythm(before, key) | _own_settings(partner, before, key)
    with errors_in_words():
        label = "Change the channel" if before else "Enter the channel"
        if st.button(label, key=f"{key}_enter", type="secondary" if before else "primary"):
            with identity.acting(
                settings, client.client_id, Action.SETTINGS, "channel", about=partner.partner_id
            ) as act:
                partner_channels.add(
                    settings, client.client_id, partner.partner_id, fields, by=act.by
                )
            st.rerun()
    if before and before.is_active:
        note("It is active. After a change it has to be activated again.")


def _address(kind: str, before: Channel | None, key: str) -> str:
    known = before.address if before and before.kind == kind else ""
    return st.text_input(
        "Address", max_chars=500, value=known, placeholder=KINDS[kind][1], key=f"{key}_{kind}_to"
    ).strip()


def _access(
    client: Client, partner: Partner, kind: str, before: Channel | None, key: str
) -> dict[str, Any]:
    """Credentials by reference; the host key of an SFTP server; an S3 API's address."""
    place, _, known = (before.credentials or "" if before else "").partition(":")
    name = f"{client.client_id}_{partner.partner_id}"
    examples = {"env": f"{PARTNER_VARIABLES}{name.upper()}", "file": name.replace("_", "-")}
    left, right = st.columns(2)
    with left:
        place = st.selectbox(
            "The secret is in", list(SECRETS), format_func=lambda one: SECRETS[one],
            index=list(SECRETS).index(place if before else "file"), key=f"{key}_secret",
            filter_mode=None,
        )  # fmt: skip
    with right:
        name = st.text_input(
            "Its name", value=known, max_chars=100, key=f"{key}_secret_name", help=BY_NAME_ONLY,
            placeholder=examples.get(place, ""), disabled=not place,
        )  # fmt: skip
    fields: dict[str, Any] = {"credentials": f"{place}:{name.strip()}" if place else None}
    if kind == "sftp":
        fields["host_key"] = _optional(
            "The server's host key", before.host_key if before else None, f"{key}_host_key",
            placeholder="ssh-ed25519 AAAA…",
            help="As the partner told it you. No other server is trusted.",
        )  # fmt: skip
    if kind == "s3":
        fields["endpoint"] = _optional(
            "Endpoint", before.endpoint if before else None, f"{key}_endpoint",
            placeholder="https://s3.example.com", help="Only for an S3 API that is not Amazon's.",
        )  # fmt: skip
    return fields


def _rhythm(before: Channel | None, key: str) -> dict[str, Any]:
    hours = before.cadence_hours if before else 24
    rhythms = RHYTHMS if hours in RHYTHMS else {**RHYTHMS, hours: f"Every {hours} hours"}
    minute = before.at_minute if before else 3 * 60 + 30
    left, right = st.columns(2)
    with left:
        chosen = st.selectbox(
            "How often", list(rhythms), format_func=lambda one: rhythms[one],
            index=list(rhythms).index(hours), key=f"{key}_hours", filter_mode=None,
        )  # fmt: skip
    with right:
        at = st.text_input("At (UTC)", value=f"{minute // 60:02d}:{minute % 60:02d}", max_chars=5,
                           key=f"{key}_at")  # fmt: skip
    return {"cadence_hours": chosen, "at_minute": _minutes(at)}


def _minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    is_time = hour.isdecimal() and minute.isdecimal() and int(minute) < 60
    # Beyond the day's end, so that the channel is refused with its own words.
    return int(hour) * 60 + int(minute) if is_time else 24 * 60


def _own_settings(partner: Partner, before: Channel | None, key: str) -> dict[str, Any]:
    """What the partner told this client, such as a site number."""
    known = before.overrides if before else {}
    values = dict(known.get("values", {}))
    for name, spec in partner.delivery.parameters.items():
        given = st.text_input(
            spec.meaning[:1].upper() + spec.meaning[1:], value=values.get(name, spec.default),
            max_chars=128, placeholder=spec.example, key=f"{key}_{name}",
        ).strip()  # fmt: skip
        values = (
            {**values, name: given} if given else {k: v for k, v in values.items() if k != name}
        )
    return {"overrides": {**known, "values": values} if values else known}


def _optional(label: str, known: str | None, key: str, **more: Any) -> str | None:
    return (
        str(st.text_input(label, value=known or "", max_chars=1000, key=key, **more)).strip()
        or None
    )
