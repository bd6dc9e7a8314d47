"""Which partners a client works with: entered and changed in the registry."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError

from matchbook import registry
from matchbook.errors import ConfigError
from matchbook.partners import load_partners
from matchbook.partners.agreed import Agreed
from matchbook.registry import Client, ClientPartner, Registry, Site
from matchbook.settings import Settings


def work_with(
    settings: Settings,
    client_id: str,
    partner_id: str,
    *,
    codes: tuple[str, ...],
    site_ids: tuple[str, ...] = (),
    by: str,
) -> Client:
    """Register a partner for a client, or change its codes; pixels of the sites then read its id.

    Only those pixels that find the id by themselves. Raises ConfigError.
    """
    reads = {partner.partner_id for partner in load_partners() if partner.web_places}

    def alter(document: Registry) -> Registry:
        client = _client(document, client_id)
        entered = _entered(client, partner_id, codes)
        sites = tuple(
            _reading(site, partner_id)
            if site.client_id == client_id and site.site_id in site_ids and partner_id in reads
            else site
            for site in document.sites
        )
        clients = tuple(entered if c.client_id == client_id else c for c in document.clients)
        return document.model_copy(update={"clients": clients, "sites": sites})

    return _client(registry.change(settings, alter, by=by), client_id)


def agreed_in(overrides: dict[str, Any]) -> tuple[Agreed | None, dict[str, Any]]:
    """What a client's overrides say of cookie ids and sync, and the rest: of files.

    None where they say nothing of it. Raises ConfigError.
    """
    said = {name: overrides[name] for name in Agreed.model_fields if name in overrides}
    rest = {name: value for name, value in overrides.items() if name not in said}
    try:
        return (Agreed.model_validate(said) if said else None), rest
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ConfigError(
            f"What the client agreed is not valid at {place}: {first['msg']}.",
            kept="Nothing was saved.",
            todo="Correct it there; docs/partners.md says what a partner's file holds.",
        ) from None


def codes_in(text: str) -> tuple[str, ...]:
    """Codes as a person types them, apart by commas or blanks. Raises ConfigError."""
    codes = tuple(dict.fromkeys(code for code in re.split(r"[\s,;]+", text) if code))
    if all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", code) for code in codes):
        return codes
    raise ConfigError(
        "A code holds something else than letters, digits, - and _.",
        kept="Nothing was saved.",
        todo="Write them like PO_12345678, separated by commas.",
    )


def _entered(client: Client, partner_id: str, codes: tuple[str, ...]) -> Client:
    before = {partner.partner_id: partner for partner in client.partners}
    known = before.get(partner_id, ClientPartner(partner_id=partner_id))
    after = before | {partner_id: known.model_copy(update={"codes": codes})}
    return client.model_copy(update={"partners": tuple(after.values())})


def _reading(site: Site, partner_id: str) -> Site:
    if site.pixel is None or partner_id in site.pixel.integrations:
        return site
    integrations = (*site.pixel.integrations, partner_id)
    return site.model_copy(
        update={"pixel": site.pixel.model_copy(update={"integrations": integrations})}
    )


def _client(document: Registry, client_id: str) -> Client:
    for client in document.clients:
        if client.client_id == client_id:
            return client
    raise ConfigError(
        "There is no client of this id.", kept="Nothing was saved.", todo="Reload the page."
    )
