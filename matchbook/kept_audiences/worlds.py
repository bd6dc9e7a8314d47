"""Opening a client's snapshot for audiences: with uploaded lists and with who audiences keep."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from matchbook.audiences import World
from matchbook.audiences.conditions import Similar
from matchbook.clock import utc_naive
from matchbook.errors import SnapshotOutdated
from matchbook.kept_audiences import lists, members, refreshes, store
from matchbook.reading import FOR_PAGES, Limits
from matchbook.settings import Settings
from matchbook.snapshots import current, open_snapshot

_MEMBERS = """
create temp table audience_members (audience_id varchar, member_key bigint);
create temp table lookalike_members (lookalike varchar, member_key bigint);
"""
_ADD = "insert into audience_members select $audience_id, member_key from added"
_TIME_ZONE = "select time_zone from clients"


@dataclass(frozen=True)
class Opened:
    """A connection that compiled audiences can be asked on, and what to compile them with."""

    connection: duckdb.DuckDBPyConnection
    world: World
    build_id: str
    snapshot: str
    """Name of the snapshot; a build that was made anew has another one."""


@contextmanager
def open_world(
    settings: Settings, client_id: str, *, limits: Limits = FOR_PAGES
) -> Iterator[Opened]:
    """The client as last published, and its audiences as last refreshed.

    Raises SnapshotUnavailable before the first build, SnapshotOutdated where it was published by a
    version that knew no audiences, TookTooLong beyond `limits`.
    """
    snapshot = current(settings, client_id)
    definitions = {
        a.audience_id: a.definition for a in store.all_of(settings, client_id, archived=True)
    }
    with open_snapshot(settings, client_id, limits=limits) as connection:
        _check(connection)
        _lists(connection, lists.read(settings, client_id))
        connection.execute(_MEMBERS)
        for audience_id, refresh in refreshes.newest(settings, client_id, done=True).items():
            definition = definitions.get(audience_id)
            if definition and (definition.keeps_people or definition.similar):
                kept = members.read(settings, client_id, audience_id, refresh.file_name)
                set_members(connection, audience_id, kept)
                if definition.similar:
                    set_similar(connection, definition.similar, kept)
        ((zone,),) = connection.execute(_TIME_ZONE).fetchall()
        world = World(utc_naive(snapshot.as_of), time_zone=zone, resolve=definitions.get)
        yield Opened(connection, world, snapshot.build_id, snapshot.path.stem)


def set_members(connection: duckdb.DuckDBPyConnection, audience_id: str, members: pa.Table) -> None:
    """From now on these are the people that the audience keeps."""
    connection.execute("delete from audience_members where audience_id = ?", [audience_id])
    with registered(connection, added=members):
        connection.execute(f"{_ADD} where not is_expired", {"audience_id": audience_id})


def set_similar(connection: duckdb.DuckDBPyConnection, similar: Similar, members: pa.Table) -> None:
    """From now on these are the people that a lookalike found."""
    connection.execute("delete from lookalike_members where lookalike = ?", [similar.key])
    with registered(connection, found=members):
        connection.execute(
            "insert into lookalike_members select ?, member_key from found", [similar.key]
        )


@contextmanager
def registered(connection: duckdb.DuckDBPyConnection, **tables: pa.Table) -> Iterator[None]:
    """Tables of this process under their names, as long as the block runs."""
    for name, table in tables.items():
        connection.register(name, table)
    try:
        yield
    finally:
        for name in tables:
            connection.unregister(name)


def _lists(connection: duckdb.DuckDBPyConnection, lists: pa.Table) -> None:
    with registered(connection, uploaded=lists):
        connection.execute("create temp table audience_lists as from uploaded")


def _check(connection: duckdb.DuckDBPyConnection) -> None:
    found = connection.execute(
        "select count(*) from duckdb_tables() where table_name in ('people', 'visitor_actions')"
    ).fetchall()
    if found != [(2,)]:
        raise SnapshotOutdated(
            "What is published was built before there were audiences.",
            kept="Nothing was changed.",
            todo="Run: matchbook build, then matchbook publish. The next night does both.",
        )
