"""Refreshes the pictures in docs/images: `make screenshots`, or some by `ARGS=overview`.

Serves MATCHBOOK_HOME if it holds a demo, and makes one there if it holds nothing.
"""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
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
    "match-lookup": "/match-rates?tab=Match+lookup",
    "partners": "/partners",
    "partner-setup": "/partners?tab=Set+up+a+partner&set_up=Piano",
    "crm-uploads": "/crm-uploads",
    "crm-records": "/crm-uploads?tab=Records",
    "pixels": "/pixels",
    "audiences": "/audiences",
    "audience": "/audiences?audience=sale-hunters&more=Trend",
    "lookalikes": "/lookalikes",
    "pushes": "/pushes",
    "push": "/pushes?audience=sale-hunters",
    "nightly-files": "/nightly-files",
    "data-quality": "/data-quality",
    "rejected-lines": "/data-quality?tab=Rejected+lines",
    "tests-and-lineage": "/data-quality?tab=Tests+and+lineage",
    "integrations": "/integrations",
    "team": "/team",
    "privacy": "/privacy",
    "audit": "/audit",
}
"""Every page of the menu at least once."""
COLOURS = 96
"""Of a picture's palette: enough for pages of few colours, and a third of the bytes."""


def main() -> None:
    """Take every page in both themes."""
    settings = Settings.from_environment()
    if published(settings) is None:
        command = [sys.executable, "-m", "matchbook", "demo", "--no-serve"]
        subprocess.run(command, check=True)
    IMAGES.mkdir(parents=True, exist_ok=True)
    with dashboard_at(settings.home) as address, chromium() as browser:
        for theme in ("light", "dark"):
            take_all(browser, address, theme, IMAGES, sys.argv[1:])


def take_all(
    browser: Browser, address: str, theme: str, folder: Path, only: Sequence[str] = ()
) -> None:
    """Every page in one theme, or those named."""
    size = {"width": WIDTH, "height": HEIGHT}
    context = browser.new_context(viewport=size, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    for name, path in PAGES.items():
        if only and name not in only:
            continue
        page.set_viewport_size(size)  # type: ignore[arg-type]
        visit(page, address + path)
        _grow(page)
        target = folder / f"{name}-{theme}.png"
        _keep(page.screenshot(), target)
        print(target.relative_to(REPOSITORY) if target.is_relative_to(REPOSITORY) else target)
    context.close()


def _keep(png: bytes, target: Path) -> None:
    """The picture with few colours: it stays in the repository for ever."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        target, optimize=True
    )


def _grow(page: Page) -> None:
    """The page scrolls inside its frame: make the window as tall as what is in it."""
    tall = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    page.set_viewport_size({"width": WIDTH, "height": max(HEIGHT, min(int(tall), TALLEST))})
    page.wait_for_timeout(700)


if __name__ == "__main__":
    main()
