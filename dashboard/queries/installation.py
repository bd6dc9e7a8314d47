"""The whole installation, client by client, for operators: how it does, and no row of anybody."""

from __future__ import annotations

import pandas as pd

from dashboard import identity
from matchbook.access import Action
from matchbook.instance import open_instance
from matchbook.reading import select
from matchbook.settings import Settings

CLIENTS = """
with landed as (
    select client_id, max(landed_at) as landed_at, sum(lines) as lines,
        sum(accepted) as accepted, sum(quarantined) as rejected
    from loads where client_id is not null group by client_id
),
sent as (
    select client_id, count(*) as files,
        count(*) filter (state in ('confirmed', 'sent')) as delivered,
        count(*) filter (state in ('rejected', 'unknown')) as failed,
        max(confirmed_at) as delivered_at
    from deliveries where build_id = (
        select build_id from builds order by published_at desc limit 1)
    group by client_id
)
select client_id, landed_at, lines, accepted, rejected, files, delivered, failed, delivered_at
from sent full join landed using (client_id) order by client_id
"""
LOADS = """
select source, count(*) as files, sum(lines) as lines, sum(accepted) as accepted,
    sum(untracked) as untracked, sum(quarantined) as rejected, sum(duplicate) as repeated,
    sum(not_ours) as not_ours, max(landed_at) as landed_at,
    sum(lines - accepted - untracked - quarantined - duplicate - not_ours) as unaccounted
from loads where landed_at > (select max(landed_at) from loads) - interval 7 day
group by source order by source
"""
BUILDS = "select build_id, as_of, published_at, clients from builds order by published_at desc"
TROUBLE = """
select client_id, partner_id, as_of, state, attempts, reason from deliveries
where state in ('rejected', 'unknown') order by as_of desc, client_id, partner_id limit 50
"""


def clients(settings: Settings) -> pd.DataFrame:
    """Per client: its files that landed, and those of the newest build that were delivered."""
    return _ask(settings, CLIENTS)


def loads(settings: Settings) -> pd.DataFrame:
    """Per kind of file: the lines of the last week, each accounted for."""
    return _ask(settings, LOADS)


def builds(settings: Settings) -> pd.DataFrame:
    """The builds that are published still, the newest first."""
    return _ask(settings, BUILDS)


def trouble(settings: Settings) -> pd.DataFrame:
    """Nightly files that did not arrive, or may not have; the newest first."""
    return _ask(settings, TROUBLE)


def _ask(settings: Settings, sql: str) -> pd.DataFrame:
    identity.require(settings, None, Action.HEALTH)
    with open_instance(settings) as connection:
        return select(connection, sql).df()
