"""When calls came: few minutes, each parsed once, and the seconds within them."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingest.pixel_logs import values
from ingest.pixel_logs.distinct import asked_once

_MINUTE_STOP, _SECOND, _SECOND_STOP, _LENGTH = 17, 18, 20, 26
"""Places in `20/Nov/2026:10:05:03 +0000`."""
_SECONDS = pa.array([b"%02d" % second for second in range(60)], pa.binary())


def moments(connection: duckdb.DuckDBPyConnection, texts: pa.Array) -> pa.Array:
    """The naive UTC timestamps that are written, in either notation; null for what is none."""
    content = texts.cast(pa.binary())
    seconds = pc.index_in(pc.binary_slice(content, _SECOND, _SECOND_STOP), _SECONDS)
    is_long = pc.equal(pc.binary_length(content), _LENGTH)
    is_parted = pc.equal(pc.binary_slice(content, _MINUTE_STOP, _SECOND), b":")
    is_apart = pc.and_(pc.and_(is_long, is_parted), seconds.is_valid())
    minutes = pc.binary_replace_slice(content, _SECOND, _SECOND_STOP, b"00")
    parsed = pc.if_else(is_apart, minutes, content).cast(pa.string())
    found = asked_once(connection, {"at_text": parsed}, values.TIMES)["hit_at"]
    within = pc.if_else(is_apart, seconds, 0).cast(pa.int64()).cast(pa.duration("s"))
    return pc.add(found, within.cast(pa.duration("us")))
