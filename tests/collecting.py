"""A collector process for tests: started on a free port, stopped with its segments read.

with collecting(settings, REGISTRY) as collector:
    collector.get("/bakery/page?site=shop&u=…")     # an httpx answer, redirects not followed
    lines = collector.close()                       # SIGTERM; the lines of all segments
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from matchbook import registry as registries
from matchbook.keys import Keys, load_keys
from matchbook.registry import Registry
from matchbook.settings import Settings

BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/129.0.0.0 Safari/537.36"
)


class Collecting:
    """A running collector."""

    def __init__(self, settings: Settings, process: subprocess.Popen[bytes], port: int) -> None:
        self.settings = settings
        self.process = process
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.keys: Keys = load_keys(settings.keys)
        self.client = httpx.Client(base_url=self.url, headers={"user-agent": BROWSER}, timeout=10)

    def get(self, url: str, *, method: str = "GET", **options: Any) -> httpx.Response:
        """One call, without the cookies of earlier ones."""
        self.client.cookies.clear()
        return self.client.request(method, url, **options)

    def close(self) -> list[dict[str, Any]]:
        """Stop it and return the lines of every closed segment, in order."""
        stop(self.process)
        return self.lines()

    def lines(self) -> list[dict[str, Any]]:
        """The lines of closed segments and of those still open."""
        found = [*self.settings.collector.glob("*.part"), *self.segments()]
        texts = [path.read_text() for path in sorted(found, key=lambda path: path.name)]
        return [json.loads(line) for text in texts for line in text.splitlines()]

    def newest(self, count: int, folder: Path) -> Path:
        """A segment of its newest lines, for ingest while the collector goes on."""
        segment = folder / "20261122T000000Z-newest-1.jsonl"
        lines = self.lines()[-count:]
        segment.write_text(
            "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        )
        return segment

    def segments(self) -> list[Path]:
        """The closed segments, in the inbox."""
        return sorted((self.settings.inbox / "pixels").glob("*.jsonl"))


@contextmanager
def collecting(
    settings: Settings, registry: Registry | None = None, **environment: str
) -> Iterator[Collecting]:
    """A collector on a free port, with a wall clock; stopped at the end if it still runs.

    `environment` are more settings, as `MATCHBOOK_TRUSTED_PROXIES="127.0.0.1"`.
    """
    if registry is not None:
        registries.replace(settings, registry, by="a test")
    port = free_port()
    process = start(settings, port, environment)
    try:
        wait_until_it_answers(process, port)
        yield Collecting(settings, process, port)
    finally:
        stop(process)


def start(settings: Settings, port: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """The bare process, not yet listening."""
    command = [sys.executable, "-m", "matchbook", "--home", str(settings.home), "collect"]
    return subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}"],
        env={**os.environ, **environment},
        cwd=Path(__file__).parent.parent,
        stderr=subprocess.DEVNULL,
    )


def wait_until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    """Return once it listens."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the collector ended with {process.returncode}"
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("the collector does not listen")


def stop(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, and its end."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=15)


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
