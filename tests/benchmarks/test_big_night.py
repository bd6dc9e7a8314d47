"""A night of three million new calls on ten and on a hundred million calls of history.

`python -m tests.benchmarks.test_big_night FOLDER MILLIONS…` takes other histories (their days
hold three million calls each) and keeps what it makes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from matchbook.settings import REPOSITORY, Settings
from matchbook.warehouse import open_warehouse
from tests.benchmarks import synthetic_days

NEW = 3_000_000
HISTORIES = (10, 100)
"""Millions of calls."""
VISITORS, RECORDS = 400_000, 200_000

GROWTH = 1.3
STAGE = 3.0
"""A stage beside a bare scan and aggregation of the rows it has to read."""
MEMORY_GIB = 8.0

BARE = """
import duckdb, sys
duckdb.connect(sys.argv[1], read_only=True).sql('''
    select client_id, hit_type, visitor_id, partner_id, partner_cookie_id, identifier_key,
        cep_contact_id, count(*), min(hit_at), max(hit_at)
    from raw.hits where load_seq = (select max(load_seq) from raw.loads) group by all
''').to_arrow_table()
"""


@dataclass(frozen=True)
class Stage:
    """What one command of a night took: by the clock, of the processors, and memory at its peak."""

    name: str
    seconds: float
    own: float
    gib: float


@pytest.mark.bench
def test_a_night_on_a_long_history(tmp_path: Path) -> None:
    nights = {}
    for millions in HISTORIES:
        nights[millions] = _night(tmp_path / "home", millions)
        print(f"\n{_table(millions, nights[millions])}")
        shutil.rmtree(tmp_path / "home")
    few, many = (nights[millions]["build"] for millions in HISTORIES)
    print(f"{HISTORIES[1]} : {HISTORIES[0]} million of history = {many.own / few.own:.2f} (1.3)")
    assert many.own <= GROWTH * few.own
    assert max(stage.gib for night in nights.values() for stage in night.values()) <= MEMORY_GIB


def _night(home: Path, millions: int) -> dict[str, Stage]:
    """The backlog, a night with nothing new, the bare scan and a night with one day more."""
    days = round(millions * 1_000_000 / NEW)
    settings = _home(home, days)
    dbt = str(Path(sys.executable).with_name("dbt"))
    build = [dbt, "--quiet", "build", "--exclude", "test_type:unit"]
    matchbook = [sys.executable, "-m", "matchbook"]
    stages = [
        _measured(settings, "backlog", [dbt, "--quiet", "run"]),
        _measured(settings, "nothing new", build),
        _measured(settings, "first publish", [*matchbook, "publish"]),
    ]
    _add_day(settings, days)
    stages += [
        _measured(settings, "bare scan", [sys.executable, "-c", BARE, str(settings.warehouse)]),
        _measured(settings, "build", build),
        _measured(settings, "publish", [*matchbook, "publish"]),
        _measured(settings, "deliver", [*matchbook, "deliver"]),
    ]
    return {stage.name: stage for stage in stages}


def _table(millions: int, night: dict[str, Stage]) -> str:
    bare = night["bare scan"].seconds
    lines = [
        f"Wanted of each stage: at most {STAGE:g} × bare",
        f"{NEW:,} new calls on {millions} million     clock     own  × bare    peak",
    ]
    lines += [
        f"  {s.name:32} {s.seconds:7.1f} {s.own:7.1f} {s.seconds / bare:7.1f} {s.gib:6.1f} GiB"
        for s in night.values()
    ]
    return "\n".join(lines)


def _home(home: Path, days: int) -> Settings:
    settings = Settings(home=home)
    with open_warehouse(settings) as connection:
        synthetic_days.register(connection, RECORDS)
    for number in range(days):
        _add_day(settings, number)
    return settings


def _add_day(settings: Settings, number: int) -> None:
    with open_warehouse(settings) as connection:
        synthetic_days.add_day(connection, number, hits=NEW, visitors=VISITORS, records=RECORDS)


def _measured(settings: Settings, name: str, command: list[str]) -> Stage:
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=REPOSITORY / "dbt_project", stdout=subprocess.DEVNULL,
        env=os.environ | {"MATCHBOOK_HOME": str(settings.home)},
    )  # fmt: skip
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, name
    own = used.ru_utime + used.ru_stime
    return Stage(name, time.perf_counter() - begun, own, used.ru_maxrss / 2**20)


if __name__ == "__main__":
    for wanted in sys.argv[2:]:
        print(_table(int(wanted), _night(Path(sys.argv[1]) / wanted, int(wanted))), flush=True)
