"""The mirror: what models need of the registry, the partners and state, copied into `raw`.

SQL never opens the state database. The copy is replaced in one transaction before each
build, so a build sees one moment of all of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from matchbook import decisions, deliveries, registry, state, suppressions
from matchbook.blocked_values import blocked_keys
from matchbook.erasure import requests
from matchbook.errors import ConfigError
from matchbook.failpoints import failpoint
from matchbook.keys import load_keys
from matchbook.partners import load_partners
from matchbook.registry import Registry
from matchbook.settings import Settings

Rows = list[tuple[Any, ...]]
Held = list[tuple[str, str, int, Path]]


def mirror(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Replace the mirrored tables of `raw`. Raises ConfigError if a holdings file is missing."""
    tables = _registry_rows(registry.current(settings)) | {
        "partners": [(p.partner_id, p.name, p.position) for p in load_partners()],
        "suppressions": _suppressions(settings),
        "match_decisions": _decisions(settings),
        "blocked_keys": blocked_keys(load_keys(settings.keys)),
        "deliveries": _confirmed_deliveries(settings),
    }
    held = deliveries.held_before(settings, _newest_load(connection))
    connection.execute("begin")
    try:
        for name, rows in tables.items():
            _replace(connection, name, rows)
        _replace_holdings(connection, settings, held)
        failpoint("mirror.before_commit")
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def _newest_load(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("select coalesce(max(load_seq), 0) from raw.loads").fetchone()
    return int(row[0]) if row else 0


def _registry_rows(document: Registry) -> dict[str, Rows]:
    return {
        "clients": [
            (c.client_id, c.name, c.time_zone, c.confidence_threshold, c.evidence_days)
            for c in document.clients
        ],
        "sites": [(s.site_id, s.client_id, s.name) for s in document.sites],
        "publishers": [
            (p.publisher_id, p.name, client_id)
            for p in document.publishers
            for client_id in p.client_ids
        ],
        "lists": [(x.list_id, x.client_id, x.name, x.upload_every) for x in document.lists],
        "client_partners": [
            (c.client_id, partner.partner_id) for c in document.clients for partner in c.partners
        ],
    }


def _suppressions(settings: Settings) -> Rows:
    """Of those who are being erased, or are, nothing is left but that it was asked for."""
    gone = requests.being_erased(settings)
    held: Rows = [
        (s.client_id, s.subject_type, s.subject_id, s.suppressed_at)
        for s in suppressions.all_rows(settings)
        if (s.client_id, s.subject_type, s.subject_id) not in gone
    ]
    return held + [
        (client_id, "erasure", str(number), asked_at)
        for client_id, number, asked_at in requests.moments(settings)
    ]


def _decisions(settings: Settings) -> Rows:
    """Of two words of one moment on one pair the later one."""
    words = {
        (d.client_id, d.visitor_key, d.crm_record_id, d.decided_at): d
        for d in decisions.all_rows(settings)
    }
    return [
        (d.client_id, d.visitor_key, d.crm_record_id, d.decision, d.decided_by, d.decided_at)
        for d in words.values()
    ]


def _confirmed_deliveries(settings: Settings) -> Rows:
    names = ("client_id", "partner_id", "build_id", "load_seq", "rows_added", "rows_seen",
             "rows_removed", "confirmed_at")  # fmt: skip
    table = state.deliveries.c
    query = sa.select(*(table[name] for name in names)).where(deliveries.is_taken())
    return _state_rows(settings, query.order_by(table.load_seq, table.client_id, table.partner_id))


def _state_rows(settings: Settings, query: sa.Select[Any]) -> Rows:
    with state.begin(settings) as connection:
        return [tuple(row) for row in connection.execute(query)]


def _replace(connection: duckdb.DuckDBPyConnection, name: str, rows: Rows) -> None:
    connection.execute(f"delete from raw.{name}")
    if not rows:
        return
    columns = [pa.array(values) for values in zip(*rows, strict=True)]
    table = pa.Table.from_arrays(columns, names=[f"c{i}" for i in range(len(columns))])
    connection.register("mirrored", table)
    connection.execute(f"insert into raw.{name} select * from mirrored")
    connection.unregister("mirrored")


def _replace_holdings(
    connection: duckdb.DuckDBPyConnection, settings: Settings, held: Held
) -> None:
    """Load the versions that changed; the others are large and stand already."""
    mirrored = set(
        connection.execute(
            "select distinct client_id, partner_id, version from raw.holdings"
        ).fetchall()
    )
    wanted = {(client, partner, version) for client, partner, version, _ in held}
    for key in sorted(mirrored - wanted):
        connection.execute(
            "delete from raw.holdings where client_id = ? and partner_id = ? and version = ?",
            list(key),
        )
    for client, partner, version, path in held:
        if (client, partner, version) not in mirrored:
            if not path.exists():
                raise ConfigError(
                    f"The record of what {partner} holds for {client} is missing.",
                    kept="The warehouse was not changed.",
                    todo=f"Restore {path.relative_to(settings.home)} from your backup.",
                )
            connection.execute(
                "insert into raw.holdings by name "
                "select ? as client_id, ? as partner_id, ? as version, * from read_parquet(?)",
                [client, partner, version, str(path)],
            )
