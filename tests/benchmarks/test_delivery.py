"""What a nightly file costs beside DuckDB merely copying the same rows in the same order."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from exporters.match_files import compute_delta, workbench, write_csv, write_holdings
from matchbook.publishing.outbox import SUBJECT_KEY
from matchbook.settings import Settings
from matchbook.sql import text
from matchbook.warehouse import open_memory
from tests.memory import peak_mib

PAIRS = 1_000_000

pytestmark = pytest.mark.bench


def test_a_million_pairs(tmp_path: Path, settings: Settings) -> None:
    _write_outbox(tmp_path)
    bare = _seconds(lambda: _bare_copy(tmp_path))
    with workbench(settings) as connection:
        delta = _seconds(
            lambda: compute_delta(
                connection,
                pairs=tmp_path / "pairs.parquet",
                gate=tmp_path / "gate.parquet",
                held=None,
                suppressed=[("visitor", f"v{number}") for number in range(1000)],
                since=0,
            )
        )
        write = _seconds(lambda: write_csv(connection, tmp_path / "ours.csv"))
        hold = _seconds(
            lambda: write_holdings(
                connection,
                held=None,
                delivered=tmp_path / "ours.csv",
                as_of=datetime(2026, 11, 21, 3, 10),
                target=tmp_path / "held.parquet",
            )
        )
    peak = peak_mib()
    print(f"\n{PAIRS:,} pairs, all new to the partner:")
    print(f"  bare COPY, sorted   {bare:6.2f} s")
    print(f"  file: delta + CSV   {delta + write:6.2f} s = {delta:.2f} + {write:.2f}")
    print(f"  holdings, read back {hold:6.2f} s")
    file = delta + write
    print(f"  bare / file {bare / file:.2f}, bare / file and holdings {bare / (file + hold):.2f}")
    print(f"  peak memory of the process {peak:,.0f} MiB")
    assert peak < 1536


def _write_outbox(folder: Path) -> None:
    connection = open_memory()
    connection.execute(
        "create table pairs as select md5(i::varchar) as partner_cookie_id, "
        f"'r' || (i % 300000) as crm_record_id, i from range({PAIRS}) as t(i)"
    )
    connection.execute(
        "copy (select * exclude i, timestamp '2026-11-20' + to_seconds(i % 86400) as last_seen_at, "
        "1::bigint as cookie_seen_load_seq from pairs order by 1, 2) "
        f"to {text(folder / 'pairs.parquet')}"
    )
    connection.execute(
        "copy (select * exclude i, 'visitor' as subject_type, 'v' || i as subject_id from pairs "
        f"union all select * exclude i, 'identifier', md5('k' || i) from pairs order by 1, 2) "
        f"to {text(folder / 'old_gate.parquet')}"
    )
    connection.execute(
        f"copy (select gate.*, pairs.file_row_number as pair_number, {SUBJECT_KEY} as subject_key "
        f"from read_parquet({text(folder / 'old_gate.parquet')}) as gate inner join "
        f"read_parquet({text(folder / 'pairs.parquet')}, file_row_number = true) as pairs "
        "using (partner_cookie_id, crm_record_id) order by 1, 2) "
        f"to {text(folder / 'gate.parquet')}"
    )
    connection.close()


def _bare_copy(folder: Path) -> None:
    connection = open_memory()
    connection.execute(
        "copy (select partner_cookie_id, crm_record_id, 'add' as action, "
        "strftime(last_seen_at, '%Y-%m-%dT%H:%M:%SZ') as last_seen_at "
        f"from read_parquet({text(folder / 'pairs.parquet')}) order by 1, 2) "
        f"to {text(folder / 'bare.csv')} (format csv, header)"
    )
    connection.close()


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
