"""Whose call it is: site, partner code, publisher and host looked up in the registry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from matchbook.clock import utc_naive
from matchbook.partners import load_partners
from matchbook.registry import Approval, Declaration, Registry

_TIME = pa.timestamp("us")
_TABLES: dict[str, dict[str, pa.DataType]] = {
    "known_sites": {
        "site": pa.string(),
        "site_id": pa.string(),
        "client_id": pa.string(),
        "declared_at": _TIME,
    },
    "known_codes": {"code": pa.string(), "partner_id": pa.string(), "client_id": pa.string()},
    "known_forms": {"client_id": pa.string(), "partner_id": pa.string()},
    "known_hosts": {"host": pa.string(), "client_id": pa.string()},
    "known_publishers": {"publisher_id": pa.string(), "declared_at": _TIME},
    "known_clients": {"client_id": pa.string(), "click_at": _TIME, "read_at": _TIME},
}


def make_registry_tables(connection: duckdb.DuckDBPyConnection, registry: Registry) -> None:
    """Put what attribution needs of the registry into temporary tables."""
    rows = {
        "known_sites": _sites(registry),
        "known_codes": _codes(registry),
        "known_forms": [
            (client.client_id, partner.partner_id)
            for client in registry.clients
            for partner in client.partners
            if partner.agreed and partner.agreed.cookie_pattern
        ],
        "known_hosts": [
            (host, client.client_id)
            for client in registry.clients
            for host in client.collector_hosts
        ],
        "known_publishers": [
            (p.publisher_id, _since(p.consent_declaration)) for p in registry.publishers
        ],
        "known_clients": [
            (
                c.client_id,
                _since(c.dmp_matching_link_click),
                _since(c.dmp_matching_read_message_online),
            )
            for c in registry.clients
        ],
    }
    for name, columns in _TABLES.items():
        temp_table(connection, name, columns, rows[name])


def temp_table(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: dict[str, pa.DataType],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Make or replace a temporary table from Python rows."""
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    table = pa.table(
        [pa.array(column, kind) for column, kind in zip(values, columns.values(), strict=True)],
        names=list(columns),
    )
    connection.register("python_rows", table)
    connection.execute(f"create or replace temp table {name} as from python_rows")
    connection.unregister("python_rows")


ATTRIBUTED_KINDS = """
select * exclude (reason, registry_reason, is_switched_on, is_declared, is_signed,
        identifier_fault, cookie_fault, is_other_form, agreed_by, has_agreed),
    case when hit_type is null or reason is not null then reason
        when registry_reason is not null then registry_reason
        when client_id is null and hit_type not in ('bake', 'withdraw') then 'unknown_client'
        when identifier_fault is not null then identifier_fault
        when hit_type in ('click', 'read') and decision is null and not is_signed
            then 'bad_signature'
        when hit_type <> 'sync' then null
        when not has_agreed or cookie_fault <> 'bad_cookie_id' then cookie_fault
        when not coalesce(contains(agreed_by, '|' || client_id || '|'), false)
            then 'bad_cookie_id' end as reason,
    coalesce(is_switched_on, false) as is_switched_on,
    coalesce(case when hit_type in ('click', 'read') then is_switched_on
        else is_declared end, false) as is_declared,
    coalesce(hit_type = 'sync' and is_other_form and not has_agreed, false) as has_format_warning
from (
    select called.*, f.client_id is not null as has_agreed
    from (
    select c.*, s.site_id, p.partner_id,
        case when c.hit_type in ('click', 'read') then k.client_id
            when c.hit_type <> 'bake' then coalesce(s.client_id, p.client_id, h.client_id)
            end as client_id,
        case when c.site is not null and s.site_id is null then 'unknown_site'
            when c.hit_type = 'bake' and b.publisher_id is null then 'unknown_publisher'
            when c.hit_type = 'sync' and p.partner_id is null then 'unknown_partner'
            when s.client_id <> p.client_id then 'client_conflict' end as registry_reason,
        case c.hit_type when 'click' then c.hit_at >= k.click_at
            when 'read' then c.hit_at >= k.read_at end as is_switched_on,
        c.hit_at >= case when c.hit_type = 'bake' then b.declared_at
            else s.declared_at end as is_declared
    from round_kinds as c
    left join known_sites as s on s.site = c.site
    left join known_codes as p on p.code = c.partner and c.hit_type = 'sync'
    left join known_hosts as h on h.host = c.host
    left join known_publishers as b on b.publisher_id = c.publisher
    left join known_clients as k on k.client_id = c.client
    ) as called
    left join known_forms as f
        on f.client_id = called.client_id and f.partner_id = called.partner_id
)
"""


def _sites(registry: Registry) -> list[tuple[Any, ...]]:
    places = {
        site.site_id: (site.site_id, site.client_id, _since(site.consent_declaration))
        for site in registry.sites
    }
    # An id wins over another site's name.
    by_name = {site.name: places[site.site_id] for site in registry.sites}
    return [(text, *place) for text, place in (by_name | places).items()]


def _codes(registry: Registry) -> list[tuple[Any, ...]]:
    own = [
        (code, partner.partner_id, client.client_id)
        for client in registry.clients
        for partner in client.partners
        for code in partner.codes
    ]
    return [(partner.partner_id, partner.partner_id, None) for partner in load_partners()] + own


def moments(connection: duckdb.DuckDBPyConnection) -> list[datetime]:
    """From when on the registry's declarations and approvals are in force."""
    rows = connection.execute(
        "select declared_at from known_sites union select declared_at from known_publishers "
        "union select click_at from known_clients union select read_at from known_clients"
    ).fetchall()
    return [moment for (moment,) in rows if moment is not None]


def _since(word: Declaration | Approval | None) -> datetime | None:
    """From when on a declaration or an approval is in force."""
    if word is None:
        return None
    moment = word.declared_at if isinstance(word, Declaration) else word.approved_at
    return utc_naive(moment) if moment.tzinfo else moment
