"""A small world to erase people from, landed by the ingest that always lands.

Anna has two records under one e-mail address and shares a telephone with Bob. Browser 1 is
Anna's, 2 is Bob's, 3 is both's; by e-mail she was recognised in browser 4, which is 5 since our
cookie was cleared. Acme and Beta both read
the publisher at which Anna signed in with browser 1.
"""

from __future__ import annotations

import atexit
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

from ingest.crm_uploads import CrmLoadResult, land_crm_file
from ingest.landing import LoadResult
from ingest.pixel_logs import land_pixel_log
from matchbook import registry as registries
from matchbook.identifiers import identifier_key
from matchbook.keys import Keys, load_keys
from matchbook.registry import Client, ClientPartner, CrmList, Publisher, Registry, Site
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse
from tests.conftest import NOW
from tests.pixel_desk import segment
from tests.pixel_lines import APPROVED, DECLARED, visitor

PARTNERS = (ClientPartner(partner_id="snowplow"), ClientPartner(partner_id="piano"))

REGISTRY = Registry(
    clients=(
        Client(client_id="acme", name="Acme", collector_hosts=("px.acme.example",),
               partners=PARTNERS, dmp_matching_link_click=APPROVED),
        Client(client_id="beta", name="Beta"),
    ),
    lists=(CrmList(list_id="news", client_id="acme", name="News"),),
    sites=(Site(site_id="shop", client_id="acme", name="Shop", consent_declaration=DECLARED),),
    publishers=(
        Publisher(publisher_id="daily", name="Daily", client_ids=("acme", "beta"),
                  consent_declaration=DECLARED),
    ),
)  # fmt: skip

ANNA, ANNA_TOO, BOB = "AN-4711", "AN-4712", "BO-0815"
CONTACT, BOBS_CONTACT = 990011223344, 990011223355
COOKIES = {n: f"0{n}df4d09-1759-40ac-a8bb-325c49733607" for n in (1, 2, 3, 4)}
"""Snowplow's, by browser."""


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


UPLOAD = (
    "crm_record_id,email_sha256,phone_sha256,cep_contact_id,tier\n"
    f"{ANNA},{sha256('anna')},{sha256('home')},{CONTACT},gold\n"
    f"{ANNA_TOO},{sha256('anna')},,,silver\n"
    f"{BOB},{sha256('bob')},{sha256('home')},{BOBS_CONTACT},bronze\n"
)


class World:
    """Lands uploads and calls in a home."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.keys: Keys = load_keys(settings.keys)
        self._numbers = count(1)

    def key(self, kind: str, text: str) -> str:
        return identifier_key(self.keys, kind, sha256(text))

    def upload(self, text: str, mode: str = "opt-in") -> CrmLoadResult:
        path = self.settings.home / f"{next(self._numbers)}.csv"
        path.write_text(text)
        with open_warehouse(self.settings) as connection:
            result = land_crm_file(
                connection, self.settings, path, list_id="news", mode=mode, registry=REGISTRY,
                keys=self.keys, confirm_shrink=True,
            )  # fmt: skip
        path.unlink()
        return result

    def log(self, *calls: dict[str, object]) -> LoadResult:
        path = self.settings.home / f"{next(self._numbers)}.jsonl"
        lines = [
            segment(hit_id=f"{next(self._numbers) + (1 << 127):032x}", **call) for call in calls
        ]
        path.write_text("".join(f"{line}\n" for line in lines))
        with open_warehouse(self.settings) as connection:
            result = land_pixel_log(
                connection, self.settings, path, registry=REGISTRY, keys=self.keys
            )
        path.unlink()
        return result

    def sync(self, browser: int) -> dict[str, object]:
        return {"visitor": visitor(browser), "cookieid": COOKIES[4 if browser == 5 else browser]}

    def sign_in(self, browser: int, person: str, kind: str = "email") -> dict[str, object]:
        return {"type": "identify", "visitor": visitor(browser)} | self._named(person, kind)

    def bake(self, browser: int, person: str) -> dict[str, object]:
        own = {"type": "bake", "visitor": visitor(browser), "publisher": "daily", "site": ""}
        return own | self._named(person, "email")

    def click(self, browser: int, contact: int) -> dict[str, object]:
        return {"type": "click", "visitor": visitor(browser), "client": "acme", "site": "",
                "contact": str(contact), "message": "m1"}  # fmt: skip

    def _named(self, person: str, kind: str) -> dict[str, object]:
        one = {"type": kind, "key": self.key(kind, person), "key_version": 1}
        return {"identifiers": [one], "partner": None, "cookieid": None}


def make(settings: Settings) -> World:
    """The world as the docstring tells it, in an empty home; made once for all tests."""
    shutil.copytree(_made(), settings.home, dirs_exist_ok=True)
    return World(settings)


@cache
def _made() -> Path:
    home = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, home)
    settings = Settings(home=home, now=NOW)
    registries.replace(settings, REGISTRY, by="a test")
    world = World(settings)
    world.upload(UPLOAD)
    world.log(
        *(world.sync(browser) for browser in (1, 2, 3, 4, 5)),
        world.sign_in(1, "anna"), world.bake(1, "anna"), world.sign_in(2, "bob"),
        world.sign_in(3, "anna"), world.sign_in(3, "bob"), world.click(4, CONTACT),
    )  # fmt: skip
    return home


@contextmanager
def lake(settings: Settings) -> Iterator[dict[str, list[dict[str, object]]]]:
    """All rows of the lake by table."""
    from ingest.erasing.lake import open_lake
    from ingest.landing import ROW_TABLES

    with open_lake(settings, REGISTRY) as connection:
        yield {
            name: connection.table(f"lake_{name}").to_arrow_table().to_pylist()
            for name in ROW_TABLES
        }
