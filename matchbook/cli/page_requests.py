"""Erasures that browsers asked for on the collector's opt-out page: withdrawals that say so.

A browser is no client's alone: whoever has it is asked, each by a request of its own.
"""

from __future__ import annotations

from collections import defaultdict

import duckdb

from matchbook import registry
from matchbook.consent import ERASE
from matchbook.erasure import requests
from matchbook.registry import Registry
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse

BY = "the browser, on the opt-out page"

_ASKED = (
    "select distinct visitor_id from raw.hits where hit_type = 'withdraw' and consent_basis = ?"
)
_KNOWN_TO = """
select distinct coalesce(publisher_id, client_id), visitor_id
from raw.hits semi join asked using (visitor_id)
where coalesce(publisher_id, client_id) is not null
"""


def ask_from_pages(settings: Settings) -> int:
    """Enter what has landed since; under the caller's run lock. How many requests there were."""
    with open_warehouse(settings) as connection:
        known = _known_to(connection, registry.current(settings))
    made = 0
    for client_id, visitors in known.items():
        people = [
            [("visitor", visitor)]
            for visitor in sorted(visitors)
            if not requests.naming(settings, client_id, [("visitor", visitor)])
        ]
        if people:
            made += len(requests.ask(settings, "erasure", client_id, people, by=BY))
    return made


def _known_to(connection: duckdb.DuckDBPyConnection, document: Registry) -> dict[str, set[str]]:
    """By client the browsers that asked and that it has hits of, publishers' log-ins included."""
    connection.execute(f"create or replace temp table asked as {_ASKED}", [ERASE])
    readers: dict[str, tuple[str, ...]] = {c.client_id: (c.client_id,) for c in document.clients}
    readers |= {one.publisher_id: one.client_ids for one in document.publishers}
    found = defaultdict[str, set[str]](set)
    for owner, visitor in connection.execute(_KNOWN_TO).fetchall():
        for client_id in readers.get(owner, ()):
            found[client_id].add(visitor)
    return found
