"""State moves from a home's SQLite file into the PostgreSQL that the settings name: once, whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from matchbook import database, state
from matchbook.errors import ConfigError
from matchbook.settings import Settings

ROWS_AT_ONCE = 10_000


def move_state(settings: Settings) -> dict[str, int]:
    """Copy every table in one transaction, then set the file aside; rows by table.

    Nobody else may write meanwhile: the caller holds the locks. Raises ConfigError where there is
    nothing to move, no place to move to, or something in that place already.
    """
    file = settings.state_file
    if not state.takes_several_workers(settings):
        raise _refused("No PostgreSQL is named.", "Set MATCHBOOK_STATE_URL to it.")
    if not file.exists():
        raise _refused("This home has no state.sqlite.", "There is nothing to do.")
    source = database.open_engine(f"sqlite:///{file}", state.METADATAS)
    with source.connect() as before, state.begin(settings) as after:
        moved = {table.name: _copy(before, after, table) for table in _tables()}
    source.dispose()
    # A command that is run without the URL must not go on with what was true until now.
    file.rename(file.with_name("state.moved.sqlite"))
    return moved


def _tables() -> list[sa.Table]:
    return [table for metadata in state.METADATAS for table in metadata.sorted_tables]


def _copy(before: sa.Connection, after: sa.Connection, table: sa.Table) -> int:
    if after.execute(sa.select(table).limit(1)).first():
        raise _refused("The database holds state already.", "Name one that is empty.")
    insert = sa.insert(_plain(table))
    count = 0
    for rows in _parts(before, table):
        after.execute(insert, rows)
        count += len(rows)
    number = table.autoincrement_column
    if number is not None and count:
        sequence = sa.func.pg_get_serial_sequence(table.name, number.name)
        newest = sa.select(sa.func.max(number)).scalar_subquery()
        after.execute(sa.select(sa.func.setval(sequence, newest)))
    return count


def _parts(connection: sa.Connection, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    found = connection.execute(sa.select(table)).mappings()
    for part in found.partitions(ROWS_AT_ONCE):
        yield [dict(row) for row in part]


def _plain(table: sa.Table) -> sa.TableClause:
    """The table with an absent document as null, not as the document `null`."""
    columns = [
        sa.column(c.name, sa.JSON(none_as_null=True) if isinstance(c.type, sa.JSON) else c.type)
        for c in table.columns
    ]
    return sa.table(table.name, *columns)


def _refused(happened: str, todo: str) -> ConfigError:
    return ConfigError(happened, kept="Nothing was moved.", todo=todo)
