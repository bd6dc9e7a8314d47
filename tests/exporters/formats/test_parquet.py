"""Parquet in a Hive layout, written by Arrow and read back by DuckDB's own reader."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from tests.exporters.formats.pairs import MOMENT, PAIRS, profile, rendered

COLUMNS = {
    "network_userid": "VARCHAR",
    "user_id": "VARCHAR",
    "id_type": "VARCHAR",
    "action": "VARCHAR",
    "last_seen_tstamp": "TIMESTAMP WITH TIME ZONE",
    "exported_at": "TIMESTAMP WITH TIME ZONE",
}


def read(folder: Path) -> tuple[dict[str, str], list[tuple[object, ...]]]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'").fetchall()
        found = connection.execute(
            "select * from read_parquet(?, hive_partitioning = true) order by 1, 2",
            [f"{folder}/match/**/*.parquet"],
        )
        kinds = {column[0]: str(column[1]) for column in found.description or ()}
        return kinds, found.fetchall()


@pytest.mark.parametrize("compression", ["zstd", "snappy", "none"])
def test_snowplows_mapping_table(compression: str, tmp_path: Path) -> None:
    (file,) = rendered(profile("snowplow", compression=compression), tmp_path)
    assert file.name == "match/export_date=2026-11-22/part-00001.parquet"
    kinds, rows = read(tmp_path)
    assert kinds == COLUMNS | {"export_date": "DATE"}
    assert rows == [
        (cookie, record, "crm_record_id", action, seen and moment(seen), MOMENT, date(2026, 11, 22))
        for cookie, record, action, seen in PAIRS
    ]
    assert file.rows == len(PAIRS)


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def test_a_limit_of_rows_makes_parts(tmp_path: Path) -> None:
    files = rendered(profile("snowplow", max_rows=6), tmp_path)
    assert [file.rows for file in files] == [6, 6, 6, 2]
    assert [file.name[-18:] for file in files] == [f"part-{n:05d}.parquet" for n in (1, 2, 3, 4)]
    assert [row[:2] for row in read(tmp_path)[1]] == [pair[:2] for pair in PAIRS]


def test_a_night_without_changes_is_a_file_without_rows(tmp_path: Path) -> None:
    (file,) = rendered(profile("snowplow"), tmp_path, [])
    assert file.rows == 0
    assert read(tmp_path) == (COLUMNS | {"export_date": "DATE"}, [])
