"""A column of hashes becomes a column of identifier keys, without holding up other threads."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pyarrow as pa

from matchbook.hmacs import blocks
from matchbook.keys import Keys

if TYPE_CHECKING:
    from datafusion import Expr, SessionContext


def keyed(keys: Keys, identifier_type: str, digests: pa.ChunkedArray) -> pa.ChunkedArray:
    """The identifier keys of hashes, given as 32 bytes each and none missing, in their order.

    What `matchbook.identifiers.identifier_key` says of each. DataFusion computes them with the
    processor's own instructions for SHA-256: a third of the time that Python's loop takes or
    DuckDB, which has none of them. Keys are bound, never part of SQL.
    """
    from datafusion import col, functions

    made = col("digest")
    for key in keys.identifiers:
        inner, outer = blocks(key)
        made = _sha256_after(inner + identifier_type.encode() + b"\0", made)
        made = _sha256_after(outer, made)
    batches = pa.table({"digest": digests.cast(pa.binary())}).to_batches()
    if not batches:
        return pa.chunked_array([], pa.string())
    rows = _session().create_dataframe([batches])
    return rows.select(functions.encode(made, "hex").alias("key")).to_arrow_table()["key"]


@cache
def _session() -> SessionContext:
    """One thread for each batch: the next one is read and the last one written meanwhile."""
    from datafusion import SessionConfig, SessionContext

    return SessionContext(SessionConfig().with_target_partitions(1))


def _sha256_after(prefix: bytes, values: Expr) -> Expr:
    from datafusion import functions, literal

    return functions.sha256(functions.concat(literal(pa.scalar(prefix, pa.binary())), values))
