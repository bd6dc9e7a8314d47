"""Writes the demo world's keys and registry."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, time

from ingest.demo import story
from ingest.demo.companies import (
    BAKED_FOR,
    COMPANIES,
    LISTS,
    PUBLISHER_ID,
    RETAILER,
    TRAVEL,
    Company,
    SiteFacts,
)
from ingest.demo.options import WorldOptions
from matchbook import registry
from matchbook.keys import Keys, load_keys
from matchbook.registry import (
    MAPP_EMAIL,
    Approval,
    Client,
    ClientPartner,
    CrmList,
    Declaration,
    Pixel,
    Publisher,
    Registry,
    Site,
    StorageLocation,
)
from matchbook.settings import Settings

TCF_VENDOR_ID = 4000
"""Nobody's: IAB Europe has given out about half as many."""


def write_keys(settings: Settings, seed: int) -> Keys:
    """The home's keys; in a home without keys they are made from the seed, for a demo only."""
    settings.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in ("identifiers", "cookie", "links"):
        path = settings.keys / f"{name}.key"
        if not path.exists():
            digest = hashlib.sha256(f"demo world {seed} {name}".encode()).hexdigest()
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "w") as handle:
                handle.write(digest + "\n")
    return load_keys(settings.keys)


def write_registry(settings: Settings, options: WorldOptions) -> Registry:
    """Register the three companies, their sites, lists and the publisher."""
    return registry.replace(settings, _document(options), by="demo")


def approved_from(options: WorldOptions, client_id: str, kind: str) -> datetime | None:
    """From when on a client's clicks or reads may be matched; None: never."""
    if client_id == RETAILER.client_id:
        share = story.CLICK_SWITCH if kind == "click" else story.READ_SWITCH
        day = options.date_of(options.at_share(share))
        return datetime.combine(day, time(9), UTC)
    if client_id == TRAVEL.client_id and kind == "click":
        return datetime.combine(options.date_of(0), time(0), UTC)
    return None


def _document(options: WorldOptions) -> Registry:
    return Registry(
        tcf_vendor_id=TCF_VENDOR_ID,
        clients=tuple(_client(company, options) for company in COMPANIES),
        sites=tuple(_site(c, site, options) for c in COMPANIES for site in c.sites),
        publishers=(
            Publisher(
                publisher_id=PUBLISHER_ID,
                name="Wolkendek",
                client_ids=tuple(company.client_id for company in BAKED_FOR),
                consent_declaration=_declaration("Wolkendek", options),
            ),
        ),
        lists=tuple(
            CrmList(list_id=list_id, client_id=client_id, name=name, upload_every=every)
            for list_id, (client_id, name, every) in LISTS.items()
        ),
    )


def _client(company: Company, options: WorldOptions) -> Client:
    return Client(
        client_id=company.client_id,
        name=company.name,
        time_zone="Europe/Amsterdam",
        default_region="NL",
        collector_hosts=(company.host,),
        landing_hosts=tuple(site.host for site in company.sites),
        partners=tuple(
            ClientPartner(partner_id=tag.partner_id, codes=(tag.code,) if tag.code else ())
            for tag in company.tags
        ),
        storage=(_storage(company),),
        dmp_matching_link_click=_approval(company, options, "click"),
        dmp_matching_read_message_online=_approval(company, options, "read"),
    )


def _storage(company: Company) -> StorageLocation:
    """Paused, as its server is as invented as the company."""
    name = f"{company.client_id}-sftp"
    return StorageLocation(
        location_id=name,
        url=f"sftp://matchbook@files.{company.client_id}.example/out",
        after="archive",
        credentials=f"file:{name}",
        paused=True,
    )


def _approval(company: Company, options: WorldOptions, kind: str) -> Approval | None:
    moment = approved_from(options, company.client_id, kind)
    if moment is None:
        return None
    return Approval(
        approved_at=moment,
        approved_by=f"privacy officer of {company.name}",
        basis="Consent asked for in the newsletter's subscription form.",
    )


def _site(company: Company, site: SiteFacts, options: WorldOptions) -> Site:
    return Site(
        site_id=site.site_id,
        client_id=company.client_id,
        name=site.name,
        hosts=(site.host,),
        consent_declaration=_declaration(company.name, options) if site.declares_consent else None,
        pixel=_pixel(company, site, options) if site.has_pixel else None,
    )


def _pixel(company: Company, site: SiteFacts, options: WorldOptions) -> Pixel:
    mail = (MAPP_EMAIL,) if company.mails_on is not None else ()
    tags = [tag.partner_id for tag in company.tags if not tag.sites or site.site_id in tag.sites]
    return Pixel(
        integrations=(*mail, *tags),
        created_at=datetime.combine(options.date_of(0), time(0), UTC),
        created_by=f"web team of {company.name}",
    )


def _declaration(owner: str, options: WorldOptions) -> Declaration:
    return Declaration(
        declared_at=datetime.combine(options.date_of(0), time(0), UTC),
        declared_by=f"privacy officer of {owner}",
        wording="Our tag calls only after the visitor said yes to marketing cookies.",
    )
