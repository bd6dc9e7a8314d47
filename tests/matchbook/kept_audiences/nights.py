"""Published builds of one small client, made by hand: just what audiences read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

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
        for p in people:
            browser = p.browser or p.key
            matched = p.record is not None
            connection.execute(
                "insert into people values (?, ?, ?, 1, 1, ?, 0, 0, 0, 0, 0, ?, ?, ?, ?, ?, ?, ?)",
                [SHOP, p.record, p.key, p.hits, matched, p.contact is not None,
                 p.contact is not None, p.is_suppressed, seen if matched else None, seen, seen],
            )  # fmt: skip
            connection.execute(
                "insert into members values (?, ?, ?, ?, ?)",
                [SHOP, p.record, browser, p.key, matched],
            )
            connection.execute(
                "insert into visitors values (?, ?, 'phone', 'Firefox', 'Android', null, ?, ?)",
                [browser, p.key, seen, seen],
            )
            connection.execute(
                "insert into visitor_actions values "
                "(?, 'home', 'sale', 'page_view', '', '', ?, ?, ?, ?, ?)",
                [SHOP, browser, p.hits, seen, seen, seen.date()],
            )
            if p.contact is not None:
                connection.execute(
                    "insert into cep_contacts values (?, ?, ?, false, true, ?)",
                    [SHOP, browser, p.contact, seen],
                )
            if p.cookie is not None:
                connection.execute(
                    "insert into people_partners values (?, 'tealium', ?, ?, false, ?)",
                    [SHOP, p.key, p.cookie, seen],
                )
            if p.segment is not None:
                connection.execute(
                    "insert into people_attributes values "
                    "(?, 'segment', 'text', ?, ?, null, null, null)",
                    [SHOP, p.segment, p.key],
                )
