"""A dashboard in a process of its own, and a browser to look at it with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
"""The browser's own errands would hide what a page asks for."""
READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'
DRAWN = """
document.fonts.status === 'loaded' && [...document.querySelectorAll('.stPlotlyChart')]
  .every(chart => chart.querySelector('.main-svg'))
"""
PATIENCE = 60_000


@contextmanager
def dashboard_at(home: Path, *, now: str = "", port: int = 8700, **environ: str) -> Iterator[str]:
    """Serve a home and give its address."""
    environment = os.environ | {"MATCHBOOK_HOME": str(home), "PYTHONUNBUFFERED": "1"} | environ
    if now:
        environment["MATCHBOOK_NOW"] = now
    process = subprocess.Popen(
        [sys.executable, "-m", "matchbook", "dashboard", "--port", str(port)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "http://" in line, "the dashboard did not say where it is"
        yield line[line.index("http://") :].strip()
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's own browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


def program() -> str:
    """Where the machine's Chromium is."""
    return next(found for name in PROGRAMS if (found := shutil.which(name)))


def visit(page: Page, url: str) -> None:
    """Open a page and wait until it is drawn, charts and fonts included."""
    page.goto(url)
    page.wait_for_selector(".mb-header", timeout=PATIENCE)
    page.wait_for_selector(READY, timeout=PATIENCE)
    page.wait_for_function(DRAWN, timeout=PATIENCE)
    page.wait_for_timeout(1000)
