"""Small worlds of hits and people, as Python values and as the tables a snapshot has."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa

from matchbook.audiences.sampling import SAMPLE_BELOW

AS_OF = datetime(2026, 11, 18, 3, 10)
TIME_ZONE = "Europe/Amsterdam"

COUNTED = {
    "page_views": "page_view",
    "events": "event",
    "clicks": "click",
    "reads": "read",
    "identifies": "identify",
}


LOOKS = ("device_type", "browser", "operating_system", "referrer_host")

KEY, TEXT, FLAG, MOMENT = pa.int64(), pa.string(), pa.bool_(), pa.timestamp("us")
WIDE = [
    *((name, MOMENT) for name in ("first_seen_at", "last_seen_at")),
    *((name, KEY) for name in ("days_active", "hits", *COUNTED)),
]
SCHEMAS = {
    "visitor_hits": [
        ("visitor_key", KEY),
        ("hit_at", MOMENT),
        ("hit_date", pa.date32()),
        *(
            (name, TEXT)
            for name in ("hit_type", "site_id", "section", "page_path", "event_name", "message_id")
        ),
    ],
    "members": [("visitor_key", KEY), ("member_key", KEY)],
    "visitors": [
        ("visitor_key", KEY),
        ("member_key", KEY),
        *((f"last_{name}", TEXT) for name in LOOKS),
        *WIDE,
    ],
    "people": [
        ("member_key", KEY),
        ("crm_record_id", TEXT),
        ("has_cep_contact", FLAG),
        ("is_cep_reachable", FLAG),
        ("is_suppressed", FLAG),
        ("uploaded_at", MOMENT),
        ("is_matched", FLAG),
        *WIDE,
    ],
    "cep_contacts": [("visitor_key", KEY), ("cep_contact_id", KEY), ("is_reachable", FLAG)],
    "people_attributes": [
        ("member_key", KEY),
        ("attribute", TEXT),
        ("value", TEXT),
        ("value_number", pa.float64()),
        ("value_date", pa.date32()),
        ("value_boolean", FLAG),
    ],
    "people_partners": [("member_key", KEY), ("partner_id", TEXT), ("last_seen_at", MOMENT)],
    "audience_lists": [("list_id", TEXT), ("crm_record_id", TEXT)],
    "audience_members": [("audience_id", TEXT), ("member_key", KEY)],
}


@dataclass(frozen=True)
class Hit:
    """One call of a browser."""

    visitor_key: int
    hit_at: datetime
    hit_type: str
    site_id: str | None = None
    section: str | None = None
    page_path: str | None = None
    event_name: str | None = None
    message_id: str | None = None

    @property
    def hit_date(self) -> date:
        return self.hit_at.date()


@dataclass(frozen=True)
class Browser:
    """A visitor id of somebody."""

    visitor_key: int
    member_key: int
    device_type: str | None = None
    browser: str | None = None
    operating_system: str | None = None
    referrer_host: str | None = None
    contact: int | None = None
    """The CEP contact that was recognised in it; reachable when it is even."""


@dataclass(frozen=True)
class Person:
    """A member; `attributes` are (name, value) with the value of its type."""

    member_key: int
    crm_record_id: str | None = None
    has_cep_contact: bool = False
    is_cep_reachable: bool = False
    is_suppressed: bool = False
    uploaded_at: datetime | None = None
    attributes: tuple[tuple[str, str | float | date | bool], ...] = ()
    partners: tuple[tuple[str, datetime], ...] = ()
    lists: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stage:
    """Everybody and everything. Each browser has a person and at least one hit."""

    people: tuple[Person, ...]
    browsers: tuple[Browser, ...]
    hits: tuple[Hit, ...]
    kept: tuple[tuple[str, int], ...] = ()
    """(audience, member key) of earlier refreshes."""

    def hits_of(self, keys: set[int]) -> list[Hit]:
        return [hit for hit in self.hits if hit.visitor_key in keys]

    def browsers_of(self, member_key: int) -> set[int]:
        return {b.visitor_key for b in self.browsers if b.member_key == member_key}


def totals(hits: list[Hit]) -> dict[str, Any]:
    """The sums of a wide row."""
    kinds = Counter(hit.hit_type for hit in hits)
    return {
        "first_seen_at": min((hit.hit_at for hit in hits), default=None),
        "last_seen_at": max((hit.hit_at for hit in hits), default=None),
        "days_active": len({hit.hit_date for hit in hits}),
        "hits": len(hits),
        **{name: kinds[kind] for name, kind in COUNTED.items()},
    }


def connect(stage: Stage) -> duckdb.DuckDBPyConnection:
    """A connection with the stage as a snapshot's tables."""
    connection = duckdb.connect()
    for name, rows in _tables(stage).items():
        connection.register(name, pa.Table.from_pylist(rows, schema=pa.schema(SCHEMAS[name])))
    connection.execute(
        "create view visitor_actions as select visitor_key, hit_date, hit_type,"
        " coalesce(site_id, '') site_id, coalesce(section, '') section,"
        " coalesce(event_name, '') event_name, coalesce(message_id, '') message_id,"
        " count(*) hits, min(hit_at) first_hit_at, max(hit_at) last_hit_at"
        " from visitor_hits group by all"
    )
    connection.execute(
        "create view sampled_hits as from visitor_hits where visitor_key in"
        f" (select visitor_key from members where member_key < {SAMPLE_BELOW})"
    )
    return connection


def _tables(stage: Stage) -> dict[str, list[dict[str, Any]]]:
    owner = {b.visitor_key: b.member_key for b in stage.browsers}
    return {
        "visitor_hits": [{**asdict(hit), "hit_date": hit.hit_date} for hit in stage.hits],
        "members": [{"visitor_key": v, "member_key": m} for v, m in owner.items()],
        "cep_contacts": [
            {
                "visitor_key": b.visitor_key,
                "cep_contact_id": b.contact,
                "is_reachable": b.contact % 2 == 0,
            }
            for b in stage.browsers
            if b.contact is not None
        ],
        "visitors": [_browser_row(stage, browser) for browser in stage.browsers],
        "people": [_person_row(stage, person) for person in stage.people],
        "people_attributes": [
            _attribute_row(p.member_key, *attribute)
            for p in stage.people
            for attribute in p.attributes
        ],
        "people_partners": [
            {"member_key": p.member_key, "partner_id": partner, "last_seen_at": seen_at}
            for p in stage.people
            for partner, seen_at in p.partners
        ],
        "audience_lists": [
            {"list_id": name, "crm_record_id": p.crm_record_id}
            for p in stage.people
            for name in p.lists
        ],
        "audience_members": [{"audience_id": a, "member_key": m} for a, m in stage.kept],
    }


def _browser_row(stage: Stage, browser: Browser) -> dict[str, Any]:
    row = asdict(browser)
    del row["contact"]
    last = {f"last_{name}": row.pop(name) for name in LOOKS}
    return {**row, **last, **totals(stage.hits_of({browser.visitor_key}))}


def _person_row(stage: Stage, person: Person) -> dict[str, Any]:
    row = {name: getattr(person, name) for name, _ in SCHEMAS["people"][:6]}
    sums = totals(stage.hits_of(stage.browsers_of(person.member_key)))
    return {**row, "is_matched": person.crm_record_id is not None, **sums}


def _attribute_row(member_key: int, name: str, value: object) -> dict[str, Any]:
    kind = {bool: "value_boolean", float: "value_number", date: "value_date"}.get(type(value))
    row = {"member_key": member_key, "attribute": name, "value": str(value)}
    return {**row, kind: value} if kind else row
