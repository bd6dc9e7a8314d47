"""The registry, indexed for one look-up per call; made anew when the registry changes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from matchbook.partners import load_partners
from matchbook.registry import Approval, Client, Declaration, Publisher, Registry, Site

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class PartnerCode:
    """A partner, and whose code it is when a client has one of its own."""

    partner_id: str
    client_id: str | None


class Directory:
    """What handlers look up of one version of the registry."""

    def __init__(self, registry: Registry, more_hosts: frozenset[str] = frozenset()) -> None:
        self.registry = registry
        self.clients: dict[str, Client] = {c.client_id: c for c in registry.clients}
        # An id wins over another site's name, as in ingest.
        self.sites: dict[str, Site] = {s.name: s for s in registry.sites} | {
            s.site_id: s for s in registry.sites
        }
        self.publishers: dict[str, Publisher] = {p.publisher_id: p for p in registry.publishers}
        self.client_hosts: dict[str, str] = {
            host: client.client_id for client in registry.clients for host in client.collector_hosts
        }
        self.codes = _codes(registry)
        self.user_sync_urls: dict[tuple[str, str], str] = {
            (client.client_id, partner.partner_id): partner.user_sync_url
            for client in registry.clients
            for partner in client.partners
            if partner.user_sync_url
        }
        self.agreed_forms: dict[tuple[str, str], re.Pattern[str]] = {
            (client.client_id, partner.partner_id): re.compile(partner.agreed.cookie_pattern)
            for client in registry.clients
            for partner in client.partners
            if partner.agreed and partner.agreed.cookie_pattern
        }
        self._hosts = LOCAL_HOSTS | more_hosts | self.client_hosts.keys()

    def is_our_host(self, host: str) -> bool:
        """Whether we answer for a host name: bad_inputs UP13."""
        return host in self._hosts or host.endswith(".localhost")


def in_force(word: Declaration | Approval | None, at: datetime) -> bool:
    """Whether a declaration or approval exists and had been given by `at`."""
    moment = since(word)
    return moment is not None and at >= moment


def since(word: Declaration | Approval | None) -> datetime | None:
    """When a declaration or approval was given, UTC."""
    if word is None:
        return None
    moment = word.declared_at if isinstance(word, Declaration) else word.approved_at
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _codes(registry: Registry) -> dict[str, PartnerCode]:
    codes = {p.partner_id: PartnerCode(p.partner_id, None) for p in load_partners()}
    for client in registry.clients:
        for partner in client.partners:
            codes |= {
                code: PartnerCode(partner.partner_id, client.client_id) for code in partner.codes
            }
    return codes
