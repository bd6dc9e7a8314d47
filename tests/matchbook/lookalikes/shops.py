"""A published shop whose gardeners come to one section, and buy more often than others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from matchbook.audiences import Definition, of
from matchbook.clock import utc_naive
from matchbook.settings import Settings
from matchbook.snapshots import current
from matchbook.warehouse import open_file
from tests.matchbook.kept_audiences.nights import FIRST, SHOP, Person, publish_night

PEOPLE = 1_500
SECTIONS = ("garden", "kitchen", "sale", "lamps")
GARDENERS = 0.25
DAYS = 40


def open_shop(settings: Settings, night: int = 0, people: int = PEOPLE) -> Settings:
    """Publish a night. Who gardens is drawn, the same every night; so is what they do each day.

    `sale` is visited by anybody, by pure chance: who has been there is like everybody else.
    """
    crowd = [Person(key, f"r{key}", "loyal", contact=key if key % 2 else None)
             for key in range(1, people + 1)]  # fmt: skip
    shop = publish_night(settings, night, crowd)
    rows = _actions(people, night)
    with open_file(current(shop, SHOP).path, read_only=False) as connection:
        connection.register("rows", rows)
        connection.execute("delete from visitor_actions")
        connection.execute("insert into visitor_actions by name from rows")
    return shop


def did(what: str, **where: str) -> dict[str, Any]:
    """The condition of having done something lately."""
    action = {"what": what, **{name: {"value": value} for name, value in where.items()}}
    return {"kind": "did", "action": action, "days": 60}


def audience(name: str, enter: dict[str, Any]) -> Definition:
    return of(name=name, enter=enter)


BUYERS = audience("buyers", did("event", event="buy"))
ON_SALE = audience("on sale", did("visited", section="sale"))
DRAWN = audience("drawn", {"kind": "in_share", "percent": 20, "salt": "any"})


def _actions(people: int, night: int) -> pa.Table:
    parts = [_day(people, day) for day in range(night - DAYS, night)]
    return pa.concat_tables(parts)


def _day(people: int, day: int) -> pa.Table:
    chance = np.random.default_rng(1_000 + day)
    gardens = np.random.default_rng(1).random(people) < GARDENERS
    comes = chance.random(people) < 0.15
    section = np.where(gardens & (chance.random(people) < 0.7), 0, chance.choice([1, 3], people))
    on_sale = chance.random(people) < 0.008
    buys = comes & (chance.random(people) < np.where(gardens, 0.09, 0.015))
    keys = np.arange(1, people + 1)
    seen = utc_naive(FIRST) + timedelta(days=day - 1, hours=9)
    return pa.concat_tables(
        _rows(keys[who], kind, sections, seen)
        for who, kind, sections in (
            (comes, "page_view", np.array(SECTIONS)[section[comes]]),
            (on_sale, "page_view", np.full(on_sale.sum(), "sale")),
            (buys, "event", np.full(buys.sum(), "")),
        )
    )


def _rows(keys: Any, kind: str, sections: Any, seen: Any) -> pa.Table:
    same = {
        "client_id": SHOP, "site_id": "home", "hit_type": kind, "message_id": "",
        "event_name": "buy" if kind == "event" else "", "hits": 1, "first_hit_at": seen,
        "last_hit_at": seen, "hit_date": seen.date(),
    }  # fmt: skip
    columns = {name: pa.array([value] * len(keys)) for name, value in same.items()}
    return pa.table({"visitor_key": keys, "section": sections.astype(str), **columns})
