"""`matchbook work` as a process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.demo_home import run_matchbook


def test_nothing_to_do_is_done_at_once(tmp_path: Path) -> None:
    result = run_matchbook(tmp_path, "work", "--once", "--json")
    assert (result.returncode, result.stdout) == (0, '{"jobs": 0}\n')


def test_the_demo_s_worker_ends_with_the_demo(tmp_path: Path) -> None:
    arguments = [sys.executable, "-m", "matchbook", "--home", str(tmp_path)]
    arguments += ["work", "--until-stdin-ends"]
    worker = subprocess.Popen(arguments, stdin=subprocess.PIPE)
    assert worker.stdin is not None
    worker.stdin.close()
    assert worker.wait(timeout=60) == 0
