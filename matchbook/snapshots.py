"""Snapshots: what a build published, and the only way a reader opens it.

One pointer, `published/current.json`, names everything of one build; it is swapped by rename,
so a reader sees one whole build or the one before it. Writing is `matchbook.publishing`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path

import duckdb
from pydantic import BaseModel, ConfigDict, Field

from matchbook.errors import SnapshotUnavailable
from matchbook.kept_open import KeptOpen
from matchbook.reading import FOR_PAGES, Limits, time_limit
from matchbook.settings import Settings
from matchbook.sql import text
from matchbook.warehouse import open_memory

POINTER = "current.json"

_KEPT = KeptOpen(most=2, idle_seconds=60)
"""So of what was published anew or erased nothing stays open for long."""
_ATTEMPTS = 3
"""A reader that is overtaken by three publications between two lines looks again."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ClientFiles(_Part):
    """A client's files of one build, relative to `published/`."""

    snapshot: str
    history: str


class Publication(_Part):
    """One published build. Builds still kept are listed under `previous`, newest first."""

    build_id: str
    as_of: datetime
    as_of_date: date
    load_seq: int
    invocation_id: str
    published_at: datetime
    clients: dict[str, ClientFiles]
    outbox: str
    previous: tuple[Publication, ...] = ()
    is_new: bool = Field(default=True, exclude=True)
    """False when `publish` found this build published already."""


class HistoryList(_Part):
    """The hit history of one client: exactly these files, relative to `published/`."""

    columns: tuple[tuple[str, str], ...]
    """Name and SQL type, so that an empty history has its columns too."""
    files: tuple[str, ...]


@dataclass(frozen=True)
class Snapshot:
    """What one client's readers may open."""

    client_id: str
    build_id: str
    as_of: datetime
    as_of_date: date
    load_seq: int
    published_at: datetime
    path: Path
    history: tuple[Path, ...]
    history_columns: tuple[tuple[str, str], ...]


def published(settings: Settings) -> Publication | None:
    """The newest publication; None before the first one."""
    try:
        document = (settings.published / POINTER).read_text()
    except FileNotFoundError:
        return None
    return Publication.model_validate_json(document)


def current(settings: Settings, client_id: str) -> Snapshot:
    """The client's newest snapshot. Raises SnapshotUnavailable when there is none."""
    publication = published(settings)
    if publication is None or client_id not in publication.clients:
        raise _unavailable()
    files = publication.clients[client_id]
    history = read_history(settings, files.history)
    return Snapshot(
        client_id=client_id,
        build_id=publication.build_id,
        as_of=publication.as_of,
        as_of_date=publication.as_of_date,
        load_seq=publication.load_seq,
        published_at=publication.published_at,
        path=settings.published / files.snapshot,
        history=tuple(settings.published / name for name in history.files),
        history_columns=history.columns,
    )


@contextmanager
def open_snapshot(
    settings: Settings, client_id: str, *, limits: Limits = FOR_PAGES
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the client's marts, with `visitor_hits` as a view.

    It reaches the files of this snapshot and no others. Raises SnapshotUnavailable, and
    TookTooLong when what is asked on it takes more than `limits`.
    """
    with _newest(settings, client_id, limits) as connection, time_limit(connection, limits):
        yield connection


def forget_open() -> None:
    """Close what stays open between questions: for whoever writes such a file in this process."""
    _KEPT.close()


def read_history(settings: Settings, name: str) -> HistoryList:
    """A published history list, by its name in the pointer."""
    return HistoryList.model_validate_json((settings.published / name).read_text())


def outbox_folder(settings: Settings, publication: Publication) -> Path:
    """Where a publication's `<client>/<partner>.parquet` are."""
    return settings.outbox / publication.outbox


def to_json(part: Publication | HistoryList) -> str:
    """The stored form: the same content is always the same bytes."""
    content = part.model_dump(mode="json")
    return json.dumps(content, indent=1, sort_keys=True) + "\n"


@contextmanager
def _newest(
    settings: Settings, client_id: str, limits: Limits
) -> Iterator[duckdb.DuckDBPyConnection]:
    with ExitStack() as opened:
        for _ in range(_ATTEMPTS):
            try:
                connection = opened.enter_context(_opened(current(settings, client_id), limits))
                break
            except (FileNotFoundError, duckdb.IOException):
                continue
        else:
            raise _unavailable()
        yield connection


@contextmanager
def _opened(snapshot: Snapshot, limits: Limits) -> Iterator[duckdb.DuckDBPyConnection]:
    found = snapshot.path.stat()
    key = (snapshot.path, found.st_ino, found.st_mtime_ns, snapshot.history, limits)
    connect = partial(_connect, snapshot, limits)
    with _KEPT.cursor(key, connect) if limits.shares else connect() as connection:
        connection.execute("use snapshot")
        connection.execute(f"create temp view visitor_hits as {_history_query(snapshot)}")
        yield connection


def _connect(snapshot: Snapshot, limits: Limits) -> duckdb.DuckDBPyConnection:
    connection = open_memory(memory_limit=limits.memory, threads=limits.threads)
    try:
        connection.execute("set temp_directory = ''")
        connection.execute(f"attach {text(snapshot.path)} as snapshot (read_only)")
        connection.execute(f"set allowed_paths = {text(snapshot.history)}")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
    except BaseException:
        connection.close()
        raise
    return connection


def _history_query(snapshot: Snapshot) -> str:
    if snapshot.history:
        return f"from read_parquet({text(snapshot.history)}, hive_partitioning = false)"
    columns = (f'null::{kind} as "{name}"' for name, kind in snapshot.history_columns)
    return f"select {', '.join(columns)} where false"


def _unavailable() -> SnapshotUnavailable:
    return SnapshotUnavailable(
        "Nothing has been published for this client yet.",
        kept="Nothing was changed.",
        todo="Run: matchbook nightly",
    )
