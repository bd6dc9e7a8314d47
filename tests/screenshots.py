"""Refreshes the pictures in docs/images: `make screenshots`, from a demo world.

Serves MATCHBOOK_HOME if it holds a demo, and makes one there if it holds nothing.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page

from matchbook.settings import REPOSITORY, Settings
from matchbook.snapshots import published
from tests.browser.serving import chromium, dashboard_at, visit

IMAGES = REPOSITORY / "docs" / "images"
WIDTH, HEIGHT, TALLEST = 1440, 900, 2600
PAGES = {
    "overview": "/",
    "match-rates": "/match-rates",
    "where-we-lose-records": "/match-rates?tab=Where+we+lose+records",
    "partners": "/partners",
    "partner-setup": "/partners?tab=Set+up+a+partner&set_up=Piano",
    "crm-uploads": "/crm-uploads",
    "crm-records": "/crm-uploads?tab=Records",
    "pixels": "/pixels",
    "nightly-files": "/nightly-files",
    "data-quality": "/data-quality",
}


def main() -> None:
    """Take every page in both themes."""
    settings = Settings.from_environment()
    if published(settings) is None:
        command = [sys.executable, "-m", "matchbook", "demo", "--no-serve"]
        subprocess.run(command, check=True)
    IMAGES.mkdir(parents=True, exist_ok=True)
    with dashboard_at(settings.home) as address, chromium() as browser:
        for theme in ("light", "dark"):
            take_all(browser, address, theme, IMAGES)


def take_all(browser: Browser, address: str, theme: str, folder: Path) -> None:
    """Every page in one theme."""
    size = {"width": WIDTH, "height": HEIGHT}
    context = browser.new_context(viewport=size, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    for name, path in PAGES.items():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        visit(page, address + path)
        _grow(page)
        target = folder / f"{name}-{theme}.png"
        page.screenshot(path=str(target))
        print(target.relative_to(REPOSITORY) if target.is_relative_to(REPOSITORY) else target)
    context.close()


def _grow(page: Page) -> None:
    """The page scrolls inside its frame: make the window as tall as what is in it."""
    tall = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": WIDTH, "height": max(HEIGHT, min(int(tall), TALLEST))})
    page.wait_for_timeout(700)


if __name__ == "__main__":
    main()
