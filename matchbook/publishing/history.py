"""The hit history: content-named Parquet files per client and day, sorted by visitor.

A publication adds files for the loads since the one before it and carries the others over;
late hits add a file to their day. A file is never changed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb

from matchbook.failpoints import failpoint
from matchbook.files import sync_file, sync_folder
from matchbook.publishing.artifacts import MARTS
from matchbook.publishing.tables import HISTORY_MART, PRIVATE
from matchbook.settings import Settings
from matchbook.snapshots import HistoryList, Publication, read_history
from matchbook.sql import name, text

WORK_FOLDER = "history.part"


def write_history(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    *,
    clients: Sequence[str],
    load_seq: int,
    previous: Publication | None,
) -> dict[str, HistoryList]:
    """Write what is new up to `load_seq`; the complete list of files of every client."""
    columns = _columns(connection)
    known = _carried_over(settings, previous, columns, load_seq)
    written: dict[str, list[str]] = {client_id: [] for client_id in clients}
    for since in sorted({_since(known, previous, client_id) for client_id in clients}):
        group = [c for c in clients if _since(known, previous, c) == since]
        for client_id, file in _write_days(connection, settings, columns, group, since, load_seq):
            written[client_id].append(file)
    return {
        client_id: HistoryList(
            columns=columns, files=tuple(sorted({*known.get(client_id, ()), *files}))
        )
        for client_id, files in written.items()
    }


def _carried_over(
    settings: Settings,
    previous: Publication | None,
    columns: tuple[tuple[str, str], ...],
    load_seq: int,
) -> dict[str, tuple[str, ...]]:
    """Files of each client that still stand: none after a change of columns or a lost load."""
    if previous is None or previous.load_seq > load_seq:
        return {}
    lists = {c: read_history(settings, files.history) for c, files in previous.clients.items()}
    return {c: listed.files for c, listed in lists.items() if listed.columns == columns}


def _since(known: dict[str, tuple[str, ...]], previous: Publication | None, client_id: str) -> int:
    return previous.load_seq if previous is not None and client_id in known else 0


def _columns(connection: duckdb.DuckDBPyConnection) -> tuple[tuple[str, str], ...]:
    described = connection.execute(f"describe from warehouse.{MARTS}.{HISTORY_MART}").fetchall()
    return tuple((row[0], row[1]) for row in described if not row[0].endswith(PRIVATE))


def _write_days(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    columns: tuple[tuple[str, str], ...],
    clients: list[str],
    since: int,
    load_seq: int,
) -> list[tuple[str, str]]:
    work = settings.published / WORK_FOLDER
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    given = {"since": since, "load_seq": load_seq, "clients": clients}
    rows = (
        f"from warehouse.{MARTS}.{HISTORY_MART} where load_seq > $since and load_seq <= $load_seq "
        "and list_contains($clients, client_id)"
    )
    days = connection.execute(
        f"select distinct hit_date {rows} order by hit_date", given
    ).fetchall()
    listed = ", ".join(name(column) for column, _ in columns)
    # One thread: the rows of a file stay in order and the same rows make the same bytes.
    connection.execute("set threads = 1")
    connection.execute("set partitioned_write_max_open_files = 100000")
    # A day at a time, so that what is sorted at once does not grow with the history.
    for number, (day,) in enumerate(days):
        connection.execute(
            f"copy (select {listed} {rows} and hit_date = $day "
            f"order by client_id, visitor_key, load_seq, line_number, {listed}) "
            f"to {text(work / str(number))} "
            "(format parquet, partition_by (client_id, hit_date), write_partition_columns true)",
            {**given, "day": day},
        )
    connection.execute("reset threads")
    files = [_keep(settings, part, load_seq) for part in sorted(work.rglob("*.parquet"))]
    for folder in sorted({(settings.published / file).parent for _, file in files}):
        sync_folder(folder)
    shutil.rmtree(work, ignore_errors=True)
    failpoint("publish.history_written")
    return files


def _keep(settings: Settings, part: Path, load_seq: int) -> tuple[str, str]:
    """Move one day under its final, content-given name; client and name."""
    client_id = part.parent.parent.name.removeprefix("client_id=")
    day = part.parent.name.removeprefix("hit_date=")
    with part.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    target = Path("history", client_id, day, f"{load_seq}-{digest[:12]}.parquet")
    final = settings.published / target
    final.parent.mkdir(parents=True, exist_ok=True)
    part.chmod(0o440)
    sync_file(part)
    os.replace(part, final)
    return client_id, str(target)
