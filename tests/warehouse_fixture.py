"""A hand-made warehouse: the tables and artifacts that a green dbt build leaves."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse

AS_OF = datetime(2026, 11, 21, 3, 10, tzinfo=UTC)
CLIENTS = {"casa": ("tealium", "piano"), "fly": ("tealium",)}

MARTS: dict[str, str] = {
    "build": "build_id varchar, as_of timestamp, as_of_date date, load_seq bigint",
    "matches": "match_id varchar, client_id varchar, partner_id varchar, "
    "partner_cookie_id varchar, partner_cookie_key bigint, crm_record_id varchar",
    "visitors": "client_id varchar, visitor_key bigint, visitor_id varchar, hits bigint",
    "line_accounting": "client_id varchar, source varchar, lines bigint",
    "delivery_accounts": "client_id varchar, partner_id varchar, matched_pairs bigint",
    "visitor_hits": "client_id varchar, visitor_key bigint, load_seq bigint, "
    "line_number bigint, hit_type varchar, hit_at timestamp, hit_date date",
}
EXPORTS = {
    "exp_partner_pairs": "client_id varchar, partner_id varchar, partner_cookie_id varchar, "
    "crm_record_id varchar, last_seen_at timestamp, cookie_seen_load_seq bigint",
    "exp_partner_pair_gates": "client_id varchar, partner_id varchar, "
    "partner_cookie_id varchar, crm_record_id varchar, subject_type varchar, subject_id varchar",
}


@dataclass
class World:
    """What the next build will hold. Rows have the columns of the tables above."""

    load_seq: int = 1
    as_of: datetime = AS_OF
    clients: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(CLIENTS))
    hits: list[tuple[Any, ...]] = field(default_factory=list)
    pairs: list[tuple[Any, ...]] = field(default_factory=list)
    gates: list[tuple[Any, ...]] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=dict)
    which: str = "build"
    builds: int = 0

    @property
    def build_id(self) -> str:
        return f"{self.as_of:%Y%m%dT%H%M%SZ}-{self.load_seq}"

    def next_load(self, nights: int = 1) -> None:
        self.load_seq += 1
        self.as_of += timedelta(days=nights)

    def hit(self, client_id: str, visitor_key: int, days_ago: int = 0) -> None:
        """One hit of the newest load."""
        at = (self.as_of - timedelta(days=days_ago)).replace(tzinfo=None)
        line = len(self.hits) + 1
        self.hits.append((client_id, visitor_key, self.load_seq, line, "page_view", at, at.date()))

    def pair(self, client_id: str, partner_id: str, cookie: str, record: str) -> None:
        """A deliverable pair, seen in the newest load, carried by visitor `v-<cookie>`."""
        key = (client_id, partner_id, cookie, record)
        self.unpair(*key)
        self.pairs.append((*key, self.as_of.replace(tzinfo=None), self.load_seq))
        self.gates.append((*key, "visitor", f"v-{cookie}"))
        self.gates.append((*key, "record", record))

    def unpair(self, *key: str) -> None:
        self.pairs = [row for row in self.pairs if row[:4] != key]
        self.gates = [row for row in self.gates if row[:4] != key]


def small_world() -> World:
    """Two clients with a few hits and pairs."""
    world = World()
    for visitor in (30, 10, 20):
        world.hit("casa", visitor)
        world.hit("casa", visitor, days_ago=1)
    world.hit("fly", 77)
    world.pair("casa", "tealium", "t2", "r2")
    world.pair("casa", "tealium", "t1", "r1")
    world.pair("fly", "tealium", "t1", "f1")
    return world


def build(settings: Settings, world: World) -> None:
    """Do what `dbt build` does: write the tables and then the artifacts."""
    world.builds += 1
    with open_warehouse(settings) as connection:
        connection.execute("create schema if not exists marts")
        connection.execute("create schema if not exists exports")
        for table, columns in MARTS.items():
            connection.execute(f"create or replace table marts.{table} ({columns})")
        for table, columns in EXPORTS.items():
            connection.execute(f"create or replace table exports.{table} ({columns})")
        _fill(connection, world)
    _artifacts(settings, world)


def build_next(settings: Settings, world: World) -> None:
    """A night later, with one hit more."""
    world.next_load()
    world.hit("casa", 40)
    build(settings, world)


def _fill(connection: Any, world: World) -> None:
    at = world.as_of.replace(tzinfo=None)
    rows: dict[str, list[tuple[Any, ...]]] = {
        "marts.build": [(world.build_id, at, at.date() - timedelta(days=1), world.load_seq)],
        "marts.matches": [
            (f"m{number}", *row[:3], number, row[3]) for number, row in enumerate(world.pairs)
        ],
        "marts.visitors": [(c, k, f"{k:032x}", 1) for c, k in sorted({h[:2] for h in world.hits})],
        "marts.line_accounting": [(None, "pixel_log", 5), ("casa", "pixel_log", 7)],
        "marts.delivery_accounts": [
            (c, p, sum(row[:2] == (c, p) for row in world.pairs))
            for c, own in world.clients.items()
            for p in own
        ],
        "marts.visitor_hits": world.hits,
        "exports.exp_partner_pairs": world.pairs,
        "exports.exp_partner_pair_gates": world.gates,
        "raw.clients": [(c, c.title(), "UTC", 0.5, 90) for c in world.clients],
        "raw.sites": [(f"{c}-shop", c, f"{c} shop") for c in world.clients],
        "raw.partners": [("tealium", "Tealium", 1), ("piano", "Piano", 2)],
        "raw.client_partners": [(c, p) for c, own in world.clients.items() for p in own],
    }
    for table, values in rows.items():
        connection.execute(f"delete from {table}")
        if values:
            marks = ", ".join("?" * len(values[0]))
            connection.executemany(f"insert into {table} values ({marks})", values)


def _artifacts(settings: Settings, world: World) -> None:
    models = {f"model.matchbook.{table}": table for table in MARTS}
    test = "test.matchbook.unique_matches.1"
    nodes: dict[str, Any] = {
        node: {
            "resource_type": "model",
            "name": table,
            "schema": "marts",
            "config": {"materialized": "table"},
            "description": f"One row per {table}.",
            "columns": {
                c.split()[0]: {
                    "name": c.split()[0],
                    "description": f"The {c.split()[0]}.",
                    "data_type": c.split()[1],
                }
                for c in MARTS[table].split(", ")
            },
        }
        for node, table in models.items()
    }
    nodes[test] = {"resource_type": "test", "name": "unique_matches", "config": {}}
    statuses = dict.fromkeys(models, "success") | {test: "pass"} | world.statuses
    results = {
        "metadata": {
            "invocation_id": f"invocation-{world.build_id}-{world.builds}",
            "generated_at": "2026-11-21T03:12:00.123456Z",
        },
        "args": {"which": world.which},
        "results": [{"unique_id": u, "status": s} for u, s in statuses.items() if s != "absent"],
    }
    settings.builds.mkdir(parents=True, exist_ok=True)
    (settings.builds / "manifest.json").write_text(json.dumps({"nodes": nodes}))
    (settings.builds / "run_results.json").write_text(json.dumps(results))
