"""E-mail calls for tests: a registry, signed links, and a collector within the process."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from ingest.collector.answers import Answer
from ingest.collector.app import ROUTES, lost
from ingest.collector.calls import parse_call
from ingest.collector.collector import Collector, close_collector, open_collector
from ingest.collector.segments import _Open
from matchbook import registry as registries
from matchbook.links import Link, sign_link
from matchbook.registry import MAPP_EMAIL, Approval, Client, Pixel, Registry, Site
from matchbook.settings import Settings
from tests.collecting import BROWSER

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
APPROVED = Approval(approved_at=SINCE, approved_by="a tester", basis="consent text 4")
MAIL_PIXEL = Pixel(integrations=(MAPP_EMAIL,), created_at=SINCE, created_by="a tester")

REGISTRY = Registry(
    clients=(
        Client(
            client_id="acme",
            name="Acme",
            collector_hosts=("px.acme.example",),
            landing_hosts=("good.example", "xn--bcher-kva.example", "px.acme.example"),
            dmp_matching_link_click=APPROVED,
            dmp_matching_read_message_online=APPROVED,
        ),
        Client(client_id="beta", name="Beta", landing_hosts=("good.example",)),
        Client(client_id="gamma", name="Gamma", dmp_matching_link_click=APPROVED),
    ),
    sites=(
        Site(site_id="shop", client_id="acme", name="Shop", hosts=("xn--bcher-kva.example",),
             pixel=MAIL_PIXEL),
        Site(site_id="chips", client_id="acme", name="Chips",
             pixel=MAIL_PIXEL.model_copy(update={"partitioned": True})),
        Site(site_id="blog", client_id="acme", name="Blog", hosts=("good.example",)),
        Site(site_id="beta-site", client_id="beta", name="Beta", pixel=MAIL_PIXEL),
    ),
)  # fmt: skip

GOOD = "https://good.example/sale?a=1#now"


class Desk:
    """A collector and what it wrote."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector

    def get(self, url: str, *, method: str = "GET", at: datetime = AT, **headers: str) -> Answer:
        """The handler's answer; `sec_gpc="1"` is the header Sec-GPC."""
        path, _, query = url.partition("?")
        sent = {"host": "px.acme.example", "user-agent": BROWSER}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        call = parse_call(
            method=method, path=path, query=query, headers=sent, peer="192.0.2.7:1", at=at
        )
        answer = ROUTES[path](self.collector, call)
        return answer if self.collector.log.write_out() else lost(self.collector, answer)

    def lines(self) -> list[dict[str, Any]]:
        """Every line so far."""
        folder = self.collector.settings.collector
        texts = [path.read_text() for path in sorted(folder.glob("*.part"))]
        return [json.loads(line) for text in texts for line in text.splitlines()]

    def link(self, kind: str = "click", **changed: str) -> str:
        """A signed link of acme's, with parts changed before it is signed."""
        parts = {"client_id": "acme", "contact": "4711", "message": "m1"} | changed
        target = parts.pop("target", GOOD)
        link = Link(kind, **parts, target=target if kind == "click" else "")
        sig = sign_link(self.collector.keys.links, **vars(link))
        u = f"&u={quote(target, safe='')}" if kind == "click" else ""
        message = quote(link.message, safe="")
        return (
            f"/bakery/{kind}?client={link.client_id}&contact={link.contact}"
            f"&message={message}{u}&sig={sig}"
        )

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """The kernel answers every write with "no space left on device"."""
        log = self.collector.log
        before = log._open
        log._open = _Open(log._folder / "full", os.open("/dev/full", os.O_WRONLY), time.monotonic())
        try:
            yield
        finally:
            os.close(log._open.descriptor)
            log._open = before


@contextmanager
def desk(settings: Settings, registry: Registry = REGISTRY) -> Iterator[Desk]:
    """A collector without its HTTP, closed at the end."""
    registries.replace(settings, registry, by="a test")
    collector = open_collector(settings)
    try:
        yield Desk(collector)
    finally:
        close_collector(collector)


def header(answer: Answer, name: str) -> str | None:
    """The first header of a name."""
    return next((value for key, value in answer.headers if key == name), None)


def later(seconds: float) -> datetime:
    """So long after AT."""
    return AT + timedelta(seconds=seconds)
