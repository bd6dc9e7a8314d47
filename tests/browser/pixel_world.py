"""Sites, a collector on another host, and people with browsers: all real, all on this machine.

Chromium resolves `*.localhost` to this machine and takes each such name for a site of its own,
so that the collector's cookie is a third party's on every page here.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser, BrowserContext

from matchbook.links import Link, link_url
from matchbook.registry import MAPP_EMAIL, Client, ClientPartner, CrmList, Pixel, Registry, Site
from matchbook.settings import Settings
from tests.browser.serving import QUIET, program
from tests.collecting import BROWSER, Collecting, collecting
from tests.pixel_lines import APPROVED, DECLARED, SINCE
from tests.tc_strings import VENDOR

PARTNERS = ("supermetrics", "spotler", "tealium")
IDS = {
    "_svtri": "2fd62987-48da-473d-967c-dc5d92b7016d",
    "sqzllocal": "sqzl6569a21a0000043f8712",
    "utag_main_v_id": "014c0997b79e00152f6525804ed915078002e07000fb8",
}
"""The cookies in which three partners keep their ids on a page."""
OWN_HOST = "px.site-d.localhost"
"""A collector host below the domain of site-d."""
SITES = {
    "site-a": Pixel(integrations=(*PARTNERS, MAPP_EMAIL), created_at=SINCE, created_by="a tester"),
    "site-b": Pixel(integrations=PARTNERS, created_at=SINCE, created_by="a tester"),
    "site-c": Pixel(integrations=(), partitioned=True, created_at=SINCE, created_by="a tester"),
    "site-d": Pixel(integrations=PARTNERS, created_at=SINCE, created_by="a tester"),
}
REGISTRY = Registry(
    clients=(
        Client(
            client_id="acme",
            name="Acme",
            collector_hosts=(OWN_HOST,),
            partners=tuple(ClientPartner(partner_id=partner) for partner in PARTNERS),
            landing_hosts=tuple(f"{site}.localhost" for site in SITES),
            allows_http_landing=True,
            dmp_matching_link_click=APPROVED,
        ),
    ),
    sites=tuple(
        Site(
            site_id=site,
            client_id="acme",
            name=site.title(),
            hosts=(f"{site}.localhost",),
            consent_declaration=DECLARED,
            pixel=pixel,
        )
        for site, pixel in SITES.items()
    ),
    lists=(CrmList(list_id="news", client_id="acme", name="News"),),
    tcf_vendor_id=VENDOR,
)


@dataclass
class World:
    """Where everything is."""

    collector: Collecting
    page_port: int

    def collector_url(self, site: str) -> str:
        """The collector, as pages of the site and e-mails that lead there name it."""
        return f"http://{collector_host(site)}:{self.collector.port}"

    def page(self, site: str, path: str = "/") -> str:
        """The URL of a page."""
        return f"http://{site}.localhost:{self.page_port}{path}"

    def mail_link(self, site: str, contact: str) -> str:
        """A link to a page of the site, as in an e-mail to the contact."""
        link = Link("click", "acme", contact, "m1", self.page(site, "/landing?from=mail"))
        return link_url(self.collector_url(site), self.collector.keys.links, link)

    @property
    def count(self) -> int:
        """How many lines the collector has written."""
        return len(self.collector.lines())

    def lines_since(self, before: int, count: int) -> list[dict[str, Any]]:
        """The lines after the first `before`; fails unless they become so many and no more."""
        deadline = time.monotonic() + 30
        while self.count < before + count and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.2)
        found = self.collector.lines()[before:]
        assert len(found) == count, [(line["type"], line.get("site")) for line in found]
        return found


def collector_host(site: str) -> str:
    """Another domain than the site's, but for one site."""
    return OWN_HOST if OWN_HOST.endswith(f".{site}.localhost") else "collect.localhost"


@contextmanager
def world(home: Path) -> Iterator[World]:
    """A collector and the pages of all sites; the collector is closed at the end."""
    with collecting(Settings(home=home), REGISTRY) as collector, _pages(collector) as port:
        yield World(collector, port)


@contextmanager
def person(
    browser: Browser, folder: Path, *, blocks_third_parties: bool
) -> Iterator[BrowserContext]:
    """A browser of somebody, with or without third-party cookies, known to three partners."""
    preferences = folder / "Default" / "Preferences"
    preferences.parent.mkdir(parents=True)
    mode = {"profile": {"cookie_controls_mode": 1 if blocks_third_parties else 0}}
    preferences.write_text(json.dumps(mode))
    context = browser.browser_type.launch_persistent_context(
        folder, executable_path=program(), args=list(QUIET), user_agent=BROWSER
    )
    try:
        yield context
    finally:
        context.close()


def forget(context: BrowserContext, world: World, ids: dict[str, str] = IDS) -> None:
    """Only the partners' own cookies are left, on every site."""
    context.clear_cookies()
    context.add_cookies(
        [{"name": n, "value": v, "url": world.page(s)} for s in SITES for n, v in ids.items()]
    )


def our_cookies(context: BrowserContext) -> list[dict[str, Any]]:
    """Our cookies in a browser."""
    return [dict(cookie) for cookie in context.cookies() if cookie.get("name") == "mbid"]


@contextmanager
def _pages(collector: Collecting) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    server.collector_port = collector.port  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


class _Pages(BaseHTTPRequestHandler):
    """Every page has the snippet of its site: the script, or the image below /plain."""

    def do_GET(self) -> None:
        host = self.headers["host"]
        site = host.split(".")[0]
        collector = f"http://{collector_host(site)}:{self.server.collector_port}"  # type: ignore[attr-defined]
        snippet = f'<script async src="{collector}/bakery/pixel.js?site={site}"></script>'
        if self.path.startswith("/plain"):
            u = quote(f"http://{host}/plain", safe="")
            snippet = (
                f'<img src="{collector}/bakery/page?site={site}&amp;u={u}" '
                'width="1" height="1" alt="" referrerpolicy="origin">'
            )
        body = f"<!doctype html><title>{site}</title><p>Hello{snippet}".encode()
        self.send_response(404 if self.path == "/favicon.ico" else 200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""
