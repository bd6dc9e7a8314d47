"""Lands what waits in a home's inbox, as a night does, and tells what became of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ingest.inbox import land_inbox
from matchbook.keys import Keys
from matchbook.registry import Registry
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse

Outcomes = Counter[tuple[str, str | None]]


def landed(
    settings: Settings, registry: Registry, keys: Keys
) -> tuple[Outcomes, list[dict[str, Any]]]:
    """How many lines had which outcome and reason, and the hits without ids and moments."""
    for path in list((settings.inbox / "pixels").iterdir()):
        if not path.name.endswith((".done", ".part")):
            path.with_name(path.name + ".done").touch()
    with open_warehouse(settings) as connection:
        land_inbox(connection, settings, registry=registry, keys=keys, progress=lambda _: None)
        counted = connection.execute(
            "select outcome, reason, sum(lines)::bigint from raw.line_outcomes group by all"
        ).fetchall()
        hits = connection.sql(
            "select * exclude (load_seq, line_number, hit_id, hit_at, hit_date) from raw.hits"
        ).to_arrow_table()
    return Counter(
        {(outcome, reason): lines for outcome, reason, lines in counted}
    ), hits.to_pylist()
