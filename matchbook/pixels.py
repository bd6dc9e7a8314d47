"""A site's pixel: what goes into its pages, and how it is set up in the registry."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from matchbook import registry
from matchbook.errors import ConfigError
from matchbook.partners import load_partners
from matchbook.registry import MAPP_EMAIL, Client, Pixel, Registry, Site
from matchbook.settings import Settings

SCRIPT_PATH = "/bakery/pixel.js"
PAGE_PATH = "/bakery/page"
SYNC_PATH = "/bakery/sync/dmpsyncendpoint"

MAPP_EMAIL_NAME = "Mapp Digital – Email"
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")


@dataclass(frozen=True)
class Snippet:
    """What to copy into a page."""

    script: str
    image: str
    """For pages that take no scripts: page views only."""


def snippet(settings: Settings, client: Client, site: Site) -> Snippet:
    """Both forms of a site's tag."""
    origin = collector_origin(settings, client)
    script = f'<script async src="{origin}{SCRIPT_PATH}?site={site.site_id}"></script>'
    page = quote(f"https://{site.hosts[0] if site.hosts else 'www.shop.example'}/", safe="")
    source = html.escape(f"{origin}{PAGE_PATH}?site={site.site_id}&u={page}")
    image = f'<img src="{source}" width="1" height="1" alt="" referrerpolicy="origin">'
    return Snippet(_handed_over(site) + script, image)


def collector_origin(settings: Settings, client: Client) -> str:
    """Where the client's pages call: its own host first, as its cookies then last longest."""
    for host in (*client.collector_hosts, *sorted(settings.collector_hosts)):
        return f"https://{host}"
    host, port = settings.collector_bind
    shown = {"127.0.0.1": "localhost", "0.0.0.0": "localhost", "::": "localhost"}  # noqa: S104
    return f"http://{shown.get(host, host)}:{port}"


def collector_hosts(settings: Settings, client: Client) -> frozenset[str]:
    """Every host on which a page may call for this client."""
    local = urlsplit(collector_origin(settings, client)).hostname or ""
    return frozenset((*client.collector_hosts, *settings.collector_hosts, local))


def integrations_on_offer(client: Client) -> dict[str, str]:
    """What a pixel of the client can do beside page views, with its name on screen."""
    own = {partner.partner_id for partner in client.partners}
    names = {partner.partner_id: partner.name for partner in load_partners()}
    return {MAPP_EMAIL: MAPP_EMAIL_NAME} | {p: name for p, name in names.items() if p in own}


def unread_partners(site: Site) -> list[str]:
    """Chosen partners whose cookie id no script finds by itself: the page hands it over."""
    chosen = site.pixel.integrations if site.pixel else ()
    return [p.partner_id for p in load_partners() if p.partner_id in chosen and not p.web_places]


def add_site(settings: Settings, client_id: str, name: str, hosts: str, *, by: str) -> str:
    """Register a site from what a person typed; its id. Raises ConfigError."""
    if not name.strip():
        raise _not_saved("The site has no name yet.", "Give it one.")
    wanted = _hosts(hosts)

    def alter(document: Registry) -> Registry:
        taken = {site.site_id for site in document.sites} | {site.name for site in document.sites}
        site = Site(
            site_id=_site_id(name, taken), client_id=client_id, name=name.strip(), hosts=wanted
        )
        return document.model_copy(update={"sites": (*document.sites, site)})

    if any(site.name == name.strip() for site in registry.current(settings).sites):
        raise _not_saved("There is a site of this name already.", "Choose another name.")
    return registry.change(settings, alter, by=by).sites[-1].site_id


def set_pixel(
    settings: Settings,
    client_id: str,
    site_id: str,
    *,
    integrations: tuple[str, ...],
    partitioned: bool,
    by: str,
) -> Site:
    """Give a client's site a pixel, or change the one it has; collectors follow by themselves.

    Raises ConfigError.
    """
    chosen = {"integrations": integrations, "partitioned": partitioned}

    def alter(document: Registry) -> Registry:
        site = find_site(document, client_id, site_id)
        fresh = Pixel(created_at=settings.clock.now(), created_by=by)
        pixel = (site.pixel or fresh).model_copy(update=chosen)
        changed = site.model_copy(update={"pixel": pixel})
        return document.model_copy(
            update={"sites": tuple(changed if s is site else s for s in document.sites)}
        )

    return find_site(registry.change(settings, alter, by=by), client_id, site_id)


def find_site(document: Registry, client_id: str, site_id: str) -> Site:
    """A site of a client. Raises ConfigError when it has none of this id."""
    for site in document.sites:
        if (site.client_id, site.site_id) == (client_id, site_id):
            return site
    raise _not_saved("This client has no such site.", "Reload the page and choose a site.")


def _hosts(text: str) -> tuple[str, ...]:
    words = [word for word in re.split(r"[\s,;]+", text.lower()) if word]
    hosts = [
        (urlsplit(word).hostname or "") if "//" in word else word.split("/")[0] for word in words
    ]
    if not hosts or not all(_HOST.fullmatch(host) for host in hosts):
        raise _not_saved(
            "The site's addresses are not host names.", "Write them like www.shop.example."
        )
    return tuple(dict.fromkeys(hosts))


def _site_id(name: str, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:50] or "site"
    number, found = 1, base
    while found in taken:
        number += 1
        found = f"{base}_{number}"
    return found


def _handed_over(site: Site) -> str:
    """Lines in front of the script for partners whose cookie id the page must say.

    They are empty until somebody fills them in: nothing is sent that is no id.
    """
    partners = unread_partners(site)
    if not partners:
        return ""
    lines = "".join(f'    {partner}: "",\n' for partner in partners)
    return (
        "<script>\n  window.matchbook = window.matchbook || [];\n"
        f"  matchbook.partners = {{\n{lines}  }};\n</script>\n"
    )


def _not_saved(happened: str, todo: str) -> ConfigError:
    return ConfigError(happened, kept="Nothing was saved.", todo=todo)
