"""The database under state: an SQLite file or, by URL, a PostgreSQL that many processes share.

Tables are made, and those of an earlier version mended, when a process first opens it.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from matchbook.errors import ConfigError

_PREPARING = "matchbook: tables"


def open_engine(url: str, metadatas: Sequence[sa.MetaData], *, durable: bool = True) -> sa.Engine:
    """An engine whose database has all the tables, as they are today.

    Not `durable`: a commit is not waited for until it is on the disk. Raises ConfigError where the
    database cannot be reached or its driver is not installed.
    """
    engine = _sqlite(url, durable) if url.startswith("sqlite:") else _postgresql(url, durable)
    try:
        _prepare(engine, metadatas)
    except sa.exc.OperationalError as error:
        raise unreachable() from error
    return engine


def lock(connection: sa.Connection, name: str) -> None:
    """Let nobody else be past this line, with this name, until the transaction ends.

    SQLite lets one writer in anyway.
    """
    if connection.dialect.name == "postgresql":
        number = zlib.crc32(name.encode())
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def unreachable() -> ConfigError:
    """The error for a database that does not answer; its URL may hold a password."""
    return ConfigError(
        "The state database cannot be opened.",
        kept="Nothing was changed.",
        todo="See that it runs and that MATCHBOOK_STATE_URL names it; then try again.",
    )


def _sqlite(url: str, durable: bool) -> sa.Engine:
    engine = sa.create_engine(url)
    if engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    sync = "FULL" if durable else "NORMAL"
    sa.event.listen(engine, "connect", partial(_sqlite_settings, synchronous=sync))
    return engine


def _postgresql(url: str, durable: bool) -> sa.Engine:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise _not_a_url() from None
    if parsed.get_backend_name() != "postgresql":
        raise _not_a_url()
    try:
        # A server that was started anew is met with a new connection, not with an error.
        engine = sa.create_engine(
            parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=2
        )
    except ModuleNotFoundError:
        raise ConfigError(
            "The driver for PostgreSQL is not installed.",
            kept="Nothing was changed.",
            todo="Run: pip install '.[postgres]'",
        ) from None
    sa.event.listen(engine, "connect", partial(_postgresql_settings, durable=durable))
    return engine


def _not_a_url() -> ConfigError:
    return ConfigError(
        "MATCHBOOK_STATE_URL is not the URL of a database.",
        kept="Nothing was changed.",
        todo="Leave it out, or write it postgresql://USER@HOST/DATABASE.",
    )


def _prepare(engine: sa.Engine, metadatas: Sequence[sa.MetaData]) -> None:
    with engine.begin() as connection:
        lock(connection, _PREPARING)  # two that start together would both make a table
        for metadata in metadatas:
            metadata.create_all(connection)
            _add_columns(connection, metadata)


def _add_columns(connection: sa.Connection, metadata: sa.MetaData) -> None:
    """Give tables of an earlier version the columns they lack; such columns allow null."""
    found = sa.inspect(connection)
    for table in metadata.sorted_tables:
        there = {column["name"] for column in found.get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                with suppress(sa.exc.DBAPIError), connection.begin_nested():  # another added it
                    connection.execute(_adding(connection, table, column))


def _adding(connection: sa.Connection, table: sa.Table, column: sa.Column[object]) -> sa.TextClause:
    quoted = connection.dialect.identifier_preparer.quote
    kind = column.type.compile(connection.dialect)
    return sa.text(f"ALTER TABLE {quoted(table.name)} ADD COLUMN {quoted(column.name)} {kind}")


def _sqlite_settings(connection: object, _record: object, *, synchronous: str) -> None:
    _run(
        connection,
        "PRAGMA journal_mode=WAL",
        f"PRAGMA synchronous={synchronous}",
        "PRAGMA busy_timeout=10000",
        "PRAGMA foreign_keys=ON",
    )


def _postgresql_settings(connection: object, _record: object, *, durable: bool) -> None:
    _run(
        connection,
        "SET timezone = 'UTC'",
        f"SET synchronous_commit = {'on' if durable else 'off'}",
    )
    connection.commit()  # type: ignore[attr-defined]


def _run(connection: object, *statements: str) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for statement in statements:
        cursor.execute(statement)
    cursor.close()


@compiles(sa.String, "postgresql")
def _as_text(_kind: sa.String, _compiler: object, **_options: object) -> str:
    """As long as it is, as in SQLite: the lengths of our columns say what to expect."""
    return "TEXT"
