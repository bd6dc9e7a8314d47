"""A worker in a process of its own, so that a failpoint can kill it: HOME, then its moment."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from exporters.pushes import drain
from matchbook import state
from matchbook.clock import Clock
from matchbook.settings import Settings


def run_worker(settings: Settings, *, failpoint: str = "") -> subprocess.Popen[str]:
    """Begin one attempt at everything that is due."""
    assert settings.now is not None
    return subprocess.Popen(
        [sys.executable, "-m", "tests.exporters.cep.worker", str(settings.home),
         settings.now.isoformat()],
        env={**os.environ, **({"MATCHBOOK_FAILPOINT": failpoint} if failpoint else {})},
        cwd=Path(__file__).parents[3], text=True, stderr=subprocess.PIPE,
    )  # fmt: skip


def forked_worker_dies(settings: Settings, failpoint: str) -> bool:
    """The same in a fork, in a tenth of the time; whether the failpoint killed it."""
    child = os.fork()
    if child == 0:
        os.environ["MATCHBOOK_FAILPOINT"] = failpoint
        state.forget_connections()  # they are not for two processes
        code = 1
        try:
            main(str(settings.home), settings.clock.now().isoformat())
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def main(home: str, now: str) -> None:
    """One attempt."""
    moment = datetime.fromisoformat(now)
    drain(Settings(home=Path(home), now=moment), clock=Clock(moment))


if __name__ == "__main__":
    main(*sys.argv[1:])
