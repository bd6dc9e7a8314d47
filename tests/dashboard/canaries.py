"""Two clients of a real home, each with words of its own in everything that pages read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dashboard import downloads, identity
from matchbook import audit, jobs, partner_channels, registry, storage, team
from matchbook.access import Role
from matchbook.audiences import of
from matchbook.erasure import people, requests
from matchbook.kept_audiences import lists, refreshing, store
from matchbook.keys import load_keys
from matchbook.settings import Settings
from tests.signing_in import claims

EVERYBODY = {"kind": "total", "of": "hits", "at_least": 1}
PAGES = {
    "": ("",),
    "match-rates": ("Rates", "Where we lose records", "Match lookup"),
    "partners": ("Your partners", "Set up a partner"),
    "crm-uploads": ("Upload", "History", "Records", "Storage locations"),
    "pixels": ("Your pixels", "New pixel", "Check a page"),
    "audiences": ("Your audiences", "Overlap", "Uploaded lists", "Archived"),
    "lookalikes": ("Your lookalikes", "Archived"),
    "pushes": ("",),
    "nightly-files": ("",),
    "data-quality": (
        "Lines",
        "Rejected lines",
        "Loads",
        "Anomalies",
        "Tests and lineage",
        "Run times",
    ),
    "integrations": ("",),
    "team": ("",),
    "privacy": ("",),
    "audit": ("",),
}
"""Every page, and its tabs."""


@dataclass(frozen=True)
class Side:
    """One client, the person who works for it, and what nobody else may read."""

    client_id: str
    name: str
    manager: str
    word: str
    records: str

    @property
    def canaries(self) -> tuple[str, ...]:
        """In small letters; all that is the client's holds one of them."""
        return self.client_id, self.name.lower(), self.word, self.records


OURS = Side("oakandlinen", "Oak & Linen", "anna@oak.example", "quagga", "ol-0")
THEIRS = Side("farwater", "Farwater Travel", "fay@far.example", "zebrafish", "fw-0")


def seed(settings: Settings, side: Side) -> str:
    """Something of every kind that people and the night write; the id of an audience."""
    client_id, word = side.client_id, side.word
    team.put(settings, side.manager, client_id, Role.MANAGER, by=f"{word} team")
    made = store.create(settings, client_id, of(name=f"All {word}", enter=EVERYBODY), by=word)
    kept = of(name=f"Kept {word}", enter=EVERYBODY)
    store.archive(settings, client_id, store.create(settings, client_id, kept, by=word).audience_id)
    _list(settings, side)
    fields = {"location_id": word, "url": f"file:///srv/{word}", "after": "delete"}
    storage.add(settings, client_id, fields, by=word)
    address = {"address": f"file:///srv/{word}/out", "cadence_hours": 24, "at_minute": 0}
    partner_id = registry_partner(settings, client_id)
    partner_channels.add(settings, client_id, partner_id, address, by=word)
    person = people.person(load_keys(settings.keys), record=f"{side.records}000001".upper())
    requests.ask(settings, "opt_out", client_id, [person], by=word)
    audit.record(settings, actor=word, client_id=client_id, action="x", subjects=1, about=word)
    job = jobs.enqueue(settings, "check_pixel", idempotency_key=word, client_id=client_id,
                       arguments={"url": f"https://{word}.example"})  # fmt: skip
    jobs.progress(settings, job, f"Looking at {word}")
    return made.audience_id


def refresh(settings: Settings) -> None:
    """Count the people of all audiences."""
    refreshing.refresh_all(settings)


def registry_partner(settings: Settings, client_id: str) -> str:
    """The first partner a client works with."""
    clients = registry.current(settings).clients
    return next(c for c in clients if c.client_id == client_id).partners[0].partner_id


def link(settings: Settings, side: Side) -> str:
    """A download as a page offers it to this client's manager."""
    with identity.asked_by(claims(side.manager)):
        return downloads.offer_csv(settings, side.client_id, "file", ["Word"], [[side.word]])


def places() -> Iterator[tuple[str, str]]:
    """Every page with each of its tabs."""
    for page, tabs in PAGES.items():
        yield from ((page, tab) for tab in tabs)


def _list(settings: Settings, side: Side) -> None:
    path = Path(settings.home) / f"{side.word}.csv"
    path.write_text(f"crm_record_id\r\n{side.records.upper()}000001\r\n")
    name = f"List {side.word}"
    lists.replace(settings, side.client_id, side.word, path, name=name, by=side.word)
    path.unlink()
