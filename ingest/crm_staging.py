"""The temporary tables of one CRM load: verified batches with their hashes keyed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from ingest.crm_keys import keyed
from ingest.landing import LandedFile
from matchbook.crm_files import Column, CrmBatch, CrmFile
from matchbook.crm_files.attribute_types import FALSE_WORDS, TRUE_WORDS
from matchbook.identifiers import key_version
from matchbook.keys import Keys

TABLES = ("crm_rows", "record_identifiers", "record_attributes", "load_columns", "quarantine")
"""What a CRM load fills, besides the account of its lines."""

FLUSH_ROWS = 250_000
"""Rows that wait for one insert: below two row groups DuckDB takes eight times as long."""

_TARGETS = {name: f"new_{name}" for name in (*TABLES, "line_outcomes")} | {
    "record_attributes": "crm_attributes"
}
_CONSTANTS = {
    "crm_rows": ("client_id", "list_id", "list_mode", "hit_date"),
    "record_identifiers": ("client_id", "list_id", "key_version", "hit_date"),
    "record_attributes": ("client_id", "list_id", "hit_date"),
    "load_columns": ("list_id", "hit_date"),
    "quarantine": ("source", "client_id", "hit_date"),
    "line_outcomes": ("source", "client_id", "hit_date"),
}
_TRUE = ", ".join(f"'{word}'" for word in TRUE_WORDS)
_FALSE = ", ".join(f"'{word}'" for word in FALSE_WORDS)

# An attribute's type is known when the file has been read, so this one is a view.
_TYPED_ATTRIBUTES = f"""
create or replace temp view new_record_attributes as
select * exclude (column_number, attribute_value) replace (
        getvariable('crm_attribute_types')[column_number + 1] as attribute_type
    ),
    case
        when getvariable('crm_attribute_types')[column_number + 1] <> 'boolean' then attribute_value
        when lower(attribute_value) in ({_TRUE}) then 'true'
        when lower(attribute_value) in ({_FALSE}) then 'false'
    end as attribute_value
from crm_attributes
"""


class Staging:
    """What `ingest.landing.land` expects of a CRM file, filled batch by batch."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        file: LandedFile,
        *,
        keys: Keys,
        hit_date: date,
    ) -> None:
        self._connection = connection
        self._file = file
        self._keys = keys
        self._hit_date = hit_date
        self._waiting: dict[str, list[pa.Table]] = {name: [] for name in _TARGETS}

    @contextmanager
    def tables(self) -> Iterator[None]:
        """Empty tables for the block; whatever happens in it, nothing stays in them."""
        run = self._connection.execute
        for name, target in _TARGETS.items():
            run(
                f"create or replace temp table {target} as "
                f"select * exclude (load_seq) from raw.{name} limit 0"
            )
        run("alter table crm_attributes add column column_number integer")
        run("set variable crm_attribute_types = ['text']")
        run(_TYPED_ATTRIBUTES)
        try:
            yield
        finally:
            self._drop()

    def add(self, batch: CrmBatch) -> None:
        """Stage one verified batch."""
        self._stage("crm_rows", batch.rows)
        for column, table in batch.identifiers.items():
            self._add_identifiers(column, table)
        for column, table in batch.attributes.items():
            self._add_attributes(column, table)
        self._stage("quarantine", batch.rejects)

    def finish(self, crm_file: CrmFile) -> None:
        """Add what is known once the whole file has been read."""
        types = crm_file.attribute_types
        by_position = [types.get(column.name, "text") for column in crm_file.columns]
        self._connection.execute(
            "set variable crm_attribute_types = $types", {"types": by_position}
        )
        self._stage("load_columns", _load_columns(crm_file))
        accepted = [("accepted", None, crm_file.accepted)]
        rejected = sorted(crm_file.rejected.items())
        self.account(accepted + [("quarantined", reason, lines) for reason, lines in rejected])

    def account(self, outcomes: list[tuple[str, str | None, int]]) -> None:
        """Stage the account of all lines as (outcome, reason, lines) and write everything."""
        columns = zip(*outcomes, strict=True)
        types = (pa.string(), pa.string(), pa.int64())
        arrays = [pa.array(values, kind) for values, kind in zip(columns, types, strict=True)]
        self._stage("line_outcomes", pa.table(arrays, names=["outcome", "reason", "lines"]))
        self.flush()

    def flush(self) -> None:
        """Write what still waits into the tables."""
        for name in _TARGETS:
            self._flush(name)

    def _add_identifiers(self, column: Column, table: pa.Table) -> None:
        key_column = keyed(self._keys, column.identifier_type, table["sha256"])
        table = table.drop_columns("sha256").append_column("identifier_key", key_column)
        named = {"identifier_type": column.identifier_type, "profile": column.profile}
        self._stage("record_identifiers", _with_constants(table, named))

    def _add_attributes(self, column: Column, table: pa.Table) -> None:
        table = table.rename_columns(["line_number", "crm_record_id", "attribute_value"])
        named = {"attribute_name": column.name, "column_number": column.position}
        self._stage("record_attributes", _with_constants(table, named))

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
                f"insert into {_TARGETS[name]} by name select *, {added} from crm_batch",
                constants,
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
        self._connection.execute("drop view if exists new_record_attributes")
        for target in _TARGETS.values():
            self._connection.execute(f"drop table if exists {target}")


def _with_constants(table: pa.Table, constants: Mapping[str, object]) -> pa.Table:
    for name, value in constants.items():
        table = table.append_column(name, pa.repeat(pa.scalar(value), table.num_rows))
    return table


def _load_columns(crm_file: CrmFile) -> pa.Table:
    columns = [column for column in crm_file.columns if column.kind != "record_id"]
    return pa.table(
        {
            "column_kind": pa.array([column.kind for column in columns], pa.string()),
            "column_name": pa.array([column.name for column in columns], pa.string()),
        }
    )
