"""A snapshot holds all hits of a fixed share of its members, and no others."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from matchbook.audiences.sampling import SAMPLE_BELOW
from matchbook.publishing.sample import write_sample

COLUMNS = (
    "visitor_key, hit_type, site_id, section, page_path, event_name, message_id, hit_at, hit_date"
)
HITS = (
    "select visitor_key, 'page_view' as hit_type, 'nl' as site_id, 's' as section, '/s' as "
    "page_path, null::varchar as event_name, null::varchar as message_id, "
    "timestamp '2026-11-18 10:00' as hit_at, date '2026-11-18' as hit_date, 7 as load_seq "
    "from range(6) t(visitor_key), range(2)"
)


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    """Browsers 0 to 2 are of a member in the sample, 3 to 5 of one just outside."""
    opened = duckdb.connect()
    opened.execute("attach ':memory:' as snapshot; attach ':memory:' as warehouse")
    opened.execute("create schema warehouse.marts")
    opened.execute(f"create view warehouse.marts.visitor_hits as {HITS}")
    opened.execute(
        "create table snapshot.members as select visitor_key, case when visitor_key < 3 "
        f"then {SAMPLE_BELOW - 1} else {SAMPLE_BELOW} end as member_key "
        "from range(6) t(visitor_key)"
    )
    return opened


def test_all_hits_of_the_sample_are_copied(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    files = [tmp_path / "it's.parquet", tmp_path / "more.parquet"]
    with closing(connection):
        for file in files:
            connection.sql(HITS).write_parquet(str(file))
        write_sample(connection, files)
        found = connection.execute(
            "select visitor_key, count(*) from snapshot.sampled_hits group by all order by 1"
        ).fetchall()
        columns = connection.execute("from snapshot.sampled_hits").description
    assert found == [(0, 4), (1, 4), (2, 4)]
    assert ", ".join(column[0] for column in columns) == COLUMNS


def test_without_a_history_it_is_empty_and_has_its_columns(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    with closing(connection):
        write_sample(connection, [])
        rows = connection.execute("from snapshot.sampled_hits")
        assert rows.fetchall() == []
        assert ", ".join(column[0] for column in rows.description) == COLUMNS
