"""The temporary tables of one CRM load: verified batches with their hashes keyed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from ingest.landing import LandedFile
from matchbook.crm_files import Column, CrmBatch, CrmFile
from matchbook.crm_files.attribute_types import FALSE_WORDS, TRUE_WORDS
from matchbook.identifiers import identifier_keys, key_version
from matchbook.keys import Keys

TABLES = ("crm_rows", "record_identifiers", "record_attributes", "load_columns", "quarantine")
"""What a CRM load fills, besides the account of its lines."""

_TARGETS = {name: f"new_{name}" for name in (*TABLES, "line_outcomes")} | {
    "record_attributes": "crm_attributes"
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
"""  # noqa: S608  (constants only)


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

    @contextmanager
    def tables(self) -> Iterator[None]:
        """Empty tables for the block; whatever happens in it, nothing stays in them."""
        run = self._connection.execute
        for name, target in _TARGETS.items():
            run(
                f"create or replace temp table {target} as "  # noqa: S608  (constants only)
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
        self._insert("new_crm_rows", batch.rows, self._of_list("client_id", "list_mode"))
        for column, table in batch.identifiers.items():
            self._add_identifiers(column, table)
        for column, table in batch.attributes.items():
            self._add_attributes(column, table)
        self._insert("new_quarantine", batch.rejects, self._of_client())

    def finish(self, crm_file: CrmFile) -> None:
        """Add what is known once the whole file has been read."""
        types = crm_file.attribute_types
        by_position = [types.get(c.name, "text") for c in crm_file.columns]
        self._connection.execute(
            "set variable crm_attribute_types = $types", {"types": by_position}
        )
        columns = [c for c in crm_file.columns if c.kind != "record_id"]
        table = pa.table(
            {
                "column_kind": pa.array([c.kind for c in columns], pa.string()),
                "column_name": pa.array([c.name for c in columns], pa.string()),
            }
        )
        self._insert("new_load_columns", table, self._of_list())
        rejected = sorted(crm_file.rejected.items())
        self.account([("accepted", None, crm_file.accepted)])
        self.account([("quarantined", reason, lines) for reason, lines in rejected])

    def account(self, outcomes: list[tuple[str, str | None, int]]) -> None:
        """Stage (outcome, reason, lines)."""
        table = pa.table(
            {
                "outcome": pa.array([outcome for outcome, _, _ in outcomes], pa.string()),
                "reason": pa.array([reason for _, reason, _ in outcomes], pa.string()),
                "lines": pa.array([lines for _, _, lines in outcomes], pa.int64()),
            }
        )
        self._insert("new_line_outcomes", table, self._of_client())

    def _add_identifiers(self, column: Column, table: pa.Table) -> None:
        hashes = table["sha256"].to_pylist()
        keyed = pa.array(identifier_keys(self._keys, column.identifier_type, hashes), pa.string())
        constants = {
            "identifier_type": column.identifier_type,
            "profile": column.profile,
            "key_version": key_version(self._keys),
        }
        table = table.drop_columns("sha256").append_column("identifier_key", keyed)
        self._insert("new_record_identifiers", table, self._of_list("client_id") | constants)

    def _add_attributes(self, column: Column, table: pa.Table) -> None:
        table = table.rename_columns(["line_number", "crm_record_id", "attribute_value"])
        constants = {"attribute_name": column.name, "column_number": column.position}
        self._insert("crm_attributes", table, self._of_list("client_id") | constants)

    def _insert(self, target: str, table: pa.Table, constants: Mapping[str, object]) -> None:
        if table.num_rows == 0:
            return
        added = ", ".join(f"${name} as {name}" for name in constants)
        self._connection.register("crm_batch", table)
        try:
            self._connection.execute(
                f"insert into {target} by name "  # noqa: S608  (constants only)
                f"select *, {added} from crm_batch",
                dict(constants),
            )
        finally:
            self._connection.unregister("crm_batch")

    def _of_list(self, *more: str) -> dict[str, Any]:
        constants = {"list_id": self._file.list_id, "hit_date": self._hit_date}
        return constants | {name: getattr(self._file, name) for name in more}

    def _of_client(self) -> dict[str, Any]:
        client_id = self._file.client_id
        return {"source": "crm_file", "client_id": client_id, "hit_date": self._hit_date}

    def _drop(self) -> None:
        self._connection.execute("drop view if exists new_record_attributes")
        for target in _TARGETS.values():
            self._connection.execute(f"drop table if exists {target}")
