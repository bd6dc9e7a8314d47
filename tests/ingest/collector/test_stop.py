"""Starting and stopping: what is in flight is answered, and the segment is closed."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from ingest.inbox import waiting
from matchbook import registry as registries
from matchbook.errors import ConfigError
from matchbook.keys import load_keys
from matchbook.settings import Settings
from matchbook.visitor_cookie import verify
from tests.collecting import BROWSER, collecting, free_port, start, stop
from tests.pixel_lines import REGISTRY, sync


def test_a_stop_under_load_loses_nothing(tmp_path: Path) -> None:
    cookies: list[str] = []
    with collecting(Settings(home=tmp_path), REGISTRY) as collector:
        threads = [threading.Thread(target=call, args=(collector.url, cookies)) for _ in range(4)]
        with socket.create_connection(("127.0.0.1", collector.port)):  # an idle caller
            for thread in threads:
                thread.start()
            wait_for(lambda: len(cookies) > 20)
            begun = time.monotonic()
            collector.process.terminate()
            assert collector.process.wait(timeout=15) == 0
            assert time.monotonic() - begun < 10
        for thread in threads:
            thread.join()
        assert list(collector.settings.collector.iterdir()) == []
        assert len(collector.segments()) == 1
        # A call may be written whose answer found its connection gone; never the other way round.
        assert 0 < len(cookies) <= len(collector.lines()) <= len(cookies) + len(threads)


def test_the_registry_is_followed_without_a_restart(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with collecting(settings) as collector:
        assert collector.get(sync()).headers["refused"] == "unknown_site"
        registries.replace(settings, REGISTRY, by="a test")
        wait_for(lambda: "refused" not in collector.get(sync()).headers)
        # A broken one keeps the last in force.
        (settings.registry / "current.json").write_text("{")
        time.sleep(0.7)
        assert "refused" not in collector.get(sync()).headers


def test_an_address_that_cannot_be_bound_is_told(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "matchbook", "--home", str(tmp_path), "collect"]
    ended = subprocess.run(
        [*command, "--bind", "192.0.2.1:8080"], capture_output=True, text=True, timeout=20
    )
    assert ended.returncode == 78
    assert "Traceback" not in ended.stderr
    assert "MATCHBOOK_COLLECTOR_BIND" in ended.stderr


def test_collectors_that_start_together_share_home_and_keys(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    registries.replace(settings, REGISTRY, by="a test")
    ports = [free_port() for _ in range(2)]
    processes = [start(settings, port, {}) for port in ports]
    cookies = []
    for port in ports:
        wait_until_healthy(port)
        answer = httpx.get(f"http://127.0.0.1:{port}{sync()}", headers={"user-agent": BROWSER})
        cookies.append(answer.headers["set-cookie"].split(";")[0].removeprefix("mbid="))
    for process in processes:
        stop(process)
    keys = load_keys(settings.keys)
    assert all(verify(keys.cookie, cookie) for cookie in cookies)
    assert sorted(path.name for path in settings.keys.iterdir()) == [
        "cookie.key", "identifiers.key", "links.key"
    ]  # fmt: skip
    assert {file.state for file in waiting(settings)} == {"ready"}
    assert len(waiting(settings)) == len(ports)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MATCHBOOK_TRUSTED_PROXIES", "10.0.0.0/33"),
        ("MATCHBOOK_METRICS_FROM", "localhost"),
        ("MATCHBOOK_COLLECTOR_LOG", "fast"),
        ("MATCHBOOK_COLLECTOR_BIND", "8080"),
        ("MATCHBOOK_COLLECTOR_BIND", "127.0.0.1:0"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        Settings.from_environment({name: value})


def test_nothing_personal_is_logged(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    registries.replace(settings, REGISTRY, by="a test")
    port = free_port()
    command = [sys.executable, "-m", "matchbook", "--verbose", "--home", str(tmp_path), "collect"]
    process = subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}"], stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    wait_until_healthy(port)
    for url in (sync(), sync("canary@shop.example"), "/bakery/identify?site=shop&email=canary"):
        httpx.get(
            f"http://127.0.0.1:{port}{url}", headers={"user-agent": "canary", "cookie": "x=canary"}
        )
    process.terminate()
    out, err = process.communicate(timeout=15)
    assert process.returncode == 0
    assert b"canary" not in out + err
    assert b"127.0.0.1:%d" % port in err


def call(url: str, cookies: list[str]) -> None:
    with httpx.Client(base_url=url, headers={"user-agent": BROWSER}, timeout=5) as client:
        while True:
            try:
                answer = client.get(sync(), headers={"cookie": "none=1"})
            except httpx.HTTPError:
                return
            client.cookies.clear()
            cookies.append(answer.headers["set-cookie"])


def wait_until_healthy(port: int) -> None:
    def answers() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
        except httpx.HTTPError:
            return False

    wait_for(answers)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
