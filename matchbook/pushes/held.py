"""What a destination holds of an audience, by its own word: one Parquet file a version.

A row per CEP contact: `member`, or why it is never sent again: blacklisted, not_in_cep, left (it
was a member and is none any more without us: it unsubscribed or was taken out there), refused.
"""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from matchbook import state
from matchbook.failpoints import failpoint
from matchbook.kept_audiences import members
from matchbook.pushes import outbox, targets
from matchbook.pushes.outbox import Intent, Push
from matchbook.pushes.targets import Target
from matchbook.settings import Settings

SCHEMA = pa.schema({"contact_id": pa.int64(), "standing": pa.string()})
BARRED = ("blacklisted", "not_in_cep", "left", "refused")
"""Never sent again."""


def read(settings: Settings, target: Target | None) -> pa.Table:
    """`contact_id` and `standing`; nobody before the first push."""
    if target is None or target.file_name is None:
        return SCHEMA.empty_table()
    return pq.read_table(_folder(settings, target) / target.file_name)


def end(settings: Settings, push: Push, target: Target, word: str, **values: object) -> Push:
    """End a push and record what is held since: both or neither.

    `word` is the state it ends in; run again after a crash it does the same once more.
    """
    settled = outbox.intents(settings, push, "confirmed", "rejected")
    table = after(read(settings, target), settled)
    file_name = _write(settings, target, table)
    failpoint("push.held_written")
    count = table["standing"].to_pylist().count("member")
    with state.begin(settings) as connection:
        targets.update(connection, target, file_name=file_name, held=count)
        outbox.update(connection, push, state=word, **values)
    _forget_older(settings, target, {file_name, target.file_name or file_name})
    return outbox.get(settings, push.push_id)


def replace(settings: Settings, target: Target, table: pa.Table) -> None:
    """Let this be what is held, whatever a push said; of the version before nothing stays."""
    file_name = _write(settings, target, table)
    count = table["standing"].to_pylist().count("member")
    targets.change(settings, target, file_name=file_name, held=count)
    _forget_older(settings, target, {file_name})


def after(before: pa.Table, settled: list[Intent]) -> pa.Table:
    """What is held after these outcomes."""
    standing = dict(zip(*(before[name].to_pylist() for name in SCHEMA.names), strict=True))
    for one in settled:
        now = _standing(one)
        if now is None:
            standing.pop(one.contact_id, None)
        else:
            standing[one.contact_id] = now
    contacts = sorted(standing)
    columns = [contacts, [standing[contact] for contact in contacts]]
    return pa.table(dict(zip(SCHEMA.names, columns, strict=True)), schema=SCHEMA)


def _standing(intent: Intent) -> str | None:
    if intent.reason in BARRED:
        return intent.reason
    if intent.state == "rejected":
        # Not known, or not now: an addition is tried anew, a removal is still held.
        return "member" if intent.action == "remove" else None
    return "member" if intent.action == "add" else None


def _write(settings: Settings, target: Target, table: pa.Table) -> str:
    content = io.BytesIO()
    pq.write_table(table, content, compression="zstd")
    return members.store(_folder(settings, target), content.getvalue())


def _forget_older(settings: Settings, target: Target, kept: set[str]) -> None:
    for path in sorted(_folder(settings, target).glob("*.parquet")):
        if path.name not in kept:
            path.unlink()


def _folder(settings: Settings, target: Target) -> Path:
    return settings.holdings / target.client_id / target.destination / target.audience_id
