"""Promise P3: a full disk is told, costs nobody a landing page, and is forgotten by itself."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from matchbook.links import Link, sign_link
from matchbook.settings import Settings
from tests.collecting import BROWSER, Collecting, collecting
from tests.mailing import GOOD, REGISTRY

SYNC = (
    "/bakery/sync/dmpsyncendpoint?site=shop&partner=snowplow"
    "&cookieid=ecdff4d0-9175-40ac-a8bb-325c49733607&read=false&gdpr=0"
)
DISK = "3m"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("This machine lacks root, which mounting a small disk needs")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "none", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.parametrize("log", ["default", "sync"])
def test_p3_a_full_disk(small_disk: Path, log: str) -> None:
    settings = Settings(home=small_disk)
    with collecting(settings, REGISTRY, MATCHBOOK_COLLECTOR_LOG=log) as collector:
        load = Load(collector)
        load.run_for(0.5)
        assert load.answers["sync", 200] > 0
        assert load.answers["sync", 503] == 0
        filler = small_disk / "filler"
        fill(filler)
        load.run_until(lambda: load.answers["sync", 503] >= 20)
        assert httpx.get(collector.url + "/healthz").status_code == 503
        filler.unlink()
        freed = time.monotonic()
        load.run_until(lambda: load.last == ("sync", 200))
        assert time.monotonic() - freed < 5
        load.run_for(0.3)
        assert httpx.get(collector.url + "/healthz").status_code == 200
        lines = collector.close()
    load.close()
    written = Counter(line["type"] for line in lines if line["decision"] == "tracked")
    assert written["sync"] == load.tracked["sync"]
    assert written["click"] == load.tracked["click"] > 0
    assert {status for kind, status in load.answers if kind == "click"} == {302}
    assert load.cookies_without_200 == 0


class Load:
    """Syncs and clicks of new browsers, in two threads, and what was answered."""

    def __init__(self, collector: Collecting) -> None:
        link = Link("click", "acme", "4711", "m1", target=GOOD)
        sig = sign_link(collector.keys.links, **vars(link))
        click = f"/bakery/click?client=acme&contact=4711&message=m1&u={quote(GOOD, safe='')}"
        self.urls = {"sync": SYNC, "click": f"{click}&sig={sig}"}
        self.answers: Counter[tuple[str, int]] = Counter()
        self.tracked: Counter[str] = Counter()
        self.cookies_without_200 = 0
        self.last: tuple[str, int] | None = None
        self._client = httpx.Client(base_url=collector.url, headers={"user-agent": BROWSER})
        self._lock = threading.Lock()

    def run_for(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        self.run_until(lambda: time.monotonic() > until)

    def run_until(self, condition) -> None:  # type: ignore[no-untyped-def]
        deadline = time.monotonic() + 20
        stop = threading.Event()
        threads = [threading.Thread(target=self._call, args=(stop, kind)) for kind in self.urls]
        for thread in threads:
            thread.start()
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.005)
        stop.set()
        for thread in threads:
            thread.join()
        assert time.monotonic() < deadline

    def close(self) -> None:
        self._client.close()

    def _call(self, stop: threading.Event, kind: str) -> None:
        while not stop.is_set():
            answer = self._client.get(self.urls[kind], headers={"cookie": "none=1"})
            self._client.cookies.clear()
            with self._lock:
                self._note(kind, answer.status_code, "set-cookie" in answer.headers)

    def _note(self, kind: str, status: int, has_cookie: bool) -> None:
        self.answers[kind, status] += 1
        self.tracked[kind] += has_cookie
        self.cookies_without_200 += has_cookie and status == 503
        if kind == "sync":
            self.last = (kind, status)


def fill(path: Path) -> None:
    """Write until there is no room for another line."""
    with path.open("wb", buffering=0) as handle:
        for size in (65536, 4096, 64):
            try:
                while True:
                    handle.write(b"x" * size)
            except OSError:
                continue
