"""One server and one browser for all browser tests of a worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from matchbook.settings import Settings
from tests.dashboard import world


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a normal morning is served."""
    from tests.browser.serving import dashboard_at

    settings = Settings(home=Path(tmp_path_factory.mktemp("browser")) / "home", now=world.NOW)
    world.make_registry(settings)
    world.publish(settings)
    world.deliver(settings, "homestead")
    world.record_run(settings, "done")
    with dashboard_at(settings.home, now=world.NOW.isoformat()) as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Chromium."""
    from tests.browser.serving import chromium

    with chromium() as launched:
        yield launched
