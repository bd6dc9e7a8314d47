"""The registry: clients, sites, publishers, lists, partner codes and declarations.

One owner. A validated document, versioned in state, published as
`registry/<version>.json` with a pointer that is swapped by rename; collectors, ingest and
exporters read that file. It changes only through `change`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

import sqlalchemy as sa
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from matchbook import state
from matchbook.clock import utc_naive
from matchbook.errors import ConfigError
from matchbook.files import write_whole
from matchbook.partners import Partner, load_partners
from matchbook.partners.agreed import Agreed
from matchbook.settings import Settings
from matchbook.storage_places import Credentials, Endpoint, StorageUrl
from matchbook.user_sync import UserSyncUrl
from matchbook.webhook_places import Webhook

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
Host = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Region = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
UploadEvery = Literal["day", "week", "month"]

LAST_RESORT_REGION = "NL"
"""Where phone numbers and addresses are taken to be when neither they nor the registry say."""

MAPP_EMAIL = "mapp_email"
"""The integration "Mapp Digital – Email": a tracked link's token is read on the landing page."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Declaration(_Part):
    """Who declared, when and in which words, that calls arrive only after consent."""

    declared_at: datetime
    declared_by: str
    wording: str


class Approval(_Part):
    """When one of the two CEP switches was approved, by whom and on which basis."""

    approved_at: datetime
    approved_by: str
    basis: str


class ClientPartner(_Part):
    """A partner a client works with, and the codes of its own it fires (Piano's PO_…)."""

    partner_id: Name
    codes: tuple[Code, ...] = ()
    agreed: Agreed | None = None
    user_sync_url: UserSyncUrl | None = None
    """Where a browser is sent that the partner may know and the page does not: an https URL with
    `{return_url}` once in its query. There we put, percent-encoded, an address of ours that ends
    in `userid=[[USERID]]`. The partner decodes it once, replaces `[[USERID]]` by its own cookie
    id, percent-encoded, and redirects the browser there within ten minutes."""


class StorageLocation(_Part):
    """A folder of a client from which CRM files are picked up."""

    location_id: Name
    url: StorageUrl
    after: Literal["delete", "archive"] = "delete"
    """What becomes of a file there once it is landed or refused."""
    credentials: Credentials | None = None
    endpoint: Endpoint | None = None
    """Of an S3 API that is not Amazon's."""
    paused: bool = False


class Client(_Part):
    """An advertiser whose contacts they are."""

    client_id: Name
    name: str
    time_zone: str = "UTC"
    confidence_threshold: float = Field(default=0.8, ge=0, le=1)
    """Pairs below it go to no partner. Confidence is calibrated: docs/confidence.md."""
    evidence_days: int = Field(default=90, ge=1, le=390)
    collector_hosts: tuple[Host, ...] = ()
    landing_hosts: tuple[Host, ...] = ()
    """Where tracked links may lead; none means nowhere."""
    default_region: Region | None = None
    """ISO 3166 code of the country of phone numbers and addresses that name none."""
    allows_http_landing: bool = False
    """Tracked links may also lead to pages without TLS."""
    partners: tuple[ClientPartner, ...] = ()
    storage: tuple[StorageLocation, ...] = ()
    alert_webhook: Webhook | None = None
    push_webhook: Webhook | None = None
    """Where audiences go as the client's own record ids."""
    """Called when an alert opens or closes."""
    dmp_matching_link_click: Approval | None = None
    dmp_matching_read_message_online: Approval | None = None

    def has_agreed(self, partner: Partner) -> Partner:
        """A partner as this client has it: what both have agreed stands in place of its file."""
        own = next((one for one in self.partners if one.partner_id == partner.partner_id), None)
        return partner.as_agreed(own.agreed if own else None)

    @property
    def region(self) -> str:
        """The default region, or where there is none the last resort."""
        return self.default_region or LAST_RESORT_REGION


class Pixel(_Part):
    """What the script on a site does beside page views: its integrations are partners of
    the client, and `MAPP_EMAIL`. Partitioned: our cookie matches on that site only."""

    integrations: tuple[Name, ...] = ()
    partitioned: bool = False
    created_at: datetime
    created_by: str


class Site(_Part):
    """A web site of one client."""

    site_id: Name
    client_id: Name
    name: str
    hosts: tuple[Host, ...] = ()
    consent_declaration: Declaration | None = None
    pixel: Pixel | None = None


class Publisher(_Part):
    """A site owner whose log-ins are evidence for the clients listed."""

    publisher_id: Code
    name: str
    client_ids: tuple[Name, ...] = ()
    consent_declaration: Declaration | None = None


class CrmList(_Part):
    """One CRM file stream of a client: the `{id}` in `onboard/audience={id}/…`."""

    list_id: Code
    client_id: Name
    name: str
    upload_every: UploadEvery | None = None
    """How often the client says it uploads; None: whenever there is something."""


class Registry(_Part):
    """The whole document."""

    clients: tuple[Client, ...] = ()
    sites: tuple[Site, ...] = ()
    publishers: tuple[Publisher, ...] = ()
    lists: tuple[CrmList, ...] = ()
    tcf_vendor_id: int | None = Field(default=None, ge=1, le=65535)

    @model_validator(mode="after")
    def _is_consistent(self) -> Registry:
        clients = _unique("client", [c.client_id for c in self.clients])
        _unique("site", [s.site_id for s in self.sites])
        _unique("site name", [s.name for s in self.sites])
        _unique("publisher", [p.publisher_id for p in self.publishers])
        _unique("list", [x.list_id for x in self.lists])
        _unique("collector host", [h for c in self.clients for h in c.collector_hosts])
        _unique("storage location", [x.location_id for c in self.clients for x in c.storage])
        partners = {partner.partner_id for partner in load_partners()}
        named = [site.client_id for site in self.sites]
        named += [crm_list.client_id for crm_list in self.lists]
        named += [client for publisher in self.publishers for client in publisher.client_ids]
        if unknown := set(named) - clients:
            raise ValueError(f"unknown client: {sorted(unknown)[0]}")
        own = [p for c in self.clients for p in c.partners]
        if unknown := {p.partner_id for p in own} - partners:
            raise ValueError(f"unknown partner: {sorted(unknown)[0]}")
        codes = _unique("partner code", [code for p in own for code in p.codes])
        if taken := codes & partners:
            raise ValueError(f"partner code is a partner's own name: {sorted(taken)[0]}")
        for site in self.sites:
            _check_integrations(
                site, next(c for c in self.clients if c.client_id == site.client_id)
            )
        return self


def current(settings: Settings) -> Registry:
    """The published registry; an empty one when nothing has been registered yet."""
    pointer = settings.registry / "current.json"
    if not pointer.exists():
        return Registry()
    version = int(json.loads(pointer.read_text())["version"])
    return Registry.model_validate_json((settings.registry / f"{version}.json").read_text())


def change(settings: Settings, alter: Callable[[Registry], Registry], *, by: str) -> Registry:
    """Apply `alter` to the newest version; store, publish and return the result.

    Raises ConfigError when the altered document is not valid; nothing is changed then.
    An alteration that changes nothing makes no new version.
    """
    with state.begin(settings) as alone:
        state.lock(alone, "registry")  # until it is published, or an older one might be last
        version, after = _changed(settings, alter, by)
        _publish(settings, version, after)
    return after


def replace(settings: Settings, registry: Registry, *, by: str) -> Registry:
    """Make `registry` the current document."""
    return change(settings, lambda _: registry, by=by)


def _changed(
    settings: Settings, alter: Callable[[Registry], Registry], by: str
) -> tuple[int, Registry]:
    table = state.registry_versions
    with state.begin(settings) as connection:
        row = connection.execute(
            sa.select(table.c.version, table.c.document).order_by(table.c.version.desc()).limit(1)
        ).first()
        version, before = (
            (row.version, Registry.model_validate(row.document)) if row else (0, Registry())
        )
        after = _validated(alter(before))
        if row is None or after != before:
            version += 1
            connection.execute(
                table.insert().values(
                    version=version,
                    document=after.model_dump(mode="json"),
                    changed_at=utc_naive(settings.clock.now()),
                    changed_by=by,
                )
            )
    return version, after


def _validated(registry: Registry) -> Registry:
    try:
        return Registry.model_validate(registry.model_dump())
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(
            f"The registry would not be valid: {first['msg']}.",
            kept="The registry was not changed.",
            todo="Correct the entry and try again.",
        ) from None


def _publish(settings: Settings, version: int, registry: Registry) -> None:
    document = settings.registry / f"{version}.json"
    if not document.exists():
        write_whole(document, registry.model_dump_json(indent=1))
    write_whole(settings.registry / "current.json", json.dumps({"version": version}))


def _check_integrations(site: Site, client: Client) -> None:
    chosen = site.pixel.integrations if site.pixel else ()
    _unique(f"integration of site {site.site_id}", list(chosen))
    offered = {MAPP_EMAIL, *(partner.partner_id for partner in client.partners)}
    if unknown := set(chosen) - offered:
        raise ValueError(
            f"integration of site {site.site_id} is not a partner of its client: "
            f"{sorted(unknown)[0]}"
        )


def _unique(kind: str, names: list[str]) -> set[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{kind} appears twice: {re.sub(r'[^ -~]', '?', name)}")
        seen.add(name)
    return seen
