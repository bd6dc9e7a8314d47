"""Publish: after a green build, hand readers and exporters their own files.

Per client a snapshot and its hit history, per client × partner an outbox, then one pointer is
swapped. Readers never open the warehouse; a failed test publishes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

import duckdb

from matchbook.errors import Busy, SnapshotUnavailable
from matchbook.failpoints import failpoint
from matchbook.files import write_whole
from matchbook.publishing.artifacts import DbtBuild, green_build, newest_build_at
from matchbook.publishing.history import write_history
from matchbook.publishing.outbox import write_outbox
from matchbook.publishing.retention import KEPT_BUILDS, remove_unreferenced
from matchbook.publishing.tables import published_tables, write_snapshot
from matchbook.settings import Settings
from matchbook.snapshots import POINTER, ClientFiles, Publication, published, to_json
from matchbook.sql import text
from matchbook.warehouse import open_memory, run_lock

__all__ = ["publish", "unpublished_build_at"]


@dataclass(frozen=True)
class _Build:
    """The one row of marts.build."""

    build_id: str
    as_of: datetime
    as_of_date: date
    load_seq: int


def publish(settings: Settings, *, force: bool = False) -> Publication:
    """Publish the newest build; a build that is published already is left as it is.

    `force` publishes it once more, its whole history included. Raises BuildFailed when the
    build is not green and whole, SnapshotUnavailable when nothing has been built yet.
    """
    with run_lock(settings, command="publish"):
        dbt = green_build(settings)
        before = published(settings)
        with _warehouse(settings) as connection:
            build = _read_build(connection)
            if before and not force and _is_of(before, build, dbt):
                remove_unreferenced(settings, before)
                return before.model_copy(update={"is_new": False})
            publication = _write(connection, settings, build, dbt, before, whole_history=force)
        remove_unreferenced(settings, publication)
        return publication


def unpublished_build_at(settings: Settings) -> datetime | None:
    """When the newest build ended, if it is not the published one; else None."""
    newest = newest_build_at(settings)
    publication = published(settings)
    if newest is None or (publication and publication.invocation_id == newest[0]):
        return None
    return newest[1]


def _write(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    build: _Build,
    dbt: DbtBuild,
    before: Publication | None,
    *,
    whole_history: bool,
) -> Publication:
    kept = _kept(before)
    edition = _edition(build.build_id, kept)
    clients = _clients(connection)
    files = {
        client_id: ClientFiles(
            snapshot=f"{client_id}/{edition}.duckdb", history=f"{client_id}/{edition}.history.json"
        )
        for client_id in clients
    }
    tables = published_tables(connection, dbt.marts)
    histories = write_history(
        connection,
        settings,
        clients=clients,
        load_seq=build.load_seq,
        previous=None if whole_history else before,
    )
    for client_id, history in histories.items():
        write_whole(settings.published / files[client_id].history, to_json(history))
        target = settings.published / files[client_id].snapshot
        listed = [settings.published / name for name in history.files]
        write_snapshot(connection, tables, client_id, target, history=listed)
    write_outbox(connection, settings.outbox / edition)
    failpoint("publish.outbox_written")
    publication = Publication(
        build_id=build.build_id,
        as_of=build.as_of,
        as_of_date=build.as_of_date,
        load_seq=build.load_seq,
        invocation_id=dbt.invocation_id,
        published_at=settings.clock.now(),
        clients=files,
        outbox=edition,
        previous=kept[: KEPT_BUILDS - 1],
    )
    failpoint("publish.before_swap")
    write_whole(settings.published / POINTER, to_json(publication))
    failpoint("publish.after_swap")
    return publication


@contextmanager
def _warehouse(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A scratch connection with the warehouse attached for reading."""
    if not settings.warehouse.exists():
        raise _nothing_built()
    connection = open_memory()
    try:
        connection.execute(f"set temp_directory = {text(settings.home / 'tmp')}")
        try:
            connection.execute(f"attach {text(settings.warehouse)} as warehouse (read_only)")
        except (duckdb.IOException, duckdb.ResourceInUseException) as error:
            raise Busy(
                "The warehouse is open in another program.",
                kept="Nothing was published; readers keep the snapshot they have.",
                todo="Wait for dbt or ingest to end, then run: matchbook publish",
            ) from error
        yield connection
    finally:
        connection.close()


def _read_build(connection: duckdb.DuckDBPyConnection) -> _Build:
    try:
        row = connection.execute(
            "select build_id, as_of, as_of_date, load_seq from warehouse.marts.build"
        ).fetchone()
    except duckdb.CatalogException:
        raise _nothing_built() from None
    if row is None or row[0] is None or row[3] is None:
        raise _nothing_built()
    return _Build(row[0], row[1].replace(tzinfo=UTC), row[2], row[3])


def _clients(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute("select client_id from warehouse.raw.clients order by 1").fetchall()
    return [row[0] for row in rows]


def _is_of(publication: Publication, build: _Build, dbt: DbtBuild) -> bool:
    return (publication.build_id, publication.invocation_id) == (build.build_id, dbt.invocation_id)


def _kept(before: Publication | None) -> tuple[Publication, ...]:
    if before is None:
        return ()
    return (before.model_copy(update={"previous": ()}), *before.previous)


def _edition(build_id: str, kept: tuple[Publication, ...]) -> str:
    """The build's file name; a build made anew does not write over files being read."""
    taken = {publication.outbox for publication in kept}
    edition, number = build_id, 1
    while edition in taken:
        number += 1
        edition = f"{build_id}.{number}"
    return edition


def _nothing_built() -> SnapshotUnavailable:
    return SnapshotUnavailable(
        "The warehouse holds no build, so there is nothing to publish.",
        kept="Nothing was changed.",
        todo="Run: matchbook nightly, or matchbook demo for an example.",
    )
