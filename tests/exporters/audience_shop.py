"""A shop of 120 loyal people with a cookie each at a partner, and pushes of them to it."""

from __future__ import annotations

import gzip
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from exporters.pushes import drain
from matchbook import partner_channels, registry
from matchbook.clock import Clock
from matchbook.pushes import asking, outbox, partner_held, targets
from matchbook.pushes.outbox import Push
from matchbook.registry import Client, ClientPartner, Registry
from matchbook.settings import Settings
from matchbook.snapshots import outbox_folder, published
from tests.exporters.cep.pushing import LOYAL, make_shop, person
from tests.matchbook.kept_audiences.nights import FIRST, SHOP

TEALIUM = "tealium"


def make(home: Path, received: str, partner_id: str = TEALIUM, **fields: Any) -> Settings:
    """The shop, whose audiences may go to `received`, with example settings of the partner."""
    shutil.copytree(Path(_many().name) / "home", home)
    settings = Settings(home=home, now=FIRST)
    shop = Client(client_id=SHOP, name="Shop", partners=(ClientPartner(partner_id=partner_id),))
    registry.replace(settings, Registry(clients=(shop,)), by="test")
    with_cookies(settings, partner_id=partner_id)
    profile = partner_channels.partner(partner_id).delivery
    values = {name: spec.example for name, spec in profile.parameters.items()}
    given = {"address": received, "overrides": {"values": values} if values else {}, **fields}
    partner_channels.add(settings, SHOP, partner_id, given, by="test")
    if profile.confirmation:
        partner_channels.confirm(settings, SHOP, partner_id, by="test")
    partner_channels.activate(settings, SHOP, partner_id, by="test")
    return settings


@cache
def _many() -> tempfile.TemporaryDirectory[str]:
    made = tempfile.TemporaryDirectory()
    make_shop(Path(made.name) / "home", [person(n) for n in range(120)])
    return made


def cookie(number: int) -> str:
    return f"cookie-{number:03}"


def with_cookies(
    settings: Settings, people: range = range(130), *, partner_id: str = TEALIUM
) -> None:
    """What a build leaves in the outbox of the partner."""
    publication = published(settings)
    assert publication is not None
    folder = outbox_folder(settings, publication) / SHOP
    folder.mkdir(parents=True, exist_ok=True)
    ids = {"partner_cookie_id": [cookie(n) for n in people],
           "crm_record_id": [f"r{n}" for n in people]}  # fmt: skip
    pq.write_table(pa.table(ids), folder / f"{partner_id}.parquet")
    gate = {**ids, "subject_type": ["visitor"] * len(people),
            "subject_id": [f"v{n}" for n in people]}  # fmt: skip
    pq.write_table(pa.table(gate), folder / f"{partner_id}.gate.parquet")


def ask(
    settings: Settings, *, key: str = "k", follows: bool = False, partner_id: str = TEALIUM,
    name: str = "Loyal",
) -> Push:  # fmt: skip
    return asking.push(settings, SHOP, LOYAL, partner_id, name=name, follows=follows, key=key,
                       by="test")  # fmt: skip


def pushed(settings: Settings, push: Push) -> Push:
    drain(settings, clock=Clock(settings.now))
    return outbox.get(settings, push.push_id)


def held(settings: Settings, partner_id: str = TEALIUM) -> set[str]:
    """What the partner holds by our books."""
    target = targets.find(settings, SHOP, LOYAL, partner_id)
    return set(partner_held.read(settings, target)["cookie_id"].to_pylist())


def rows(received: Path) -> list[list[str]]:
    """Of all of Tealium's files there, in their order."""
    files = sorted(received.glob("*.csv.gz"), key=lambda path: int(path.name.split("-")[1]))
    texts = [gzip.decompress(path.read_bytes()).decode() for path in files]
    return [line.split(",") for text in texts for line in text.splitlines()[1:]]


def applied(received: Path) -> set[str]:
    """Who is in the audience after all files, each taken once."""
    there: set[str] = set()
    for cookie_id, _, action in rows(received):
        there.add(cookie_id) if action == "add" else there.discard(cookie_id)
    return there
