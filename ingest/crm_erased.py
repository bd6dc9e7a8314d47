"""Rows of a CRM file that are about somebody the client has erased: they are not taken in."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from ingest.crm_keys import keyed
from matchbook.crm_files import CrmBatch
from matchbook.erasure.tombstones import Erased
from matchbook.keys import Keys


class ErasedRows:
    """Leaves rows out of batches and counts them."""

    def __init__(self, erased: Erased, client_id: str, keys: Keys) -> None:
        self._erased = erased
        self._digests = erased.of([client_id])
        self._keys = keys
        self.lines = 0
        """Left out so far."""

    def without(self, batch: CrmBatch) -> CrmBatch:
        """The batch without the rows that name an erased record, contact or identifier."""
        if not self._digests:
            return batch
        rows = batch.rows
        gone = self._lines_of("record", rows["line_number"], rows["crm_record_id"])
        contacts = rows["cep_contact_id"].cast(pa.string())
        gone |= self._lines_of("cep_contact", rows["line_number"], contacts)
        for column, table in batch.identifiers.items():
            for version in range(len(self._keys.identifiers)):
                past = replace(self._keys, identifiers=self._keys.identifiers[: version + 1])
                made = keyed(past, column.identifier_type, table["sha256"])
                gone |= self._lines_of("identifier", table["line_number"], made)
        self.lines += len(gone)
        return _without(batch, gone) if gone else batch

    def _lines_of(self, kind: str, lines: pa.ChunkedArray, values: pa.ChunkedArray) -> set[int]:
        given = values.drop_null().unique().to_pylist()
        found = self._erased.among(self._digests, kind, given)
        if not found:
            return set()
        is_gone = pc.is_in(values, pa.array(sorted(found), pa.string()))
        return set(lines.filter(is_gone).to_pylist())


def _without(batch: CrmBatch, gone: set[int]) -> CrmBatch:
    lines = pa.array(sorted(gone), pa.int64())

    def rest(table: pa.Table) -> pa.Table:
        return table.filter(pc.invert(pc.is_in(table["line_number"], lines)))

    return replace(
        batch,
        rows=rest(batch.rows),
        identifiers={column: rest(table) for column, table in batch.identifiers.items()},
        attributes={column: rest(table) for column, table in batch.attributes.items()},
    )
