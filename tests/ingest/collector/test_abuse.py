"""Promise P7 and row UP14: slow and greedy callers do not keep the others out."""

from __future__ import annotations

import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from matchbook.settings import Settings
from tests.collecting import BROWSER, Collecting, collecting
from tests.pixel_lines import REGISTRY, sync

HEAD = f"GET {sync()} HTTP/1.1\r\nHost: localhost\r\nX-Slow: ".encode()
SLOW, TIMEOUT = 500, 10


@pytest.mark.proof
@pytest.mark.timed
@pytest.mark.parametrize("slow", [pytest.param(SLOW, id="UP14")])
def test_slow_calls_are_closed_after_ten_seconds(tmp_path: Path, slow: int) -> None:
    with collecting(Settings(home=tmp_path), REGISTRY) as collector:
        begun = time.monotonic()
        connections = opened(collector, slow)
        for second in range(TIMEOUT - 1):
            time.sleep(max(0, begun + second - time.monotonic()))
            for connection in connections:
                connection.send(b"a")
        time.sleep(max(0, begun + TIMEOUT + 2 - time.monotonic()))
        assert [connection for connection in connections if not is_closed(connection)] == []
        assert collector.close() == []


@pytest.mark.proof
@pytest.mark.timed
@pytest.mark.needs("wrk")
def test_p7_one_abusive_client(tmp_path: Path) -> None:
    with collecting(Settings(home=tmp_path), REGISTRY) as collector:
        p99(collector)
        before = memory(collector)
        alone = min(p99(collector) for _ in range(3))
        with slow_callers(collector), flooder(collector):
            beside = min(p99(collector) for _ in range(3))
        grown = memory(collector) - before
    print(
        f"\nP7: p99 {alone:.2f} ms alone, {beside:.2f} ms beside {SLOW} slow callers and a flooder"
    )
    assert beside < 2 * alone
    assert grown < 256


def p99(collector: Collecting) -> float:
    """Milliseconds, of well-behaved callers for three seconds."""
    command = ["wrk", "-t1", "-c64", "-d3", "--latency", "-H", f"User-Agent: {BROWSER}"]
    told = subprocess.run(
        [*command, collector.url + sync()], capture_output=True, text=True, check=True
    ).stdout
    assert "Non-2xx" not in told
    assert "Socket errors" not in told
    value, unit = re.findall(r"99%\s+([\d.]+)(us|ms|s)\b", told)[0]
    return float(value) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]


def memory(collector: Collecting) -> float:
    """Resident memory, MiB."""
    status = Path(f"/proc/{collector.process.pid}/status").read_text()
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1024


@contextmanager
def slow_callers(collector: Collecting) -> Iterator[None]:
    """Callers that never finish, replaced as they are turned away."""
    stop = threading.Event()

    def dawdle() -> None:
        connections = opened(collector, SLOW)
        while not stop.wait(1):
            for place, connection in enumerate(connections):
                try:
                    connection.send(b"a")
                except OSError:
                    connections[place] = opened(collector, 1)[0]
        for connection in connections:
            connection.close()

    thread = threading.Thread(target=dawdle)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def flooder(collector: Collecting) -> Iterator[None]:
    """One caller that sends the longest heads it may, one right after the other."""
    command = ["wrk", "-t1", "-c1", "-d60", "-H", "X-Long: " + "a" * 60_000, collector.url + sync()]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        assert process.poll() is None
        process.terminate()
        process.wait()


def opened(collector: Collecting, count: int) -> list[socket.socket]:
    """Connections that have sent the beginning of a call."""
    found = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", collector.port), timeout=10)
        connection.sendall(HEAD)
        found.append(connection)
    return found


def is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True
