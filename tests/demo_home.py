"""Homes of a small demo: the same world, nights and code as `make demo`."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from matchbook.settings import Settings

END = date(2026, 11, 20)
LAST_NIGHT = "2026-11-21T03:10:00Z"
NIGHTS = 1

EVE = """
import sys
from matchbook.cli.demo_nights import demo_night, enqueue_nights, read_options
from matchbook import jobs
from matchbook.settings import Settings
from pathlib import Path
from ingest.demo import make_world

settings = Settings(home=Path(sys.argv[1]))
options = read_options(settings)
*earlier, last = enqueue_nights(settings, options)
for job in earlier:
    demo_night(settings, job, lambda text: None)
for job in (*earlier, last):
    jobs.finish(settings, job.job_id, status="done", result={})
make_world(settings, options).night(options.nights - 1)
"""
"""All nights but the last, whose files then wait in the inbox; no job waits for a worker."""


def make_eve(home: Path) -> None:
    """A home on the eve of its last night."""
    describe_world(home)
    command = [sys.executable, "-c", EVE, str(home)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stderr[-3000:]


def run_last_night(home: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """The night itself, by the command."""
    return run_matchbook(home, "--now", LAST_NIGHT, "nightly", "--json", **environ)


def describe_world(home: Path) -> None:
    """Only say which world it is to be; `matchbook demo` makes it."""
    from ingest.demo import WorldOptions
    from matchbook.cli.demo_nights import write_options

    options = WorldOptions(end=END, visitors=600, days=20, nights=NIGHTS, seed=1)
    write_options(Settings(home=home), options)


def run_matchbook(home: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, whatever comes of it."""
    return subprocess.run(
        [sys.executable, "-m", "matchbook", "--home", str(home), *arguments],
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )
