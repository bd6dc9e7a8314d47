"""A small shop with people, two nights and saved audiences: what the page Audiences shows."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from matchbook import snapshots
from matchbook.audiences import of
from matchbook.files import write_whole
from matchbook.kept_audiences import refreshing, store
from matchbook.settings import Settings
from matchbook.warehouse import open_file
from tests.matchbook.kept_audiences.nights import (
    FIRST,
    SHOP,
    Person,
    busy,
    crowd,
    in_segment,
    make_client,
    publish_night,
)

NOW = FIRST + timedelta(days=1)
EVERYBODY = {"kind": "total", "of": "hits", "at_least": 1}
HIT_COLUMNS = (
    ("hit_type", "varchar"), ("site_id", "varchar"), ("section", "varchar"),
    ("page_path", "varchar"), ("event_name", "varchar"), ("message_id", "varchar"),
    ("visitor_key", "bigint"), ("hit_at", "timestamp"), ("hit_date", "date"),
)  # fmt: skip

MORE_TABLES = """
create table sites as select 'shop' as client_id, 'home' as site_id, 'Shop <NL>' as site_name;
create table record_progress as
select client_id, crm_record_id, 'email, phone' as identifier_types from people where is_matched;
create table sampled_hits as select ''::varchar as hit_type, ''::varchar as site_id,
    ''::varchar as section, ''::varchar as page_path, ''::varchar as event_name,
    ''::varchar as message_id, 0::bigint as visitor_key, now()::timestamp as hit_at,
    current_date as hit_date where false;
"""


def people() -> list[Person]:
    """120 loyal ones with contacts, cookies and many calls; 81 new; 60 of whom nobody knows."""
    loyal = [
        Person(n, f"r{n}", "loyal", contact=5000 + n, cookie=9000 + n, hits=5)
        for n in range(1, 121)
    ]
    strangers = [Person(n, cookie=9000 + n) for n in range(301, 361)]
    busy_one = Person(281, "r281", "new", hits=5)
    new = [*crowd(range(201, 281), "new"), busy_one]
    return [*loyal, *new, *strangers, Person(999, is_suppressed=True)]


def make_home(settings: Settings) -> Settings:
    """Two nights, and four audiences that were refreshed in both."""
    make_client(settings)
    first = publish(settings, 0, people()[:-20])
    for definition in definitions():
        store.create(first, SHOP, of(**definition), by="Anna")
    refreshing.refresh_all(first)
    second = publish(first, 1, people())
    refreshing.refresh_all(second)
    return second


def definitions() -> list[dict[str, Any]]:
    """One that is plain, one that refers to it, one that is deep, one that keeps people."""
    loyal = json.loads(in_segment("loyal").model_dump_json())["enter"]
    deep = {"kind": "any", "of": [loyal, {"kind": "all", "of": [EVERYBODY, busy(2)]}]}
    return [
        {"name": "Loyal ones", "enter": loyal, "owner": "CRM team", "categories": ("Shop",),
         "description": "Who comes back."},
        {"name": "Everybody else", "enter": {"kind": "all", "of": [
            EVERYBODY, {"kind": "not", "of": {"kind": "in_audience", "audience": "loyal-ones"}}]}},
        {"name": "Nested", "enter": deep, "owner": "Ben"},
        {"name": "Kept", "enter": loyal, "leave": busy(100), "expires_after_days": 90,
         "holdout_percent": 10},
    ]  # fmt: skip


def publish(settings: Settings, night: int, crowd_of_night: list[Person]) -> Settings:
    """A night of the shop, with what the page reads besides what audiences read."""
    return add_what_pages_read(publish_night(settings, night, crowd_of_night))


def add_what_pages_read(made: Settings) -> Settings:
    """Give a published night the tables that no audience reads."""
    snapshot = snapshots.current(made, SHOP)
    with open_file(snapshot.path, read_only=False) as connection:
        connection.execute(MORE_TABLES)
    listed = snapshots.HistoryList(columns=HIT_COLUMNS, files=())
    write_whole(
        snapshot.path.with_name(f"{snapshot.build_id}.history.json"), snapshots.to_json(listed)
    )
    return made
