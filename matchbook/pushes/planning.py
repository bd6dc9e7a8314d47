"""Whom a push would add and remove, and why not the others: computed before anything is sent.

Page and worker ask the same function, so what the page says is what the worker does. Exact: it is
the last step before a push; whoever shows more than that rounds through `matchbook.disclosure`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from matchbook import suppressions
from matchbook.disclosure import refusal
from matchbook.errors import AudienceInvalid
from matchbook.kept_audiences import members, refreshes
from matchbook.kept_audiences.refreshes import Refresh
from matchbook.pushes import delta, held, targets
from matchbook.reading import FOR_JOBS
from matchbook.settings import Settings
from matchbook.snapshots import open_snapshot

# A contact may be linked to several of these people's browsers: the best link counts, and what
# forbids sending to one of its people forbids it.
_CONTACTS = """
create temp table contacts as
select
    cep_contacts.cep_contact_id as contact_id,
    case
        when bool_or(out_contacts.contact_id is not null or out_records.record_id is not null
            or people.is_suppressed) then 'opted_out'
        when not bool_or(cep_contacts.is_reachable and out_browsers.visitor_key is null) then
            case when bool_or(cep_contacts.is_suppressed or out_browsers.visitor_key is not null)
                then 'opted_out' else 'unsure' end
        when bool_or(chosen.is_held_out) then 'held_out'
        else min(held.standing) filter (held.standing <> 'member')
    end as reason
from chosen
inner join members using (member_key)
inner join people using (member_key)
inner join cep_contacts on members.visitor_key = cep_contacts.visitor_key
left join out_contacts on cep_contacts.cep_contact_id = out_contacts.contact_id
left join out_records on people.crm_record_id = out_records.record_id
left join out_browsers on members.visitor_key = out_browsers.visitor_key
left join held on cep_contacts.cep_contact_id = held.contact_id
group by cep_contacts.cep_contact_id
"""

_PEOPLE = """
select
    count(*),
    count(*) filter (people.is_matched or linked.member_key is not null),
    count(*) filter (linked.member_key is null and people.has_cep_contact),
    count(*) filter (linked.member_key is null and not people.has_cep_contact)
from chosen inner join people using (member_key)
left join (
    select distinct members.member_key
    from members inner join cep_contacts on members.visitor_key = cep_contacts.visitor_key
) as linked using (member_key)
"""

_REASONS = "select reason, count(*) from contacts where reason is not null group by 1 order by 1"

_MUST_LEAVE = """
select held.contact_id from held
left join (from contacts where reason = 'opted_out') as out using (contact_id)
left join out_contacts using (contact_id)
left join (select cep_contact_id, bool_and(is_suppressed) as is_out from cep_contacts group by 1)
    as links on held.contact_id = links.cep_contact_id
where held.standing = 'member'
    and (out.contact_id is not null or out_contacts.contact_id is not null or links.is_out)
order by 1
"""

_EVERYBODY = "select member_key, false as is_held_out, false as is_expired from people"

_NEAREST = """
select count(*) from (select contact_id from contacts where reason is null) as ours
full join (select contact_id from other where standing = 'member') as theirs using (contact_id)
where ours.contact_id is null or theirs.contact_id is null
"""


@dataclass(frozen=True)
class Plan:
    """What a push does, exact."""

    refresh_id: int
    as_of: datetime
    people: int
    matched: int
    """Known by a CRM record or a CEP contact."""
    in_cep: int
    """CEP contacts linked to one of them, surely enough and not opted out."""
    allowed: int
    lost: dict[str, int]
    """Why not the others, people or contacts: no_contact, never_answered, unsure, opted_out,
    held_out, blacklisted, not_in_cep, left, refused."""
    changes: pa.Table
    """`contact_id` and `action`: add or remove."""
    rows: pa.Table | None
    """Everybody, for people to read: `contact_id`, `action` (also stay, skip) and `reason`."""
    refusal: str | None
    """size<k or difference<k; then only who opted out is taken from the group."""

    @property
    def counts(self) -> dict[str, int]:
        """How many contacts a push adds, removes and leaves as they are."""
        actions = self.changes["action"].value_counts().to_pylist()
        found = {one["values"]: one["counts"] for one in actions}
        adds = found.get("add", 0)
        stay = 0 if self.refusal else self.allowed - adds
        return {"add": adds, "remove": found.get("remove", 0), "stay": stay}

    @property
    def intents(self) -> list[tuple[int, str]]:
        """What the outbox gets."""
        columns = (self.changes[name].to_pylist() for name in ("contact_id", "action"))
        return list(zip(*columns, strict=True))

    @property
    def funnel(self) -> dict[str, object]:
        """The account that is kept with the push."""
        steps = {name: getattr(self, name) for name in ("people", "matched", "in_cep", "allowed")}
        return steps | self.counts | {"lost": self.lost}


def plan(settings: Settings, client_id: str, audience_id: str, *, with_rows: bool = False) -> Plan:
    """For Mapp CEP, of the newest refresh, with the opt-outs of this moment.

    Raises SnapshotUnavailable before the first build, AudienceInvalid before the first refresh.
    """
    newest, chosen = newest_members(settings, client_id, audience_id)
    target = targets.find(settings, client_id, audience_id)
    with open_snapshot(settings, client_id, limits=FOR_JOBS) as connection:
        _tables(connection, settings, client_id, chosen, held.read(settings, target))
        lost = dict(connection.execute(_REASONS).fetchall())
        people, matched, silent, nobody = connection.execute(_PEOPLE).fetchall()[0]
        lost |= {"never_answered": silent, "no_contact": nobody}
        allowed = _one(connection, "select count(*) from contacts where reason is null")
        in_cep = allowed + sum(lost.get(reason, 0) for reason in ("held_out", *held.BARRED))
        nearest = _nearest(settings, connection, client_id, audience_id)
        word = refusal("cep", allowed, nearest_difference=nearest)
        acts = _only_opted_out(connection) if word else delta.changes(connection)
        rows = delta.everybody(connection) if with_rows and not word else None
    known = {reason: count for reason, count in lost.items() if count}
    return Plan(newest.refresh_id, newest.as_of, people, matched, in_cep, allowed, known, acts,
                rows, word)  # fmt: skip


def leaving(settings: Settings, client_id: str, audience_id: str) -> list[int]:
    """Who is in the group and has opted out by this moment, whoever the audience holds now.

    Raises SnapshotUnavailable before the first build.
    """
    holding = held.read(settings, targets.find(settings, client_id, audience_id))
    if not len(holding):
        return []
    with open_snapshot(settings, client_id, limits=FOR_JOBS) as connection:
        everybody = connection.sql(_EVERYBODY).to_arrow_table()
        _tables(connection, settings, client_id, everybody, holding)
        return [int(one) for one in _only_opted_out(connection)["contact_id"].to_pylist()]


def newest_members(
    settings: Settings, client_id: str, audience_id: str
) -> tuple[Refresh, pa.Table]:
    """The last refresh that went well, and who was in the audience by it.

    Raises AudienceInvalid before the first one.
    """
    newest = refreshes.newest(settings, client_id, done=True).get(audience_id)
    if newest is None or newest.file_name is None:
        raise AudienceInvalid(
            "It is not known yet who is in this audience.",
            kept="Nothing was pushed.",
            todo="It is counted within a minute after it was saved, and every night.",
        )
    return newest, members.read(settings, client_id, audience_id, newest.file_name)


def _tables(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    client_id: str,
    chosen: pa.Table,
    holding: pa.Table,
) -> None:
    """Who is chosen, who is held, and who has opted out by now."""
    gone = suppressions.of_client(settings, client_id)
    contacts = [int(i) for kind, i in gone if kind == "cep_contact" and i.isdigit()]
    records = [i for kind, i in gone if kind == "record"]
    browsers = [visitor_key(client_id, i) for kind, i in gone if kind == "visitor"]
    tables = {
        "given": chosen,
        "held": holding,
        "out_contacts": pa.table({"contact_id": pa.array(contacts, pa.int64())}),
        "out_records": pa.table({"record_id": pa.array(records, pa.string())}),
        "out_browsers": pa.table({"visitor_key": pa.array(browsers, pa.int64())}),
    }
    for name, table in tables.items():
        connection.register(name, table)
    connection.execute("create temp table chosen as from given where not is_expired")
    connection.execute(_CONTACTS)


def visitor_key(client_id: str, visitor_id: str) -> int:
    """The number that a browser has in the client's published files."""
    digest = hashlib.sha256(client_id.encode() + b"\0" + visitor_id.encode()).hexdigest()
    return int(digest[:15], 16)


def _nearest(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    client_id: str,
    audience_id: str,
) -> int | None:
    """By how many contacts the nearest other group differs; None where there is none."""
    found = []
    for other in targets.of_client(settings, client_id):
        if other.destination == targets.CEP and other.audience_id != audience_id and other.held:
            connection.register("other", held.read(settings, other))
            found.append(_one(connection, _NEAREST))
            connection.unregister("other")
    return min(found, default=None)


def _only_opted_out(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    return connection.sql(
        f"select contact_id, 'remove' as action from ({_MUST_LEAVE})"
    ).to_arrow_table()


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    ((found,),) = connection.execute(sql).fetchall()
    return int(found)
