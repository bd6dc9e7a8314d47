"""What is held on a person, for the person: everything but keys, which would help nobody else.

Of a browser that others use too there is only what names this person.
"""

from __future__ import annotations

from typing import Any

import duckdb

from ingest.erasing.lake import open_lake
from ingest.erasing.tracing import trace
from matchbook.erasure.people import Person
from matchbook.keys import Keys
from matchbook.registry import Registry
from matchbook.settings import Settings

_TABLES = {
    "crm_rows": """
        select loads.landed_at, rows.list_id, rows.list_mode, rows.crm_record_id,
            rows.cep_contact_id
        from lake_crm_rows as rows inner join lake_loads as loads using (load_seq)
        where rows.client_id = $client and list_contains($record, rows.crm_record_id)
        order by all
    """,
    "identifiers": """
        select distinct rows.list_id, rows.crm_record_id, rows.identifier_type, rows.profile
        from lake_record_identifiers as rows
        where rows.client_id = $client and list_contains($record, rows.crm_record_id)
        order by all
    """,
    "attributes": """
        select loads.landed_at, rows.list_id, rows.crm_record_id, rows.attribute_name,
            rows.attribute_value
        from lake_record_attributes as rows inner join lake_loads as loads using (load_seq)
        where rows.client_id = $client and list_contains($record, rows.crm_record_id)
        order by all
    """,
    "partners_own": """
        select partner_id, partner_cookie_id, crm_record_id
        from lake_partner_baselines
        where client_id = $client and list_contains($record, crm_record_id)
        order by all
    """,
    "calls": """
        select rows.hit_at, rows.hit_type, rows.site_id, rows.publisher_id, rows.visitor_id,
            rows.partner_id, rows.partner_cookie_id, rows.cep_contact_id, rows.message_id,
            rows.event_name, rows.page_host, rows.page_path, rows.device_type, rows.browser,
            rows.operating_system, rows.ip_prefix, rows.consent_basis, rows.identifier_type
        from lake_hits as rows
        inner join owners on coalesce(rows.publisher_id, rows.client_id) = owners.owner
        where owners.client_id = $client and (
            list_contains($visitor, rows.visitor_id)
            or list_contains($identifier, rows.identifier_key)
            or list_contains($cep_contact, rows.cep_contact_id::varchar)
        )
        order by all
    """,
}


def held(
    settings: Settings, registry: Registry, keys: Keys, asked: Person
) -> tuple[Person, dict[str, list[dict[str, Any]]]]:
    """The person as found in the lake, and all rows there by table."""
    found = trace(settings, registry, keys, [asked])[asked.number]
    person = Person(asked.number, asked.client_id, tuple(sorted(found)))
    given = {kind: sorted(person.of(kind)) for kind in
             ("record", "visitor", "identifier", "cep_contact")}  # fmt: skip
    with open_lake(settings, registry) as connection:
        rows = {
            name: _rows(connection, query, {"client": person.client_id, **given})
            for name, query in _TABLES.items()
        }
    return person, rows


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, given: dict[str, Any]
) -> list[dict[str, Any]]:
    wanted = {name: value for name, value in given.items() if f"${name}" in query}
    made = connection.execute(query, wanted)
    names = [column[0] for column in made.description or []]
    return [dict(zip(names, row, strict=True)) for row in made.fetchall()]
