"""One client's snapshot: a DuckDB file with its marts and the names it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from matchbook.errors import BuildFailed
from matchbook.failpoints import failpoint
from matchbook.files import whole_file
from matchbook.publishing.artifacts import MARTS, Mart
from matchbook.publishing.sample import write_sample
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


@dataclass(frozen=True)
class Table:
    """A mart and the columns it has in the warehouse."""

    mart: Mart
    columns: tuple[str, ...]

    @property
    def public(self) -> list[str]:
        """The columns that are published."""
        return [column for column in self.columns if not column.endswith(PRIVATE)]


def published_tables(
    connection: duckdb.DuckDBPyConnection, marts: tuple[Mart, ...]
) -> tuple[Table, ...]:
    """The marts that become tables. `connection` has the warehouse attached, here and below."""
    rows = connection.execute(
        "select table_name, list(column_name order by column_index) from duckdb_columns() "
        "where database_name = 'warehouse' and schema_name = ? group by all",
        [MARTS],
    ).fetchall()
    columns = {table: tuple(names) for table, names in rows}
    return tuple(Table(m, columns.get(m.name, ())) for m in marts if m.name != HISTORY_MART)


def write_snapshot(
    connection: duckdb.DuckDBPyConnection,
    tables: tuple[Table, ...],
    client_id: str,
    target: Path,
    *,
    history: Sequence[Path],
) -> None:
    """Write the client's snapshot whole; `history` is the client's complete list of files."""
    with whole_file(target) as part:
        part.unlink(missing_ok=True)
        part.with_name(part.name + ".wal").unlink(missing_ok=True)
        connection.execute(f"attach {text(part)} as snapshot")
        try:
            for table in tables:
                _copy_mart(connection, table, client_id)
            _copy_names(connection, client_id)
            if any(table.mart.name == "members" for table in tables):
                write_sample(connection, history)
            _write_descriptions(connection, tables)
        finally:
            connection.execute("detach snapshot")
        part.chmod(0o440)
        failpoint("publish.snapshot_written")


def _copy_mart(connection: duckdb.DuckDBPyConnection, table: Table, client_id: str) -> None:
    mart = name(table.mart.name)
    condition, parameters = _of_client(table, client_id)
    connection.execute(
        f"create table snapshot.{mart} as "
        f"select {', '.join(map(name, table.public))} from warehouse.{MARTS}.{mart} {condition}",
        parameters,
    )
    comments = [
        f"comment on column snapshot.main.{mart}.{name(column)} is {text(comment)}"
        for column in table.public
        if (comment := table.mart.columns.get(column))
    ]
    connection.execute("; ".join(comments))


def _of_client(table: Table, client_id: str) -> tuple[str, list[str]]:
    if table.mart.name in FOR_EVERYONE:
        return "", []
    if "client_id" not in table.columns:
        raise BuildFailed(
            f"The mart {table.mart.name} is missing or does not say whose its rows are.",
            kept="Nothing was published; readers keep the snapshot they have.",
            todo="Run: matchbook build. If it says so again, give the mart a client_id.",
        )
    if table.mart.name in WITH_UNATTRIBUTED:
        return "where client_id = ? or client_id is null", [client_id]
    return "where client_id = ?", [client_id]


def _copy_names(connection: duckdb.DuckDBPyConnection, client_id: str) -> None:
    connection.execute("create table snapshot.partners as from warehouse.raw.partners")
    for table in OWN_NAMES:
        connection.execute(
            f"create table snapshot.{table} as from warehouse.raw.{table} where client_id = ?",
            [client_id],
        )


def _write_descriptions(connection: duckdb.DuckDBPyConnection, tables: tuple[Table, ...]) -> None:
    rows = [
        (table.mart.name, column, description)
        for table in tables
        for column, description in ((None, table.mart.description), *table.mart.columns.items())
        if column is None or column in table.public
    ]
    names, columns, descriptions = zip(*rows, strict=True)
    connection.execute(
        "create table snapshot.column_descriptions as select unnest(?::varchar[]) as table_name, "
        "unnest(?::varchar[]) as column_name, unnest(?::varchar[]) as description",
        [list(names), list(columns), list(descriptions)],
    )
