"""How fast the pages are, beside the same pages fed with constants (make bench).

`python -m tests.benchmarks.test_dashboard HOME` takes a larger world that was landed before.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path

import pytest
from playwright.sync_api import Page

from matchbook import snapshots
from matchbook.settings import Settings
from tests.benchmarks.dashboard_visitors import Visitor, arrive
from tests.browser.serving import DRAWN, PATIENCE, READY, chromium, dashboard_at

pytestmark = [pytest.mark.bench, pytest.mark.needs("chromium")]

PAGES = {
    "": "Overview", "match-rates": "Match rates", "partners": "Partners",
    "audiences": "Audiences", "nightly-files": "Nightly files", "data-quality": "Data quality",
}  # fmt: skip
RUNS = 10
RATIO = 1.3
QUERIES_SECONDS = 0.3
PEOPLE, PAUSE, ROUNDS = 20, 15.0, 3
"""How many look at once, and how long each looks at a page before going to the next one."""
SLOWER = 3.0
RERUNS, WARM = 1000, 200
GROWTH = 1.05
"""Memory after all reruns to that after the first ones."""
TITLE = "document.querySelector('.mb-header h1')?.innerText === "


@pytest.fixture(scope="module")
def home(demo_world: Path) -> Path:
    """The small demo's last morning."""
    return demo_world


def test_first_paint_and_page_switch(home: Path) -> None:
    paints, switches = browsed(home)
    print()
    for what, found in (("first paint", paints), ("page switch", switches)):
        ours, constant = (statistics.median(found[kind]) for kind in ("ours", "constants"))
        print(f"{what}: {ours:.2f} s, with constants {constant:.2f} s, ratio {ours / constant:.2f}")
        assert ours <= RATIO * constant


def test_our_queries_are_a_small_part(home: Path) -> None:
    print()
    for title, (cold, warm) in asked(home).items():
        print(f"{title}: its queries take {1000 * warm:.0f} ms on a warm server; with nothing "
              f"cached, right after a publication, {1000 * cold:.0f} ms")  # fmt: skip
        assert warm <= QUERIES_SECONDS


def test_twenty_people_at_once_and_memory(home: Path) -> None:
    with dashboard_at(home, now=_now(home)) as address:
        one, many = asyncio.run(_crowd(address))
        print(f"\none person: {one:.2f} s a page; of {PEOPLE} people: {many:.2f} s, "
              f"{many / one:.2f} times")  # fmt: skip
        assert many < SLOWER * one
        before, after = asyncio.run(_again_and_again(address))
        print(f"memory after {WARM} reruns {before:.0f} MB, after {RERUNS} {after:.0f} MB")
        assert after <= GROWTH * before


def browsed(home: Path) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Seconds of first paints and of page switches, ours and with constants, interleaved."""
    paints: dict[str, list[float]] = {"ours": [], "constants": []}
    switches: dict[str, list[float]] = {"ours": [], "constants": []}
    with ExitStack() as stack:
        addresses = {
            "ours": stack.enter_context(dashboard_at(home, now=_now(home))),
            "constants": stack.enter_context(_constants_at(home)),
        }
        browser = stack.enter_context(chromium())
        pages = {kind: browser.new_context().new_page() for kind in addresses}
        for kind, address in addresses.items():
            for path, title in PAGES.items():  # warm server and browser cache
                _paint(pages[kind], f"{address}/{path}", title)
        for run in range(RUNS):
            path, title = list(PAGES.items())[run % len(PAGES)]
            for kind, address in addresses.items():
                paints[kind].append(_paint(pages[kind], f"{address}/{path}", title))
                switches[kind] += [_switch(pages[kind], one) for one in PAGES.values()]
    return paints, switches


def asked(home: Path) -> dict[str, tuple[float, float]]:
    """Seconds of each page's own queries: the first time, and on a warm server (best of three)."""
    from dashboard import context
    from dashboard.queries import reading
    from tests.dashboard.pages import open_page

    context.serve_from(Settings(home=home, now=_moment(home)))
    taken, ask = [0.0], reading._cached

    def timed(*args: object, **named: object) -> object:
        began = time.perf_counter()
        try:
            return ask(*args, **named)  # type: ignore[arg-type]
        finally:
            taken[0] += time.perf_counter() - began

    def once(path: str) -> float:
        taken[0] = 0.0
        open_page(path)
        return taken[0]

    reading._cached = timed  # type: ignore[assignment]
    try:
        ask.clear()
        return {
            title: (once(path), min(once(path) for _ in range(3))) for path, title in PAGES.items()
        }
    finally:
        reading._cached = ask


def _paint(page: Page, url: str, title: str) -> float:
    began = time.perf_counter()
    page.goto(url)
    _drawn(page, title)
    return time.perf_counter() - began


def _switch(page: Page, title: str) -> float:
    began = time.perf_counter()
    page.get_by_test_id("stSidebarNavLink").get_by_text(title, exact=True).click()
    _drawn(page, title)
    return time.perf_counter() - began


def _drawn(page: Page, title: str) -> None:
    page.wait_for_function(f"{TITLE}{title!r}", timeout=PATIENCE)
    page.wait_for_selector(READY, timeout=PATIENCE)
    page.wait_for_function(DRAWN, timeout=PATIENCE)


async def _crowd(address: str) -> tuple[float, float]:
    """Median seconds of a page for one person alone, and for one of many who look at once."""
    first = await arrive(address)
    for path in PAGES:
        await first.open(path)
    alone = [await first.open(path) for _ in range(ROUNDS) for path in PAGES]
    people = [await arrive(address) for _ in range(PEOPLE)]
    for person in people:
        await person.open("")
    seen = await asyncio.gather(*(_browse(one, n) for n, one in enumerate(people)))
    return statistics.median(alone), statistics.median(chain.from_iterable(seen))


async def _browse(person: Visitor, number: int) -> list[float]:
    await asyncio.sleep(PAUSE * number / PEOPLE)
    taken = []
    for path in list(PAGES)[:ROUNDS]:
        taken.append(await person.open(path))
        await asyncio.sleep(PAUSE)
    return taken


async def _again_and_again(address: str) -> tuple[float, float]:
    """The server's memory in MB after the first reruns, and after all of them."""
    person, before = await arrive(address), 0.0
    for run in range(RERUNS):
        await person.open(list(PAGES)[run % len(PAGES)])
        if run == WARM:
            before = _memory(address)
    return before, _memory(address)


def _memory(address: str) -> float:
    """Of the process that listens there, as the kernel tells it."""
    port = address.rsplit(":", 1)[1]
    for folder in Path("/proc").iterdir():
        line = folder / "cmdline"
        if folder.name.isdecimal() and line.exists():
            words = line.read_bytes().split(b"\0")
            if b"dashboard" in words and _listens(folder, int(port)):
                status = (folder / "status").read_text().splitlines()
                return next(int(x.split()[1]) for x in status if x.startswith("VmRSS:")) / 1024
    raise AssertionError("no dashboard listens there")


def _listens(folder: Path, port: int) -> bool:
    listening = [row.split() for row in (folder / "net" / "tcp").read_text().splitlines()[1:]]
    inodes = {f"socket:[{row[9]}]" for row in listening
              if row[3] == "0A" and int(row[1].split(":")[1], 16) == port}  # fmt: skip
    return any(os.readlink(one) in inodes for one in (folder / "fd").iterdir() if one.is_symlink())


@contextmanager
def _constants_at(home: Path) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.constant_dashboard", str(home), "8760"],
        env=os.environ | {"MATCHBOOK_NOW": _now(home)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield line[line.index("http://") :].strip()
    finally:
        process.terminate()
        process.wait(timeout=20)


def _moment(home: Path) -> datetime:
    publication = snapshots.published(Settings(home=home))
    assert publication is not None
    return publication.as_of


def _now(home: Path) -> str:
    return _moment(home).isoformat()


if __name__ == "__main__":
    for test in (
        test_first_paint_and_page_switch,
        test_our_queries_are_a_small_part,
        test_twenty_people_at_once_and_memory,
    ):
        test(Path(sys.argv[1]))
