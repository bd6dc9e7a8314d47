"""Runs one step of the night in a process of its own, so that a failpoint can kill it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from matchbook.settings import Settings

_STEPS = {
    "publish": "from matchbook.publishing import publish; publish(settings)",
    "deliver": "from exporters.delivery import deliver_all; "
    "from matchbook import registry; deliver_all(settings, registry=registry.current(settings))",
}


def run_killed_at(settings: Settings, step: str, failpoint: str) -> None:
    """Run a step that must die at the failpoint."""
    assert settings.now is not None
    environment = {
        **os.environ,
        "MATCHBOOK_HOME": str(settings.home),
        "MATCHBOOK_NOW": settings.now.isoformat(),
        "MATCHBOOK_FAILPOINT": failpoint,
    }
    prepare = "from matchbook.settings import Settings; settings = Settings.from_environment(); "
    command = [sys.executable, "-c", prepare + _STEPS[step]]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


def tree(folder: Path, *, without: str = "") -> dict[str, bytes]:
    """Every file under a folder with its bytes; of those named `without…` only that they exist."""
    return {
        path.relative_to(folder).as_posix(): b""
        if without and path.name.endswith(without)
        else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
