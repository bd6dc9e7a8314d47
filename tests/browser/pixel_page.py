"""A page of a site with the on-site pixel, in a real browser, and the calls that it makes.

Here nobody answers but the browser itself: the script is looked at, not the collector.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Page, Request, Route

from ingest.collector.answers import GIF
from ingest.collector.script import served, settings_json
from matchbook.registry import Pixel, Site
from tests.pixel_lines import SINCE

SITE = "https://site-a.localhost"
COLLECTOR = "https://collect.localhost"
SCRIPT = f"{COLLECTOR}/bakery/pixel.js?site=shop"
SNIPPET = f'<script async src="{SCRIPT}"></script>'


@dataclass
class PixelPage:
    """An open page and what it asked of the collector."""

    page: Page
    requests: list[Request] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    held: list[Route] | None = None
    """Calls that are not answered until `let_go`; None: none are held."""

    def calls(self, path: str = "") -> list[dict[str, str]]:
        """The parameters of each call, of one kind or of all, with its path as `path`."""
        found = []
        for request in self.requests:
            url = urlsplit(request.url)
            if url.path.startswith(f"/bakery/{path}") and not url.path.endswith(".js"):
                pairs = parse_qs(url.query, keep_blank_values=True, strict_parsing=True)
                named = {name: values[0] for name, values in pairs.items()}
                found.append({"path": url.path.removeprefix("/bakery/")} | named)
        return found

    def wait_for(self, path: str, count: int = 1) -> list[dict[str, str]]:
        """The same once there are so many."""
        for _ in range(500):
            if len(self.calls(path)) >= count:
                break
            self.page.wait_for_timeout(20)
        assert len(self.calls(path)) >= count, f"no call to {path}"
        return self.calls(path)

    def settled(self) -> list[dict[str, str]]:
        """All calls, once nothing more is on its way."""
        self.page.wait_for_timeout(150)
        return self.calls()

    def visit(self, path: str) -> None:
        """Go to another page of the site, with nothing seen yet."""
        self.page.goto("about:blank")
        self.requests.clear()
        self.page.goto(SITE + path)

    def let_go(self) -> None:
        """Answer what was held, and from now on everything."""
        held, self.held = self.held or [], None
        for route in held:
            route.fulfill(content_type="image/gif", body=GIF)


def script(
    *integrations: str,
    declared: bool = True,
    vendor: int | None = None,
    asked: tuple[str, ...] = (),
    region: str = "NL",
) -> bytes:
    """The script of a site with these integrations; `asked` have a user-sync URL."""
    pixel = Pixel(integrations=integrations, created_at=SINCE, created_by="a tester")
    site = Site(site_id="shop", client_id="acme", name="Shop", pixel=pixel)
    return served(settings_json(site, vendor, declared, asked, region))[0]


@contextmanager
def pixel_page(
    browser: Browser,
    source: bytes,
    *,
    path: str = "/shoes?size=42#reviews",
    head: str = "",
    cookies: dict[str, str] | None = None,
    before: str = "",
    snippet: str = SNIPPET,
    has_own_clock: bool = False,
    holds_first: bool = False,
) -> Iterator[PixelPage]:
    """Open a page; `head` stands before the snippet, `before` runs before anything on it.

    With a clock of its own its seconds pass when `page.clock` says so.
    """
    context = browser.new_context()
    try:
        opened = PixelPage(context.new_page(), held=[] if holds_first else None)
        context.add_cookies(
            [{"name": n, "value": v, "url": SITE} for n, v in (cookies or {}).items()]
        )
        opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
        context.route("**/*", lambda route: _answer(route, opened, source, head + snippet))
        if has_own_clock:
            opened.page.clock.install()
        if before:
            opened.page.add_init_script(before)
        opened.page.goto(SITE + path)
        yield opened
        assert opened.errors == []
    finally:
        context.close()


def _answer(route: Route, opened: PixelPage, source: bytes, head: str) -> None:
    url = route.request.url
    if url.startswith(SITE):
        route.fulfill(content_type="text/html", body=f"<!doctype html><title>-</title>{head}")
    elif url == SCRIPT:
        route.fulfill(content_type="text/javascript", body=source)
    else:
        opened.requests.append(route.request)
        if opened.held is not None:
            opened.held.append(route)
            return
        route.fulfill(content_type="image/gif", body=GIF)
