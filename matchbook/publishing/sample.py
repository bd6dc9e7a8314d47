"""A copy of the hits of a fixed 5 % of members, from which estimates answer at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from matchbook.audiences.sampling import SAMPLE_BELOW
from matchbook.sql import text

_COLUMNS = (
    "visitor_key, hit_type, site_id, section, page_path, event_name, message_id, hit_at, hit_date"
)


def write_sample(connection: duckdb.DuckDBPyConnection, history: Sequence[Path]) -> None:
    """`sampled_hits` in the attached `snapshot`, in which `members` stands already."""
    if history:
        hits = f"read_parquet({text(list(history))}, hive_partitioning = false)"
    else:
        hits = "(from warehouse.marts.visitor_hits where false)"
    connection.execute(
        f"create table snapshot.sampled_hits as select {_COLUMNS} from {hits} where visitor_key in "
        "(select visitor_key from snapshot.members where member_key < ?) "
        "order by hit_date, visitor_key, hit_at",
        [SAMPLE_BELOW],
    )
