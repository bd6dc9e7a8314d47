"""One client's snapshot: a DuckDB file with its marts and the names it needs."""

from __future__ import annotations

from pathlib import Path

import duckdb

from matchbook.errors import BuildFailed
from matchbook.failpoints import failpoint
from matchbook.files import whole_file
from matchbook.publishing.artifacts import MARTS, Mart
from matchbook.sql import name, text

PRIVATE = ("visitor_id", "partner_cookie_id", "identifier_key")
"""Columns ending so never leave the warehouse in a published file."""

HISTORY_MART = "visitor_hits"
"""Published as Parquet history, not as a table."""

FOR_EVERYONE = ("build",)
"""Marts without a client."""

WITH_UNATTRIBUTED = ("line_accounting",)
"""Marts whose rows without a client are shown to every client."""

OWN_NAMES = ("clients", "sites", "client_partners", "publishers", "lists")
"""Registry mirrors cut to the client; `partners` is whole."""


def write_snapshot(
    connection: duckdb.DuckDBPyConnection, marts: tuple[Mart, ...], client_id: str, target: Path
) -> None:
    """Write the client's snapshot whole. `connection` has the warehouse attached."""
    with whole_file(target) as part:
        part.unlink(missing_ok=True)
        part.with_name(part.name + ".wal").unlink(missing_ok=True)
        connection.execute(f"attach {text(part)} as snapshot")
        try:
            for mart in marts:
                if mart.name != HISTORY_MART:
                    _copy_mart(connection, mart, client_id)
            _copy_names(connection, client_id)
            _write_descriptions(connection, marts)
        finally:
            connection.execute("detach snapshot")
        part.chmod(0o440)
        failpoint("publish.snapshot_written")


def _copy_mart(connection: duckdb.DuckDBPyConnection, mart: Mart, client_id: str) -> None:
    columns = _columns(connection, mart.name)
    kept = [column for column in columns if not column.endswith(PRIVATE)]
    condition, parameters = _of_client(mart.name, columns, client_id)
    connection.execute(
        f"create table snapshot.{name(mart.name)} as "  # noqa: S608
        f"select {', '.join(map(name, kept))} from warehouse.{MARTS}.{name(mart.name)} {condition}",
        parameters,
    )
    for column in kept:
        if comment := mart.columns.get(column):
            connection.execute(
                f"comment on column snapshot.main.{name(mart.name)}.{name(column)} "
                f"is {text(comment)}"
            )


def _columns(connection: duckdb.DuckDBPyConnection, mart: str) -> list[str]:
    rows = connection.execute(
        "select column_name from duckdb_columns() where database_name = 'warehouse' "
        "and schema_name = ? and table_name = ? order by column_index",
        [MARTS, mart],
    ).fetchall()
    return [row[0] for row in rows]


def _of_client(mart: str, columns: list[str], client_id: str) -> tuple[str, list[str]]:
    if mart in FOR_EVERYONE:
        return "", []
    if "client_id" not in columns:
        raise BuildFailed(
            f"The mart {mart} does not say which client a row belongs to.",
            kept="Nothing was published; readers keep the snapshot they have.",
            todo="Give it a client_id column and run: matchbook build",
        )
    if mart in WITH_UNATTRIBUTED:
        return "where client_id = ? or client_id is null", [client_id]
    return "where client_id = ?", [client_id]


def _copy_names(connection: duckdb.DuckDBPyConnection, client_id: str) -> None:
    connection.execute("create table snapshot.partners as from warehouse.raw.partners")
    for table in OWN_NAMES:
        connection.execute(
            f"create table snapshot.{table} as from warehouse.raw.{table} where client_id = ?",
            [client_id],
        )


def _write_descriptions(connection: duckdb.DuckDBPyConnection, marts: tuple[Mart, ...]) -> None:
    connection.execute(
        "create table snapshot.column_descriptions "
        "(table_name varchar not null, column_name varchar, description varchar not null)"
    )
    rows = [
        (mart.name, column, description)
        for mart in marts
        for column, description in ((None, mart.description), *mart.columns.items())
        if column is None or not column.endswith(PRIVATE)
    ]
    if rows:
        connection.executemany("insert into snapshot.column_descriptions values (?, ?, ?)", rows)
