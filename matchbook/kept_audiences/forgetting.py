"""Erased persons leave audiences: stored memberships and uploaded lists, all versions of them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from matchbook import state
from matchbook.kept_audiences import members
from matchbook.kept_audiences.lists import FOLDER
from matchbook.kept_audiences.refreshes import newest as newest_refreshes
from matchbook.kept_audiences.tables import lists, refreshes
from matchbook.settings import Settings


def forget(
    settings: Settings, client_id: str, *, records: set[str], member_keys: set[int]
) -> dict[str, int]:
    """Rewrite every file that holds one of these people; how many rows went."""
    found = {"audience_members": 0, "audience_lists": 0}
    for path in _files(settings, client_id):
        if path.parent.name == FOLDER:
            gone, name = _rewritten(path, "crm_record_id", pa.array(sorted(records), pa.string()))
            _name_list(settings, client_id, path.name, name, gone)
            found["audience_lists"] += gone
        else:
            gone, name = _rewritten(path, "member_key", pa.array(sorted(member_keys), pa.int64()))
            _name_members(settings, client_id, path, name)
            found["audience_members"] += gone
        if name != path.name:
            path.unlink()
    return found


def count(
    settings: Settings, client_id: str, persons: Mapping[int, tuple[set[str], set[int]]]
) -> dict[int, dict[str, int]]:
    """How many rows `forget` would find now, by person; each is its records and member keys."""
    found = {number: {"audience_members": 0, "audience_lists": 0} for number in persons}
    records = {r: number for number, (own, _) in persons.items() for r in own}
    keys = {key: number for number, (_, own) in persons.items() for key in own}
    for path in _files(settings, client_id):
        is_list = path.parent.name == FOLDER
        column, owners, kind = (
            ("crm_record_id", records, pa.string()) if is_list else ("member_key", keys, pa.int64())
        )
        rows = pq.read_table(path, columns=[column])[column]
        gone = pc.is_in(rows, pa.array(sorted(owners), kind))
        for value in rows.filter(gone).to_pylist():
            found[owners[value]]["audience_lists" if is_list else "audience_members"] += 1
    return found


def _files(settings: Settings, client_id: str) -> list[Path]:
    return sorted((settings.audiences / client_id).rglob("*.parquet"))


def _rewritten(path: Path, column: str, gone: pa.Array) -> tuple[int, str]:
    """How many rows go, and the name of the file of the others."""
    rows = pq.read_table(path)
    many = _many(rows, column, gone)
    if not many:
        return 0, path.name
    content = io.BytesIO()
    rest = rows.filter(pc.invert(pc.is_in(rows[column], gone)))
    pq.write_table(rest, content, compression="zstd")
    return many, members.store(path.parent, content.getvalue())


def _many(rows: pa.Table, column: str, gone: pa.Array) -> int:
    return int(pc.sum(pc.is_in(rows[column], gone)).as_py() or 0)


def _name_list(settings: Settings, client_id: str, before: str, after: str, gone: int) -> None:
    is_it = (lists.c.client_id == client_id) & (lists.c.file_name == before)
    if after != before:
        with state.begin(settings) as connection:
            values = {"file_name": after, "records": lists.c.records - gone}
            connection.execute(lists.update().where(is_it).values(values))


def _name_members(settings: Settings, client_id: str, before: Path, after: str) -> None:
    is_it = (refreshes.c.client_id == client_id) & (refreshes.c.file_name == before.name)
    is_it &= refreshes.c.audience_id == before.parent.name
    if after != before.name:
        with state.begin(settings) as connection:
            connection.execute(refreshes.update().where(is_it).values(file_name=after))


def audiences_of(settings: Settings, client_id: str, member_keys: set[int]) -> list[str]:
    """The audiences whose newest members one of these people is."""
    newest = newest_refreshes(settings, client_id, done=True)
    found = []
    for audience_id, refresh in sorted(newest.items()):
        rows = members.read(settings, client_id, audience_id, refresh.file_name)
        if set(members.keys(rows).tolist()) & member_keys:
            found.append(audience_id)
    return found
