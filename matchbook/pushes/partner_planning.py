"""Whom a push to a partner would add and remove: its own cookie ids of an audience's people.

A cookie is sent where the nightly files may hold it too: matched with one of these people's CRM
records, surely enough, seen, not shared by too many, and nobody opted out by this moment.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from matchbook import suppressions
from matchbook.disclosure import refusal
from matchbook.errors import SnapshotUnavailable
from matchbook.pushes import partner_held, targets
from matchbook.pushes.planning import Plan, newest_members
from matchbook.reading import FOR_JOBS
from matchbook.settings import Settings
from matchbook.snapshots import open_snapshot, outbox_folder, published

_DELIVERABLE = """
create temp table deliverable as
with out_pairs as (
    select partner_cookie_id, crm_record_id
    from gates semi join suppressed using (subject_type, subject_id)
)
select distinct pairs.partner_cookie_id as cookie_id, pairs.crm_record_id
from pairs
anti join out_pairs on pairs.partner_cookie_id = out_pairs.partner_cookie_id
anti join suppressed
    on suppressed.subject_type = 'record' and suppressed.subject_id = pairs.crm_record_id
"""

_ALLOWED = """
create temp table allowed as
with people_of as (
    select people.crm_record_id from chosen inner join people using (member_key)
    where not chosen.is_held_out and not people.is_suppressed
)
select distinct cookie_id from deliverable semi join people_of using (crm_record_id)
"""

_PEOPLE = """
select count(*), count(*) filter (people.is_matched), count(*) filter (chosen.is_held_out)
from chosen inner join people using (member_key)
"""


def plan(settings: Settings, client_id: str, audience_id: str, partner_id: str) -> Plan:
    """Of the newest refresh; `changes` has `cookie_id` and `action`.

    Raises SnapshotUnavailable before the first build, AudienceInvalid before the first refresh.
    """
    newest, chosen = newest_members(settings, client_id, audience_id)
    target = targets.find(settings, client_id, audience_id, partner_id)
    with open_snapshot(settings, client_id, limits=FOR_JOBS) as connection:
        _gate(connection, settings, client_id, partner_id)
        connection.register("held", partner_held.read(settings, target))
        connection.register("given", chosen)
        connection.execute("create temp table chosen as from given where not is_expired")
        connection.execute(_ALLOWED)
        ((allowed,),) = connection.execute("select count(*) from allowed").fetchall()
        people, matched, held_out = connection.execute(_PEOPLE).fetchall()[0]
        word = refusal("partner", allowed)
        # Too few: nobody is added, and who is not to be known there any more still leaves.
        changes = connection.sql(
            partner_held.MUST_LEAVE if word else partner_held.CHANGES
        ).to_arrow_table()
    lost = {"held_out": held_out, "not_matched": people - matched}
    return Plan(newest.refresh_id, newest.as_of, people, matched, allowed, allowed,
                {name: count for name, count in lost.items() if count},
                changes, None, word)  # fmt: skip


def leaving(settings: Settings, client_id: str, audience_id: str, partner_id: str) -> pa.Table:
    """Whom the partner holds of an audience and may not know any more: `cookie_id`, `action`.

    Raises SnapshotUnavailable before the first build.
    """
    target = targets.find(settings, client_id, audience_id, partner_id)
    with open_snapshot(settings, client_id, limits=FOR_JOBS) as connection:
        _gate(connection, settings, client_id, partner_id)
        connection.register("held", partner_held.read(settings, target))
        return connection.sql(partner_held.MUST_LEAVE).to_arrow_table()


def _gate(
    connection: duckdb.DuckDBPyConnection, settings: Settings, client_id: str, partner_id: str
) -> None:
    """The table `deliverable`: what the partner may know by this moment."""
    pairs = _outbox(settings, client_id, partner_id)
    gone = suppressions.of_client(settings, client_id)
    columns = [[kind for kind, _ in gone], [subject for _, subject in gone]]
    names = ("subject_type", "subject_id")
    text = pa.schema({name: pa.string() for name in names})
    connection.register("suppressed", pa.table(dict(zip(names, columns, strict=True)), schema=text))
    # A snapshot reads no other files, so these are read here.
    connection.register("pairs", pq.read_table(pairs))
    connection.register("gates", pq.read_table(pairs.with_name(f"{partner_id}.gate.parquet")))
    connection.execute(_DELIVERABLE)


def _outbox(settings: Settings, client_id: str, partner_id: str) -> Path:
    publication = published(settings)
    found = None if publication is None else outbox_folder(settings, publication) / client_id
    if found is None or not (found / f"{partner_id}.parquet").is_file():
        raise SnapshotUnavailable(
            "Nothing is matched at this partner yet.",
            kept="Nothing was pushed.",
            todo="Come back after the next night.",
        )
    return found / f"{partner_id}.parquet"
