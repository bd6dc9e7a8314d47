"""The page CRM uploads as a marketer uses it, and everything that leaves the browser meanwhile."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, WebSocket

from matchbook import registry
from matchbook.registry import Client, CrmList, Registry
from matchbook.settings import Settings
from tests.browser.serving import PATIENCE, visit

LIST = "00001"


def make_registry(settings: Settings, *, region: str | None = None) -> None:
    """One client with one list."""
    document = Registry(
        clients=(Client(client_id="acme", name="Acme", default_region=region),),
        lists=(CrmList(list_id=LIST, client_id="acme", name="Customers"),),
    )
    registry.replace(settings, document, by="test")


def emptied(settings: Settings) -> Settings:
    """Without what an earlier test has uploaded."""
    for folder in (settings.inbox, settings.home / "uploads"):
        shutil.rmtree(folder, ignore_errors=True)
    return settings


@dataclass
class Traffic:
    """What a page sends and receives, as bytes."""

    requests: list[bytes] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def all(self) -> bytes:
        """Everything there was."""
        return b"\n".join((*self.requests, *self.frames))

    def listen(self, page: Page) -> None:
        """Take note from now on."""
        page.on("request", self._request)
        page.on("websocket", self._socket)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _request(self, request: Any) -> None:
        headers = "\n".join(request.headers.values())
        self.requests.append(f"{request.url}\n{headers}\n".encode())
        self.requests.append(request.post_data_buffer or b"")

    def _socket(self, socket: WebSocket) -> None:
        for event in ("framesent", "framereceived"):
            socket.on(event, lambda payload: self.frames.append(_bytes(payload)))


def _bytes(payload: str | bytes) -> bytes:
    return payload if isinstance(payload, bytes) else payload.encode()


def open_uploads(
    browser: Browser, address: str, *, path: str = "/crm-uploads", **context: Any
) -> tuple[Page, Traffic]:
    """The page, or another one, drawn, with everything it says to others noted."""
    page = browser.new_context(viewport={"width": 1300, "height": 1200}, **context).new_page()
    page.set_default_timeout(PATIENCE)
    traffic = Traffic()
    traffic.listen(page)
    visit(page, f"{address}{path}")
    return page, traffic


def choose(page: Page, file: Path) -> None:
    """Give the page a file and wait until its columns are shown."""
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_role("button", name="Hash on this computer").wait_for()


def hash_here(page: Page, *, patience: int = PATIENCE) -> None:
    """Hash with what is chosen."""
    page.get_by_role("button", name="Hash on this computer").click()
    page.get_by_text("See what leaves this computer").wait_for(timeout=patience)


def upload(page: Page, *, patience: int = PATIENCE) -> None:
    """Send what is hashed."""
    page.locator("button.primary").click()
    page.get_by_text("What happens next").wait_for(timeout=patience)
