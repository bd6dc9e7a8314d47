"""A column of hashes becomes a column of identifier keys, without holding up other threads."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from matchbook.hmacs import blocks
from matchbook.keys import Keys

ROWS_OF_A_THREAD = 8_192
"""DuckDB's threads take so many rows at a time, so that a batch keeps all of them busy."""


def keyed(
    scratch: duckdb.DuckDBPyConnection, keys: Keys, identifier_type: str, digests: pa.ChunkedArray
) -> pa.ChunkedArray:
    """The identifier keys of hashes, given as 32 bytes each and none missing, in their order.

    What `matchbook.identifiers.identifier_key` says of each. DuckDB computes them: a loop of
    Python's is not slower, but keeps other threads waiting. Keys are bound, never part of SQL.
    """
    made, bound = "digest", list[bytes]()
    for key in keys.identifiers:
        inner, outer = blocks(key)
        bound = [outer, inner + identifier_type.encode() + b"\0", *bound]
        made = f"unhex(sha256(?::blob || unhex(sha256(?::blob || {made}))))"
    made = made.removeprefix("unhex(").removesuffix(")")
    batches = pa.table({"digest": digests}).to_batches(max_chunksize=ROWS_OF_A_THREAD)
    scratch.register("hashes", pa.Table.from_batches(batches, pa.schema({"digest": digests.type})))
    try:
        found = scratch.sql(f"select {made} as key from hashes", params=bound).to_arrow_table()
    finally:
        scratch.unregister("hashes")
    return found["key"]
