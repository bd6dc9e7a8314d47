"""What operators see of the whole installation: loads, builds and deliveries, no row of anybody.

One file for all clients, written anew with each publication and after each delivery.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa

from matchbook import state
from matchbook.files import whole_file
from matchbook.instance import FILE
from matchbook.settings import Settings
from matchbook.snapshots import Publication
from matchbook.sql import name, text
from matchbook.warehouse import open_memory

LOADS = (
    "load_seq, source, client_id, list_id, partner_id, content_bytes, lines, accepted, untracked, "
    "quarantined, duplicate, not_ours, landed_at"
)
"""Of raw.loads; file names stay out: they are what clients called them."""

_BUILDS = pa.schema(
    [("build_id", pa.string()), ("as_of", pa.timestamp("us")), ("published_at", pa.timestamp("us")),
     ("load_seq", pa.int64()), ("clients", pa.int64())]
)  # fmt: skip
_DELIVERIES = pa.schema(
    [("client_id", pa.string()), ("partner_id", pa.string()), ("build_id", pa.string()),
     ("state", pa.string()), ("as_of", pa.timestamp("us")), ("bytes", pa.int64()),
     ("rows_added", pa.int64()), ("rows_seen", pa.int64()), ("rows_removed", pa.int64()),
     ("attempts", pa.int64()), ("reason", pa.string()), ("planned_at", pa.timestamp("us")),
     ("confirmed_at", pa.timestamp("us"))]
)  # fmt: skip


def write_instance(
    connection: duckdb.DuckDBPyConnection, settings: Settings, publication: Publication
) -> None:
    """Write it anew; `connection` has the warehouse attached as `warehouse`."""
    with _whole(connection, settings):
        connection.execute(
            f"create table instance.loads as select {LOADS} from warehouse.raw.loads"
        )
        _write_builds(connection, publication)
        _write_deliveries(connection, settings)


def refresh_deliveries(settings: Settings) -> None:
    """The same after a delivery: loads and builds stay as they were. Nothing before the first."""
    target = settings.published / FILE
    if not target.is_file():
        return
    connection = open_memory()
    try:
        connection.execute(f"attach {text(target)} as before (read_only)")
        with _whole(connection, settings):
            for table in ("loads", "builds"):
                connection.execute(f"create table instance.{table} as from before.{table}")
            _write_deliveries(connection, settings)
    finally:
        connection.close()


@contextmanager
def _whole(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[None]:
    """A new file attached as `instance`, put in the old one's place when all went well."""
    with whole_file(settings.published / FILE) as part:
        part.unlink(missing_ok=True)
        connection.execute(f"attach {text(part)} as instance")
        try:
            yield
        finally:
            connection.execute("detach instance")
        part.chmod(0o440)


def _write_builds(connection: duckdb.DuckDBPyConnection, publication: Publication) -> None:
    rows = [
        {"build_id": one.build_id, "as_of": _naive(one.as_of), "load_seq": one.load_seq,
         "published_at": _naive(one.published_at), "clients": len(one.clients)}
        for one in (publication, *publication.previous)
    ]  # fmt: skip
    _write(connection, "builds", rows, _BUILDS)


def _write_deliveries(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    columns = [state.deliveries.c[column] for column in _DELIVERIES.names]
    with state.begin(settings) as opened:
        rows = [dict(row._mapping) for row in opened.execute(sa.select(*columns))]
    _write(connection, "deliveries", rows, _DELIVERIES)


def _write(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[dict[str, Any]], kind: Any
) -> None:
    connection.register("rows_of_it", pa.Table.from_pylist(list(rows), schema=kind))
    connection.execute(f"create table instance.{name(table)} as from rows_of_it")
    connection.unregister("rows_of_it")


def _naive(moment: Any) -> Any:
    return moment.replace(tzinfo=None)
