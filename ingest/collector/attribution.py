"""Whose call it is: site, partner code and host looked up in the registry, as ingest does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from ingest.collector.calls import Call
from ingest.collector.directory import Directory, since


@dataclass(frozen=True, slots=True)
class Place:
    """What the registry says of where a call comes from."""

    client_id: str
    site_text: str | None
    """The site as the caller named it."""
    partner_id: str | None
    declared_since: datetime | None
    """Since when the site's declaration of consent is in force."""
    is_partitioned: bool
    """The site wants a cookie of its own."""

    def is_declared(self, at: datetime) -> bool:
        """Whether a call at that moment counts as consented by the site's declaration."""
        return self.declared_since is not None and at >= self.declared_since


def place_of(directory: Directory, call: Call, *, partner: str | None = None) -> Place | str:
    """The place of a call with an optional `site`, or the reason why it has none.

    The client is the site's, else the partner code's own, else the collector host's.
    """
    return _place(directory, call.parameters.get("site") or None, partner, call.host)


@lru_cache(maxsize=2048)
def _place(directory: Directory, text: str | None, partner: str | None, host: str) -> Place | str:
    site = directory.sites.get(text) if text else None
    if text and site is None:
        return "unknown_site"
    code = directory.codes.get(partner) if partner is not None else None
    if partner is not None and code is None:
        return "unknown_partner"
    of_code = code.client_id if code else None
    if site and of_code and site.client_id != of_code:
        return "client_conflict"
    client = site.client_id if site else of_code or directory.client_hosts.get(host)
    if client is None:
        return "unknown_client"
    pixel = getattr(site, "pixel", None)
    return Place(
        client_id=client,
        site_text=text,
        partner_id=code.partner_id if code else None,
        declared_since=since(site.consent_declaration) if site else None,
        is_partitioned=bool(pixel and pixel.partitioned),
    )
