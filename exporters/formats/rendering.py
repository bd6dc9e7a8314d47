"""From the delta of one client × partner to the partner's own files.

The delta keeps its order, so the same delta, profile and moment are the same bytes; only what is
encrypted differs each time, which is why stored bytes are sent again and never made again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import LiteralString

import duckdb
import pyarrow as pa

from exporters.formats import csv, json_batches, ndjson, parquet
from exporters.formats.files import Kind, PartnerFile, Shelf
from exporters.formats.openpgp import certificate
from exporters.formats.splitting import write_lines
from matchbook.errors import ConfigError
from matchbook.partners.profile import DeliveryProfile
from matchbook.sql import name

BATCH_ROWS = 100_000
"""How many rows are in memory as lines at once."""

LARGE_ROWS = 2_000_000
"""So many rows stay below 2 GiB, for none has more than a thousand bytes: two ids of 256
characters, a few words and times."""


def render(
    connection: duckdb.DuckDBPyConnection,
    *,
    profile: DeliveryProfile,
    moment: datetime,
    folder: Path,
    delta: str = "delta",
    recipient_key: bytes | None = None,
) -> tuple[PartnerFile, ...]:
    """Write a table of pairs into `folder` as the partner takes it; the files in sending order.

    `delta` has partner_cookie_id, crm_record_id, action and last_seen_at; `moment` (UTC) is the
    build's. A delta without rows is one empty file, or none where a file has no header. Raises
    ConfigError, before the first byte, when the client's settings lack something or the
    recipient's key cannot be used.
    """
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if missing := profile.missing():
        raise _not_set(missing)
    recipient = profile.recipient
    key = certificate(recipient, recipient_key, moment=moment) if recipient else None
    ((count,),) = connection.execute(f"select count(*) from {name(delta)}").fetchall()
    shelf = Shelf(folder, profile, moment, key, is_large=count > LARGE_ROWS)
    files: list[PartnerFile] = []
    if profile.removals.how == "file":  # first, so that what still holds is told after it
        _name_rows(connection, delta, "action = 'remove'")
        files += _files(connection, shelf, "removals")
    takes_all = profile.removals.how == "row"
    _name_rows(connection, delta, "true" if takes_all else "action <> 'remove'")
    return (*files, *_files(connection, shelf, "matches"))


def _name_rows(connection: duckdb.DuckDBPyConnection, delta: str, condition: LiteralString) -> None:
    """The pairs of one kind of file, in their order, as the view `partner_rows`."""
    connection.execute(
        f"create or replace temp view partner_rows as select * from {name(delta)} "
        f"where {condition} order by partner_cookie_id, crm_record_id"
    )


def _files(connection: duckdb.DuckDBPyConnection, shelf: Shelf, kind: Kind) -> list[PartnerFile]:
    profile, moment = shelf.profile, f"{shelf.moment:%Y-%m-%dT%H:%M:%SZ}"
    if profile.format == "parquet":
        query = parquet.query_of(profile, moment)
        return parquet.write_parquet(_batches(connection, query), shelf, kind)
    if profile.format == "csv":
        query, header = csv.query_of(profile, moment), csv.header_of(profile)
        return write_lines(_batches(connection, query), shelf, kind, header=header)
    if kind == "removals":
        query = ndjson.query_of(profile.removals.line, profile, moment, is_distinct=True)
    elif profile.format == "ndjson":
        query = ndjson.query_of(profile.line, profile, moment)
    else:
        query = json_batches.query_of(profile, moment)
    return write_lines(_batches(connection, query), shelf, kind)


def _batches(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[pa.RecordBatch]:
    yield from connection.sql(query).to_arrow_reader(BATCH_ROWS)


def _not_set(missing: tuple[str, ...]) -> ConfigError:
    return ConfigError(
        f"The client's settings for this partner lack: {', '.join(missing)}.",
        kept="No file was written.",
        todo="Ask the partner for them and set them for this client.",
    )
