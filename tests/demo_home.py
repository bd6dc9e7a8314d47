"""A demo home small enough for tests: the same world, nights and code as `make demo`."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from matchbook.settings import Settings

END = date(2026, 11, 20)
NIGHTS = 2


def make_demo_home(home: Path) -> None:
    """Make the world, run its backlog and nights."""
    prepare_demo_home(home)
    matchbook(home, "demo", "--no-serve")


def prepare_demo_home(home: Path) -> None:
    """Only say which world it is to be; `matchbook demo` makes it."""
    from ingest.demo import WorldOptions
    from matchbook.cli.demo_nights import write_options

    options = WorldOptions(end=END, visitors=1500, days=30, nights=NIGHTS, seed=1)
    write_options(Settings(home=home), options)


def matchbook(home: Path, *arguments: str, check: bool = True, **environ: str) -> str:
    """Run the command in a process of its own; its stdout."""
    return run_matchbook(home, *arguments, check=check, **environ).stdout


def run_matchbook(
    home: Path, *arguments: str, check: bool = False, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, whatever comes of it."""
    result = subprocess.run(
        [sys.executable, "-m", "matchbook", "--home", str(home), *arguments],
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )
    if check:
        assert result.returncode == 0, f"exit {result.returncode}: {result.stderr[-2000:]}"
    return result
