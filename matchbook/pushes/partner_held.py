"""What a partner holds of an audience, as its files were taken: one Parquet file a version.

A row per cookie id of the partner. One that is not sure stood in a file of which it is not known
whether it arrived: it is told anew if it belongs there, and taken out if it does not.
"""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from matchbook import state
from matchbook.failpoints import failpoint
from matchbook.kept_audiences import members
from matchbook.pushes import outbox, partner_files, targets
from matchbook.pushes.outbox import Push
from matchbook.pushes.targets import Target
from matchbook.settings import Settings
from matchbook.warehouse import open_memory

SCHEMA = pa.schema({"cookie_id": pa.string(), "is_sure": pa.bool_()})

CHANGES = """
select coalesce(allowed.cookie_id, held.cookie_id) as cookie_id,
    case when allowed.cookie_id is null then 'remove' else 'add' end as action
from allowed full join held using (cookie_id)
where allowed.cookie_id is null or held.cookie_id is null or not held.is_sure
order by cookie_id
"""
"""From what is held to what is allowed; both are tables of the connection, as is `deliverable`."""

MUST_LEAVE = """
select cookie_id, 'remove' as action
from held anti join deliverable using (cookie_id) order by cookie_id
"""
"""Only those held whom nobody may send any more."""

_ARRIVED = """
select coalesce(held.cookie_id, changes.cookie_id) as cookie_id,
    case when action is null then is_sure else true end as is_sure
from held full join changes using (cookie_id)
where action is distinct from 'remove'
order by 1
"""

_IN_DOUBT = """
select coalesce(held.cookie_id, changes.cookie_id) as cookie_id,
    coalesce(is_sure and coalesce(action, 'seen') = 'seen', false) as is_sure
from held full join changes using (cookie_id)
order by 1
"""


def read(settings: Settings, target: Target | None) -> pa.Table:
    """`cookie_id` and `is_sure`; nobody before the first push."""
    if target is None or target.file_name is None:
        return SCHEMA.empty_table()
    found = pq.read_table(folder(settings, target) / target.file_name)
    if "is_sure" not in found.column_names:  # of an earlier version
        found = found.append_column("is_sure", pa.array([True] * len(found), pa.bool_()))
    return found


def folder(settings: Settings, target: Target) -> Path:
    """Where it is written what a partner holds of an audience."""
    own = settings.holdings / target.client_id / target.destination
    return own / "audiences" / target.audience_id


def end(
    settings: Settings, push: Push, target: Target, word: str, *, is_there: bool, **values: object
) -> Push:
    """End a push whose files are there, or may be there in part.

    `word` is the state it ends in. What is held since is recorded with it: both or neither. Its
    stored bytes go.
    """
    changes = pq.read_table(partner_files.folder(settings, push) / partner_files.CHANGES)
    held = _after(read(settings, target), changes, _ARRIVED if is_there else _IN_DOUBT)
    file_name = _write(settings, target, held)
    failpoint("audience_file.held_written")
    with state.begin(settings) as connection:
        targets.update(connection, target, file_name=file_name, held=len(held))
        outbox.update(connection, push, state=word, **values)
    _forget_older(settings, target, file_name)
    discard(settings, push)
    return outbox.get(settings, push.push_id)


def replace(settings: Settings, target: Target, held: pa.Table) -> None:
    """Let this be what is held, whatever a push said; of the version before nothing stays."""
    file_name = _write(settings, target, held)
    targets.change(settings, target, file_name=file_name, held=len(held))
    _forget_older(settings, target, file_name)


def tidy(settings: Settings, target: Target) -> None:
    """Remove versions that a run which died has left."""
    if target.file_name is not None:
        found = targets.find(settings, *target.key)
        _forget_older(settings, target, str(found.file_name if found else target.file_name))


def discard(settings: Settings, push: Push) -> None:
    """The bytes of a push that is over."""
    shutil.rmtree(partner_files.folder(settings, push), ignore_errors=True)


def _after(held: pa.Table, changes: pa.Table, query: str) -> pa.Table:
    connection = open_memory()
    try:
        connection.register("held", held)
        connection.register("changes", changes)
        return connection.sql(query).to_arrow_table().cast(SCHEMA)
    finally:
        connection.close()


def _write(settings: Settings, target: Target, held: pa.Table) -> str:
    content = io.BytesIO()
    pq.write_table(held, content, compression="zstd")
    return members.store(folder(settings, target), content.getvalue())


def _forget_older(settings: Settings, target: Target, kept: str) -> None:
    for path in folder(settings, target).glob("*.parquet"):
        if path.name != kept:
            path.unlink()
