"""Publish: after a green build, hand readers and exporters their own files.

Per client a snapshot and its hit history, per client × partner an outbox, then one pointer is
swapped. Readers never open the warehouse; a failed test publishes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import duckdb

from matchbook.failpoints import failpoint
from matchbook.files import write_whole
from matchbook.publishing.artifacts import DbtBuild, green_build, newest_build_at
from matchbook.publishing.folders import writable
from matchbook.publishing.history import write_history
from matchbook.publishing.instance import write_instance
from matchbook.publishing.outbox import write_outbox
from matchbook.publishing.retention import KEPT_BUILDS, remove_unreferenced
from matchbook.publishing.source import nothing_built, open_built
from matchbook.publishing.tables import published_tables, write_snapshot
from matchbook.settings import Settings
from matchbook.snapshots import POINTER, ClientFiles, Publication, published, to_json
from matchbook.warehouse import run_lock

__all__ = ["publish", "unpublished_build_at"]


@dataclass(frozen=True)
class _Build:
    """The one row of marts.build."""

    build_id: str
    as_of: datetime
    as_of_date: date
    load_seq: int


def publish(settings: Settings, *, force: bool = False, alone: bool = False) -> Publication:
    """Publish the newest build; a build that is published already is left as it is.

    `force` publishes it once more, its whole history included; `alone`: without keeping those
    before it. Raises BuildFailed when the build is not green and whole, SnapshotUnavailable when
    nothing has been built yet.
    """
    with run_lock(settings, command="publish"), writable(settings.published):
        dbt = green_build(settings)
        before = published(settings)
        with open_built(settings) as connection:
            build = _read_build(connection)
            if before and not force and _is_of(before, build, dbt):
                remove_unreferenced(settings, before)
                return before.model_copy(update={"is_new": False})
            publication = _write(connection, settings, build, dbt, before, whole_history=force)
            if alone:
                publication = publication.model_copy(update={"previous": ()})
                write_whole(settings.published / POINTER, to_json(publication))
            write_instance(connection, settings, publication)
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


def _read_build(connection: duckdb.DuckDBPyConnection) -> _Build:
    try:
        row = connection.execute(
            "select build_id, as_of, as_of_date, load_seq from warehouse.marts.build"
        ).fetchone()
    except duckdb.CatalogException:
        raise nothing_built() from None
    if row is None or row[0] is None or row[3] is None:
        raise nothing_built()
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
