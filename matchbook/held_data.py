"""What is held on a client's people, why and how long, and who gets it: said of its configuration.

Nothing here is asked of the data, so it says what may be held, and for how many it is is elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from matchbook.partners import Partner, load_partners
from matchbook.pushes import accounts
from matchbook.registry import Approval, Client, Declaration, Registry
from matchbook.retention import RULES
from matchbook.settings import Settings


@dataclass(frozen=True)
class Held:
    """One kind of data of a client's people."""

    what: str
    source: str
    why: str
    basis: str
    kept: str


@dataclass(frozen=True)
class Recipient:
    """Somebody who gets a part of it."""

    name: str
    gets: str
    can_remove: str


def held(registry: Registry, client: Client) -> list[Held]:
    """What this client's configuration lets in; nothing for a client without any."""
    return [*_calls(registry, client), *_mails(client), *_log_ins(registry, client),
            *_records(registry, client)]  # fmt: skip


def recipients(settings: Settings, client: Client) -> list[Recipient]:
    """The partners of the client in their order, and Mapp CEP where it is active."""
    known = {partner.partner_id: partner for partner in load_partners()}
    found = [_partner(client.has_agreed(known[own.partner_id])) for own in client.partners]
    if accounts.find(settings, client.client_id):
        gets = "CEP contact ids of the people in audiences that are pushed there"
        found.append(Recipient("Mapp CEP", gets, "Yes, people are taken out of its groups"))
    return found


def _calls(registry: Registry, client: Client) -> Iterator[Held]:
    by_basis: dict[str, list[str]] = {}
    for site in registry.sites:
        if site.client_id == client.client_id:
            by_basis.setdefault(_consent(site.consent_declaration), []).append(site.name)
    for basis, names in by_basis.items():
        yield Held(
            "Browser: number of our cookie, cookie ids of partners, pages without their query, "
            "kind of device, shortened address",
            f"The site {names[0]}" if len(names) == 1 else f"The sites {', '.join(names)}",
            "To tell which CRM records are on the web, and at which partner",
            basis,
            _kept("calls"),
        )


def _mails(client: Client) -> Iterator[Held]:
    for approval, what in (
        (client.dmp_matching_link_click, "Links clicked in e-mails"),
        (client.dmp_matching_read_message_online, "E-mails read online"),
    ):
        if approval is not None:
            yield Held(
                "CEP contact id, message and browser", what,
                "To recognise a contact's browser on the web", _approval(approval),
                _kept("calls"),
            )  # fmt: skip


def _log_ins(registry: Registry, client: Client) -> Iterator[Held]:
    for publisher in registry.publishers:
        if client.client_id in publisher.client_ids:
            yield Held(
                "Keyed hash of an e-mail address, phone number or postal address, and browser",
                f"Log-ins at {publisher.name}",
                "To recognise a CRM record's browser on the web",
                _consent(publisher.consent_declaration),
                _kept("calls"),
            )


def _records(registry: Registry, client: Client) -> Iterator[Held]:
    for one in registry.lists:
        if one.client_id == client.client_id:
            yield Held(
                "CRM record id, keyed hashes of e-mail address, phone number and postal address, "
                "the attributes chosen for upload",
                f"The CRM list {one.name}",
                "To match records with browsers, and to build audiences",
                "As the client uploads it: opt-in, opt-out, replace",
                _kept("calls"),
            )


def _partner(partner: Partner) -> Recipient:
    gets = "Its own cookie ids, each with the CRM record id it is matched to"
    if partner.audience is not None:
        gets += "; its cookie ids of the people in audiences that are pushed there"
    removals = partner.delivery.removals
    can_remove = "No: what it got is removed there by hand" if removals.how == "unable" else "Yes"
    return Recipient(partner.name, gets, can_remove)


def _consent(declared: Declaration | None) -> str:
    said = "What each call says of consent (TCF, Global Privacy Control, opt-out)"
    if declared is None:
        return said
    return f"{said}; declared by {declared.declared_by} on {_day(declared.declared_at)}"


def _approval(approval: Approval) -> str:
    return (
        f"Approved by {approval.approved_by} on {_day(approval.approved_at)}: "
        f"{approval.basis.rstrip('.')}; "
        "and the consent flag of each link"
    )


def _kept(beginning: str) -> str:
    return next(rule.kept for rule in RULES if rule.what.startswith(beginning))


def _day(at: datetime) -> str:
    return f"{at.day} {at:%b %Y}"
