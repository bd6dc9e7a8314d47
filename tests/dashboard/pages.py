"""Runs a page as Streamlit does and reads what it says."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import httpx
from starlette.applications import Starlette
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard.routes import ROUTES
from tests.asynchronous import run

APP = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"
OVERVIEW, MATCH_RATES, DATA_QUALITY = "", "match-rates", "data-quality"
PIXELS, CRM_UPLOADS = "pixels", "crm-uploads"
PARTNERS, NIGHTLY_FILES = "partners", "nightly-files"
AUDIENCES, LOOKALIKES = "audiences", "lookalikes"
PUSHES, INTEGRATIONS, PRIVACY = "pushes", "integrations", "privacy"
DATA_PAGES = (OVERVIEW, MATCH_RATES, NIGHTLY_FILES, DATA_QUALITY)
ALL_PAGES = (*DATA_PAGES, PARTNERS, PIXELS, CRM_UPLOADS, AUDIENCES, LOOKALIKES)
ALL_PAGES += (PUSHES, INTEGRATIONS, PRIVACY)


def open_page(url_path: str, **parameters: str | list[str]) -> AppTest:
    """The page after its first run; a page that raised fails the test."""
    app = page_at(url_path, **parameters)
    app.run()
    assert not app.exception, [error.value for error in app.exception]
    return app


def page_at(url_path: str, **parameters: str | list[str]) -> AppTest:
    """The page before its first run."""
    app = AppTest.from_file(str(APP), default_timeout=20)
    app._bidi_component_manager = _components()
    if url_path:
        # AppTest switches to files only; our pages are functions, known by their path.
        app._page_hash = calc_hash(url_path)
    for name, value in parameters.items():
        app.query_params[name] = value
    return app


@cache
def _components() -> BidiComponentManager:
    """What a server looks for once, and AppTest anew for each page: a third of a second."""
    found = BidiComponentManager()
    found.discover_and_register_components(start_file_watching=False)
    return found


def words(app: AppTest) -> str:
    """Everything our own HTML says, without the tags; what can be pressed comes last."""
    bodies = [element.value for element in app.html if not element.value.startswith("<style>")]
    bodies += [body for _, body in _pressed(app)]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", " ".join(bodies)))


def drawn(app: AppTest, key: str) -> str:
    """The HTML in which things can be pressed (dashboard.components.pick), by its key."""
    found = [body for name, body in _pressed(app) if f"-{key}" in name]
    assert len(found) == 1, f"{len(found)} elements {key}"
    return found[0]


def _pressed(app: AppTest) -> list[tuple[str, str]]:
    return [
        (element.proto.id, str(json.loads(element.proto.json)["html"]))
        for element in app.main
        if getattr(element, "proto", None) is not None
        and "data-pick" in str(getattr(element.proto, "json", ""))
    ]


def links(app: AppTest) -> list[str]:
    """The signed download links on the page."""
    return re.findall(r'href="(/download/[^"]+)"', " ".join(element.value for element in app.html))


def fetch(path: str) -> httpx.Response:
    """What our own routes answer to a GET."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(Starlette(routes=ROUTES))
        async with httpx.AsyncClient(transport=transport, base_url="http://local") as client:
            return await client.get(path)

    return run(ask())
