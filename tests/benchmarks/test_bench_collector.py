"""The collector beside nginx serving `empty_gif` with an access log, on the same cores.

wrk loads one after the other, several rounds; each server's best round counts, since what
else the machine does is not the server's. Of the two nginx servers it is the round with the
fewest processor seconds a call: wrk's own share of the cores does not level that, so it is the
stricter measure, and it can be taken on a busy machine. Sizes: BENCH_SECONDS a round, BENCH_ROUNDS,
BENCH_MINUTES of load for the memory (stated: 10).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from matchbook.settings import Settings
from tests.asynchronous import run
from tests.benchmarks import wrk
from tests.collecting import Collecting, collecting, free_port
from tests.load import LOADED, paced, percentile, tracked_calls
from tests.nginx import HOST, nginx_before
from tests.tc_strings import VENDOR

pytestmark = [pytest.mark.bench, pytest.mark.needs("nginx"), pytest.mark.needs("wrk")]

SECONDS = float(os.environ.get("BENCH_SECONDS", "2"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "8"))
MINUTES = float(os.environ.get("BENCH_MINUTES", "1"))
REGISTRY = LOADED.model_copy(update={"tcf_vendor_id": VENDOR})
SETTINGS = {"MATCHBOOK_COLLECTOR_HOSTS": HOST, "MATCHBOOK_TRUSTED_PROXIES": "127.0.0.1"}
PLAIN = """
server {{
  listen 127.0.0.1:{port};
  keepalive_requests 10000;
  access_log {log};
  location / {{ empty_gif; }}
}}
"""
RATE = 1_000


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[Collecting]:
    with collecting(Settings(home=tmp_path / "home"), REGISTRY, **SETTINGS) as running:
        yield running


def test_speed_beside_nginx(tmp_path: Path, collector: Collecting) -> None:
    """At least 0.15 with the embedded collector, 0.9 with nginx before it."""
    lua = wrk.script(tmp_path / "wrk", collector.keys, HOST)
    in_sync = Settings(home=tmp_path / "sync")
    shutil.copytree(collector.settings.keys, in_sync.keys)
    plain, log = free_port(), tmp_path / "plain.log"
    more = PLAIN.format(port=plain, log=log)
    with (
        collecting(in_sync, REGISTRY, **SETTINGS, MATCHBOOK_COLLECTOR_LOG="sync") as durable,
        nginx_before(collector.port, tmp_path / "nginx", more=more) as nginx,
    ):
        urls = {
            "nginx, empty_gif": f"http://127.0.0.1:{plain}",
            "nginx profile": nginx.url,
            "collector": collector.url,
            "collector, sync": durable.url,
        }
        speeds: dict[str, list[float]] = {name: [] for name in urls}
        costs: dict[str, list[float]] = {name: [] for name in urls}
        lines = nginx_calls = 0
        for _ in range(ROUNDS):
            for name, url in urls.items():
                before = nginx.processor_seconds()
                run = wrk.run(url, lua, SECONDS)
                assert run.failed == {}, name
                speeds[name].append(run.per_second)
                costs[name].append((nginx.processor_seconds() - before) / run.calls)
                nginx_calls += run.calls if name == "nginx profile" else 0
            time.sleep(1.2)
            lines += nginx.log.read_bytes().count(b"\n")
            for written in (log, nginx.log):
                os.truncate(written, 0)
    best = {name: max(found) for name, found in speeds.items()}
    yardstick, rounds = best["nginx, empty_gif"], speeds["nginx, empty_gif"]
    print(f"\n{wrk.CONNECTIONS} connections, best of {ROUNDS} rounds of {SECONDS:g} s:")
    for name, speed in best.items():
        each = median(a / b for a, b in zip(speeds[name], rounds, strict=True))
        print(
            f"  {name:18} {speed:>8,.0f} calls/s, ratio {speed / yardstick:.3f} "
            f"(median of the rounds' ratios {each:.3f})"
        )
    spent = {name: min(costs[name]) for name in ("nginx, empty_gif", "nginx profile")}
    of_processors = spent["nginx, empty_gif"] / spent["nginx profile"]
    each = ", ".join(f"{name} {seconds * 1e6:.2f} µs" for name, seconds in spent.items())
    print(f"  processors' seconds a call: {each}, ratio {of_processors:.3f}")
    # What wrk still had under way at the end of a round was answered too.
    assert 0 <= lines - nginx_calls <= ROUNDS * wrk.CONNECTIONS
    assert of_processors >= 0.9
    assert best["collector"] >= 0.15 * yardstick


def test_waits_at_a_thousand_a_second(collector: Collecting) -> None:
    """p99 under 50 ms; the client sends when a call is due, whatever the answers do."""
    calls = tracked_calls(collector.keys, seed=1)
    told = run(paced(collector.port, calls, rate=RATE, seconds=30))
    waits = ", ".join(
        f"{name} {percentile(told.waits, share) * 1e3:.1f} ms"
        for name, share in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0))
    )
    late = percentile(told.lateness, 0.99) * 1e3
    print(
        f"\n{RATE:,} calls/s for 30 s: {waits}; of that the client's own delay: p99 {late:.1f} ms"
    )
    assert told.errors == 0
    assert percentile(told.waits, 0.99) < 0.05


def test_memory_is_flat(tmp_path: Path, collector: Collecting) -> None:
    """Under full load of browsers, agents and ids that never come again."""
    lua = wrk.script(tmp_path / "wrk", collector.keys, HOST, is_fresh=True)
    sizes: list[float] = []
    until = time.monotonic() + MINUTES * 60
    load = subprocess.Popen(wrk.command(collector.url, lua, MINUTES * 60), stdout=subprocess.PIPE)
    while time.monotonic() < until:
        time.sleep(1)
        sizes.append(resident_mib(collector.process.pid))
        for segment in collector.segments():
            segment.unlink()
    told = wrk.told((load.communicate()[0]).decode())
    warm = sizes[len(sizes) // 3]
    print(
        f"\n{MINUTES:g} minutes at {told.per_second:,.0f} calls/s: memory {sizes[0]:.0f} MiB at "
        f"the start, {warm:.0f} after a third, {max(sizes):.0f} at most, {sizes[-1]:.0f} at the "
        f"end; errors: {told.failed or 'none'}"
    )
    assert told.failed == {}
    assert max(sizes[len(sizes) // 3 :]) < warm * 1.05 + 4


def resident_mib(pid: int) -> float:
    """What a process holds now."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("the process is gone")
