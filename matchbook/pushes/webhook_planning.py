"""Whom a push to the client's own system would add and remove: its own CRM record ids."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from matchbook import suppressions
from matchbook.disclosure import refusal
from matchbook.pushes import partner_held, targets
from matchbook.pushes.planning import Plan, newest_members
from matchbook.pushes.targets import WEBHOOK
from matchbook.reading import FOR_JOBS
from matchbook.settings import Settings
from matchbook.snapshots import open_snapshot

_DELIVERABLE = """
create temp table deliverable as
select distinct people.crm_record_id as cookie_id, people.member_key
from people anti join out_records on people.crm_record_id = out_records.record_id
where people.crm_record_id is not null and not people.is_suppressed
"""

_ALLOWED = """
create temp table allowed as
select distinct cookie_id
from deliverable inner join chosen using (member_key)
where not chosen.is_held_out
"""

_PEOPLE = """
select count(*), count(people.crm_record_id), count(*) filter (chosen.is_held_out),
    count(*) filter (people.is_suppressed)
from chosen inner join people using (member_key)
"""


def plan(settings: Settings, client_id: str, audience_id: str) -> Plan:
    """Of the newest refresh; `changes` has `cookie_id` (a record id) and `action`.

    Raises SnapshotUnavailable before the first build, AudienceInvalid before the first refresh.
    """
    newest, chosen = newest_members(settings, client_id, audience_id)
    with open_snapshot(settings, client_id, limits=FOR_JOBS) as connection:
        _prepare(connection, settings, client_id, audience_id)
        connection.register("given", chosen)
        connection.execute("create temp table chosen as from given where not is_expired")
        connection.execute(_ALLOWED)
        ((allowed,),) = connection.execute("select count(*) from allowed").fetchall()
        people, matched, held_out, out = connection.execute(_PEOPLE).fetchall()[0]
        word = refusal("cep", allowed)
        changes = connection.sql(
            partner_held.MUST_LEAVE if word else partner_held.CHANGES
        ).to_arrow_table()
    lost = {"not_matched": people - matched, "held_out": held_out, "opted_out": out}
    known = {name: count for name, count in lost.items() if count}
    return Plan(newest.refresh_id, newest.as_of, people, matched, allowed, allowed, known, changes,
                None, word)  # fmt: skip


def leaving(settings: Settings, client_id: str, audience_id: str) -> pa.Table:
    """Who is held there and has opted out or is no record any more: `cookie_id`, `action`."""
    with open_snapshot(settings, client_id, limits=FOR_JOBS) as connection:
        _prepare(connection, settings, client_id, audience_id)
        return connection.sql(partner_held.MUST_LEAVE).to_arrow_table()


def _prepare(
    connection: duckdb.DuckDBPyConnection, settings: Settings, client_id: str, audience_id: str
) -> None:
    """What is held, and who may be sent by this moment."""
    gone = suppressions.of_client(settings, client_id)
    records = [subject for kind, subject in gone if kind == "record"]
    connection.register("out_records", pa.table({"record_id": pa.array(records, pa.string())}))
    target = targets.find(settings, client_id, audience_id, WEBHOOK)
    connection.register("held", partner_held.read(settings, target))
    connection.execute(_DELIVERABLE)
