"""Published builds of one small client, made by hand: just what audiences read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from matchbook import registry, snapshots
from matchbook.audiences import Definition, of
from matchbook.clock import utc_naive
from matchbook.files import write_whole
from matchbook.registry import Client, ClientPartner, Registry
from matchbook.settings import Settings
from matchbook.warehouse import open_file

SHOP = "shop"
FIRST = datetime(2026, 11, 17, 3, 10, tzinfo=UTC)

TABLES = """
create table clients as select 'shop' as client_id, 'Europe/Amsterdam' as time_zone;
create table partners (partner_id varchar, partner_name varchar, position integer);
insert into partners values ('tealium', 'Tealium', 1), ('piano', 'Piano', 2);
create table client_partners (client_id varchar, partner_id varchar);
insert into client_partners values ('shop', 'tealium'), ('shop', 'piano');
create table people (client_id varchar, crm_record_id varchar, member_key bigint, browsers bigint,
    days_active bigint, hits bigint, page_views bigint, events bigint, clicks bigint, reads bigint,
    identifies bigint, is_matched boolean, has_cep_contact boolean, is_cep_reachable boolean,
    is_suppressed boolean, uploaded_at timestamp, first_seen_at timestamp, last_seen_at timestamp);
create table members (client_id varchar, crm_record_id varchar, visitor_key bigint,
    member_key bigint, is_matched boolean);
create table visitors (visitor_key bigint, member_key bigint, last_device_type varchar,
    last_browser varchar, last_operating_system varchar, last_referrer_host varchar,
    first_seen_at timestamp, last_seen_at timestamp);
create table cep_contacts (client_id varchar, visitor_key bigint, cep_contact_id bigint,
    is_suppressed boolean, is_reachable boolean, last_seen_at timestamp);
create table people_attributes (client_id varchar, attribute varchar, attribute_type varchar,
    value varchar, member_key bigint, value_number double, value_boolean boolean, value_date date);
create table people_partners (client_id varchar, partner_id varchar, member_key bigint,
    partner_cookie_key bigint, is_hot boolean, last_seen_at timestamp);
create table visitor_actions (client_id varchar, site_id varchar, section varchar,
    hit_type varchar, event_name varchar, message_id varchar, visitor_key bigint, hits bigint,
    first_hit_at timestamp, last_hit_at timestamp, hit_date date);
"""


@dataclass(frozen=True)
class Person:
    """Somebody; an unmatched one has no record. `browser` defaults to the person's own key."""

    key: int
    record: str | None = None
    segment: str | None = None
    contact: int | None = None
    cookie: int | None = None
    """At Tealium, seen a day ago."""
    hits: int = 1
    is_suppressed: bool = False
    browser: int = 0


def crowd(keys: Iterable[int], segment: str, **more: object) -> list[Person]:
    """Matched people alike, each with a record of its own."""
    return [Person(key, f"r{key}", segment, **more) for key in keys]  # type: ignore[arg-type]


def in_segment(segment: str, name: str = "", **more: object) -> Definition:
    """People whose CRM record has a segment."""
    test = {"type": "text", "match": {"value": segment}}
    enter = {"kind": "attribute", "name": "segment", "test": test}
    return of(name=name or segment, **{"enter": enter, **more})


def busy(at_least: int) -> dict[str, object]:
    """The condition of having called so often."""
    return {"kind": "total", "of": "hits", "at_least": at_least}


def make_client(settings: Settings) -> Settings:
    """A home that knows the shop."""
    shop = Client(
        client_id=SHOP,
        name="Shop",
        time_zone="Europe/Amsterdam",
        partners=(ClientPartner(partner_id="tealium"), ClientPartner(partner_id="piano")),
    )
    registry.replace(settings, Registry(clients=(shop,)), by="test")
    return settings


def publish_night(settings: Settings, night: int, people: Iterable[Person]) -> Settings:
    """Publish a build with these people; settings with the clock of that night."""
    at = FIRST + timedelta(days=night)
    build_id = f"{at:%Y%m%dT%H%M%SZ}-{night + 1}"
    path = f"{SHOP}/{build_id}.duckdb"
    _write(settings, path, list(people), at)
    history = f"{SHOP}/{build_id}.history.json"
    columns = (("visitor_key", "bigint"),)
    listed = snapshots.HistoryList(columns=columns, files=())
    write_whole(settings.published / history, snapshots.to_json(listed))
    files = snapshots.ClientFiles(snapshot=path, history=history)
    publication = snapshots.Publication(
        build_id=build_id,
        as_of=at,
        as_of_date=at.date(),
        load_seq=night + 1,
        invocation_id=str(night),
        published_at=at,
        clients={SHOP: files},
        outbox=build_id,
    )
    write_whole(settings.published / snapshots.POINTER, snapshots.to_json(publication))
    return replace(settings, now=at)


def _write(settings: Settings, path: str, people: list[Person], at: datetime) -> None:
    target = settings.published / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    seen = utc_naive(at) - timedelta(days=1)
    with open_file(target, read_only=False) as connection:
        connection.execute(TABLES)
        for table, rows in _rows(people, seen).items():
            if rows:
                connection.register("rows", pa.Table.from_pylist(rows))
                connection.execute(f"insert into {table} by name from rows")
                connection.unregister("rows")


def _rows(people: list[Person], seen: datetime) -> dict[str, list[dict[str, object]]]:
    times = {"first_seen_at": seen, "last_seen_at": seen}
    browsers = {p.key: p.browser or p.key for p in people}
    return {
        "people": [_wide(p, seen) | times for p in people],
        "members": [
            {"visitor_key": browsers[p.key], "member_key": p.key, "crm_record_id": p.record}
            for p in people
        ],
        "visitors": [
            {"visitor_key": browsers[p.key], "member_key": p.key, "last_device_type": "phone",
             "last_browser": "Firefox", "last_operating_system": "Android", **times}
            for p in people
        ],
        "visitor_actions": [
            {"visitor_key": browsers[p.key], "site_id": "home", "section": "sale", "hits": p.hits,
             "hit_type": "page_view", "event_name": "", "message_id": "", "first_hit_at": seen,
             "last_hit_at": seen, "hit_date": seen.date()}
            for p in people
        ],
        "cep_contacts": [
            {"visitor_key": browsers[p.key], "cep_contact_id": p.contact, "is_suppressed": False,
             "is_reachable": True, "last_seen_at": seen}
            for p in people if p.contact is not None
        ],
        "people_partners": [
            {"partner_id": "tealium", "member_key": p.key, "partner_cookie_key": p.cookie,
             "is_hot": False, "last_seen_at": seen}
            for p in people if p.cookie is not None
        ],
        "people_attributes": [
            {"attribute": "segment", "attribute_type": "text", "value": p.segment,
             "member_key": p.key}
            for p in people if p.segment is not None
        ],
    }  # fmt: skip


def _wide(p: Person, seen: datetime) -> dict[str, object]:
    known, linked = p.record is not None, p.contact is not None
    counts = dict.fromkeys(("page_views", "events", "clicks", "reads", "identifies"), 0)
    flags = {"is_matched": known, "has_cep_contact": linked, "is_cep_reachable": linked}
    own = {"member_key": p.key, "crm_record_id": p.record, "is_suppressed": p.is_suppressed}
    once = {"browsers": 1, "days_active": 1, "hits": p.hits}
    return {**own, **counts, **flags, **once, "uploaded_at": seen if known else None}
