"""Whose call it is: site, partner code and host looked up in the registry, as ingest does."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.collector.calls import Call
from ingest.collector.directory import Directory, in_force


@dataclass(slots=True)
class Place:
    """What the registry says of where a call comes from."""

    client_id: str
    site_text: str | None
    """The site as the caller named it."""
    partner_id: str | None
    is_declared: bool
    """The site's declaration of consent is in force."""
    is_partitioned: bool
    """The site wants a cookie of its own."""


def place_of(directory: Directory, call: Call, *, partner: str | None = None) -> Place | str:
    """The place of a call with an optional `site`, or the reason why it has none.

    The client is the site's, else the partner code's own, else the collector host's.
    """
    text = call.parameters.get("site") or None
    site = directory.sites.get(text) if text else None
    if text and site is None:
        return "unknown_site"
    code = directory.codes.get(partner) if partner is not None else None
    if partner is not None and code is None:
        return "unknown_partner"
    of_code = code.client_id if code else None
    if site and of_code and site.client_id != of_code:
        return "client_conflict"
    client = site.client_id if site else of_code or directory.client_hosts.get(call.host)
    if client is None:
        return "unknown_client"
    pixel = getattr(site, "pixel", None)
    return Place(
        client_id=client,
        site_text=text,
        partner_id=code.partner_id if code else None,
        is_declared=site is not None and in_force(site.consent_declaration, call.at),
        is_partitioned=bool(pixel and pixel.partitioned),
    )
