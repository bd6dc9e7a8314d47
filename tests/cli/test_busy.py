"""One run at a time: a second one says who runs, and ends."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo_home import run_matchbook
from tests.sizes import a_few_now

HOLD = """
import sys, time
from pathlib import Path
from matchbook.settings import Settings
from matchbook.warehouse import run_lock
with run_lock(Settings(home=Path(sys.argv[1])), command="matchbook nightly"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


AGAIN = "redeliver casa piano 2026-11-21"


COMMANDS = ("nightly", "build", "publish", "deliver", AGAIN, "rebuild")


@pytest.mark.parametrize("command", a_few_now(COMMANDS, "nightly", "deliver"))
def test_two_at_once(command: str, holder: subprocess.Popen[str], tmp_path: Path) -> None:
    began = time.monotonic()
    result = run_matchbook(tmp_path, *command.split())
    assert result.returncode == 75
    assert f"matchbook nightly (process {holder.pid}" in result.stderr
    assert "Nothing was changed." in result.stderr
    assert time.monotonic() - began < 5


def test_a_killed_run_leaves_no_lock(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    holder.kill()
    holder.wait()
    result = run_matchbook(tmp_path, "publish")
    assert result.returncode == 70
    assert "No build has been made yet." in result.stderr
