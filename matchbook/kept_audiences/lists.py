"""Uploaded lists of CRM record ids that audiences can ask for; a new upload replaces the old."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from matchbook import state
from matchbook.clock import utc_naive
from matchbook.crm_files.reader import open_crm_file
from matchbook.erasure import tombstones
from matchbook.errors import AudienceInvalid
from matchbook.kept_audiences import members
from matchbook.kept_audiences.ids import free_id
from matchbook.kept_audiences.tables import lists
from matchbook.settings import Settings

FOLDER = "_lists"
"""No audience is called so: their ids begin with a letter or a digit."""


@dataclass(frozen=True)
class AudienceList:
    """One list as it stands; times are naive UTC."""

    client_id: str
    list_id: str
    name: str
    records: int
    file_name: str
    uploaded_at: datetime
    uploaded_by: str


def replace(
    settings: Settings, client_id: str, list_id: str, path: Path, *, name: str, by: str
) -> AudienceList:
    """Take a file with a `crm_record_id` column as the whole list, whatever it held before.

    Other columns are not kept, nor is anybody whom the client has erased. Raises InputRejected as
    for every CRM file, also where it holds raw personal data, and AudienceInvalid for an id that
    is none; then the list stays as it is.
    """
    check(list_id, name)
    records = _without_erased(settings, client_id, _records(path))
    content = io.BytesIO()
    pq.write_table(records, content, compression="zstd")
    folder = settings.audiences / client_id / FOLDER
    row = {
        "client_id": client_id, "list_id": list_id, "name": name, "records": len(records),
        "file_name": members.store(folder, content.getvalue()),
        "uploaded_at": utc_naive(settings.clock.now()), "uploaded_by": by,
    }  # fmt: skip
    with state.begin(settings) as connection:
        connection.execute(lists.delete().where(_is(client_id, list_id)))
        connection.execute(lists.insert().values(**row))
    _remove_replaced(settings, client_id)
    return AudienceList(**row)  # type: ignore[arg-type]


def check(list_id: str, name: str) -> None:
    """A list may be called so. Raises AudienceInvalid."""
    is_name = len(name.strip()) > 0 and len(name) <= 120 and name.isprintable()
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,59}", list_id) or not is_name:
        raise AudienceInvalid(
            "A list's id has small letters, digits, - and _; its name has 1 to 120 characters.",
            kept="Nothing was changed.",
            todo="Choose others.",
        )


def all_of(settings: Settings, client_id: str) -> list[AudienceList]:
    """A client's lists by name."""
    query = sa.select(lists).where(lists.c.client_id == client_id)
    with state.begin(settings) as connection:
        rows = connection.execute(query.order_by(lists.c.name, lists.c.list_id)).all()
    return [AudienceList(**row._mapping) for row in rows]


def new_id(settings: Settings, client_id: str, name: str) -> str:
    """The id of a list that is to be called so, and of no other."""
    taken = {one.list_id for one in all_of(settings, client_id)}
    return free_id(name, taken, otherwise="list")


def read(settings: Settings, client_id: str) -> pa.Table:
    """`list_id` and `crm_record_id` of all the client's lists."""
    tables = [pa.table({"list_id": [], "crm_record_id": []}, _SCHEMA)]
    for one in all_of(settings, client_id):
        records = pq.read_table(settings.audiences / client_id / FOLDER / one.file_name)
        ids = pa.repeat(one.list_id, len(records))
        tables.append(pa.table([ids, records["crm_record_id"]], schema=_SCHEMA))
    return pa.concat_tables(tables)


_SCHEMA = pa.schema({"list_id": pa.string(), "crm_record_id": pa.string()})


def _records(path: Path) -> pa.Table:
    with open_crm_file(path, mode="opt-in") as file:
        found = pa.concat_tables(batch.rows.select(["crm_record_id"]) for batch in file.batches())
    return found.group_by("crm_record_id").aggregate([]).sort_by("crm_record_id")


def _without_erased(settings: Settings, client_id: str, records: pa.Table) -> pa.Table:
    erased = tombstones.load(settings)
    named = records["crm_record_id"].to_pylist()
    gone = erased.among(erased.of([client_id]), "record", named)
    return records.filter(pa.array([record not in gone for record in named], pa.bool_()))


def _remove_replaced(settings: Settings, client_id: str) -> None:
    kept = {one.file_name for one in all_of(settings, client_id)}
    for file in sorted((settings.audiences / client_id / FOLDER).glob("*.parquet")):
        if file.name not in kept:
            file.unlink()


def _is(client_id: str, list_id: str) -> sa.ColumnElement[bool]:
    return (lists.c.client_id == client_id) & (lists.c.list_id == list_id)
