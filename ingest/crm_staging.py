"""What becomes of one CRM file's rows: keyed, in the lake's files and some temporary tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingest.crm_attributes import WaitingAttributes
from ingest.crm_erased import ErasedRows
from ingest.crm_keys import keyed
from ingest.crm_lake import LoadFiles, with_constants
from ingest.landing import LandedFile
from matchbook.crm_files import Column, CrmBatch, CrmFile
from matchbook.erasure import tombstones
from matchbook.identifiers import key_version
from matchbook.keys import Keys
from matchbook.settings import Settings

IN_LAKE = ("crm_rows", "record_identifiers", "record_attributes")
"""Raw tables that a CRM load fills from files of the lake."""
_KNOWN_AT_ONCE = ("crm_rows", "record_identifiers")
"""Of them, those whose rows need not wait for the end of the file."""
TABLES = ("load_columns", "quarantine")
"""What it fills besides, and the account of its lines."""

FLUSH_ROWS = 250_000
"""Rejected rows that wait for one insert."""

_CONSTANTS = {
    "crm_rows": ("client_id", "list_id", "list_mode", "hit_date"),
    "record_identifiers": ("client_id", "list_id", "key_version", "hit_date"),
    "record_attributes": ("client_id", "list_id", "hit_date"),
    "load_columns": ("list_id", "hit_date"),
    "quarantine": ("source", "client_id", "hit_date"),
    "line_outcomes": ("source", "client_id", "hit_date"),
}


class Staging:
    """What `ingest.landing.land` expects of a CRM file, filled batch by batch."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        settings: Settings,
        file: LandedFile,
        *,
        keys: Keys,
        hit_date: date,
    ) -> None:
        self._connection = connection
        self._file = file
        self._keys = keys
        self._hit_date = hit_date
        self._waiting: dict[str, list[pa.Table]] = {n: [] for n in (*TABLES, "line_outcomes")}
        self._lake = LoadFiles(
            connection, settings, {name: self._constants(name) for name in IN_LAKE}
        )
        self._erased = ErasedRows(tombstones.load(settings), str(file.client_id), keys)
        self._attributes = WaitingAttributes(self._lake.part("record_attributes", "values"))

    @property
    def crm_rows(self) -> Path:
        """The file of accepted rows, whole after `flush`."""
        return self._lake["crm_rows"].path

    @contextmanager
    def tables(self) -> Iterator[None]:
        """Empty tables and files for the block; what has not landed in it is gone after it."""
        for name in self._waiting:
            self._connection.execute(
                f"create or replace temp table new_{name} as "
                f"select * exclude (load_seq) from raw.{name} limit 0"
            )
        with ExitStack() as opened:
            opened.callback(self._drop)
            opened.enter_context(self._lake.open())
            opened.enter_context(self._attributes)
            yield

    def add(self, batch: CrmBatch) -> None:
        """Stage one verified batch."""
        batch = self._erased.without(batch)
        self._lake["crm_rows"].add(batch.rows)
        for column, table in batch.identifiers.items():
            self._add_identifiers(column, table)
        for column, table in batch.attributes.items():
            self._attributes.add(column, table)
        self._stage("quarantine", batch.rejects)

    def finish(self, crm_file: CrmFile) -> None:
        """Add what is known once the whole file has been read."""
        for name in _KNOWN_AT_ONCE:
            self._lake[name].end()
        for rows in self._attributes.typed(crm_file.attribute_types):
            self._lake["record_attributes"].add(rows)
        self._stage("load_columns", _load_columns(crm_file))
        erased = self._erased.lines
        outcomes: list[tuple[str, str | None, int]]
        outcomes = [
            ("accepted", None, crm_file.accepted - erased),
            ("untracked", "opted_out", erased),
        ]
        outcomes += [("quarantined", *one) for one in sorted(crm_file.rejected.items())]
        self.account([outcome for outcome in outcomes if outcome[-1] > 0])

    def account(self, outcomes: list[tuple[str, str | None, int]]) -> None:
        """Stage the account of all lines as (outcome, reason, lines) and write everything."""
        columns = zip(*outcomes, strict=True)
        types = (pa.string(), pa.string(), pa.int64())
        arrays = [pa.array(values, kind) for values, kind in zip(columns, types, strict=True)]
        self._stage("line_outcomes", pa.table(arrays, names=["outcome", "reason", "lines"]))
        for name in self._waiting:
            self._flush(name)

    def into_lake(self, file: LandedFile) -> None:
        """Write what still waits and give the files the names of this file's load."""
        self._lake.close()
        self._lake.name(file)

    def flush(self) -> None:
        """Write the accepted rows to their end."""
        self._lake["crm_rows"].close()

    def _add_identifiers(self, column: Column, table: pa.Table) -> None:
        key_column = keyed(self._keys, column.identifier_type, table["sha256"])
        table = table.drop_columns("sha256").append_column("identifier_key", key_column)
        named = {"identifier_type": column.identifier_type, "profile": column.profile}
        self._lake["record_identifiers"].add(with_constants(table, named))

    def _stage(self, name: str, table: pa.Table) -> None:
        waiting = self._waiting[name]
        waiting.append(table)
        if sum(part.num_rows for part in waiting) >= FLUSH_ROWS:
            self._flush(name)

    def _flush(self, name: str) -> None:
        parts, self._waiting[name] = self._waiting[name], []
        if not sum(part.num_rows for part in parts):
            return
        constants = self._constants(name)
        added = ", ".join(f"${constant} as {constant}" for constant in constants)
        self._connection.register("crm_batch", pa.concat_tables(parts))
        try:
            self._connection.execute(
                f"insert into new_{name} by name select *, {added} from crm_batch", constants
            )
        finally:
            self._connection.unregister("crm_batch")

    def _constants(self, name: str) -> dict[str, Any]:
        """What is the same in all rows of a load."""
        known = {
            "source": self._file.source,
            "client_id": self._file.client_id,
            "list_id": self._file.list_id,
            "list_mode": self._file.list_mode,
            "key_version": key_version(self._keys),
            "hit_date": self._hit_date,
        }
        return {column: known[column] for column in _CONSTANTS[name]}

    def _drop(self) -> None:
        for name in self._waiting:
            self._connection.execute(f"drop table if exists new_{name}")


def _load_columns(crm_file: CrmFile) -> pa.Table:
    columns = [column for column in crm_file.columns if column.kind != "record_id"]
    return pa.table(
        {
            "column_kind": pa.array([column.kind for column in columns], pa.string()),
            "column_name": pa.array([column.name for column in columns], pa.string()),
        }
    )
