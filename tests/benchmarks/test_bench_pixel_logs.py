"""Landing a combined log, beside DuckDB merely reading it as one text column into a table.

Each load runs in its own process, so that its peak memory is its own. Both are timed in a
warm process, as a night is after its first file: one line was read or landed before.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest.pixel_logs import land_pixel_log
from matchbook.clock import parse_moment
from matchbook.keys import load_keys
from matchbook.settings import Settings
from matchbook.warehouse import open_memory, open_warehouse
from tests.memory import peak_mib
from tests.pixel_lines import REGISTRY, many_lines

NOW = parse_moment("2026-11-21T03:10:00Z")


@pytest.mark.bench
@pytest.mark.parametrize(("ours", "wanted"), [(0.05, 0.5), (1.0, 0.3)], ids=["5 %", "100 %"])
def test_landing_speed(tmp_path: Path, ours: float, wanted: float) -> None:
    """Ratio to the plain read, and peak memory, at two million lines (BENCH_LINES)."""
    lines = int(os.environ.get("BENCH_LINES", "2000000"))
    log = tmp_path / "access.log"
    keys = load_keys(tmp_path / "home" / "keys")
    with log.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.writelines(line + "\n" for line in many_lines(keys, lines, ours=ours))
    read, landed = _measured("read", log), _measured("land", log)
    ratio = read["seconds"] / landed["seconds"]
    print(
        f"\nours {ours:.0%}: {lines:,} lines, {log.stat().st_size / 1e6:.0f} MB; "
        f"plain read {read['seconds']:.1f} s, landing {landed['seconds']:.1f} s, "
        f"{lines / landed['seconds']:,.0f} lines/s, ratio {ratio:.2f} (wanted {wanted}), "
        f"peak memory {landed['peak_mib']:.0f} MiB"
    )
    assert landed["lines"] == lines
    assert landed["peak_mib"] < 1024


def _measured(what: str, log: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", __name__, what, str(log)], capture_output=True, check=True, text=True
    )
    result: dict[str, float] = json.loads(done.stdout)
    return result


def _read(log: Path) -> int:
    with open_memory() as connection:
        connection.execute(f"attach '{log.with_suffix('.duckdb')}' as plain")
        connection.execute(
            "create or replace table plain.lines as select * from read_csv($log, "
            "columns = {'line': 'varchar'}, delim = '\x01', quote = '', escape = '', "
            "header = false, auto_detect = false, strict_mode = false, ignore_errors = true, "
            "null_padding = true, max_line_size = 1000000)",
            {"log": str(log)},
        )
    return 0


def _land(log: Path) -> int:
    settings = Settings(home=log.parent / "home", now=NOW)
    with open_warehouse(settings) as connection:
        return land_pixel_log(
            connection, settings, log, registry=REGISTRY, keys=load_keys(settings.keys)
        ).lines


def _one_line(log: Path) -> Path:
    """Another log, of the second line of this one."""
    with log.open("rb") as file, (log.parent / "one-line.log").open("wb") as other:
        file.readline()
        other.write(file.readline())
    return log.parent / "one-line.log"


if __name__ == "__main__":
    run, path = {"read": _read, "land": _land}[sys.argv[1]], Path(sys.argv[2])
    run(_one_line(path))
    started = time.perf_counter()
    count = run(path)
    seconds = time.perf_counter() - started
    peak = peak_mib()
    print(json.dumps({"lines": count, "seconds": seconds, "peak_mib": peak}))
