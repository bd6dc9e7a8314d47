"""One collector process for all tests that only call it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from matchbook.settings import Settings
from tests.collecting import Collecting, collecting
from tests.pixel_lines import REGISTRY

TRUSTED_PROXY = "127.0.0.2"
"""Also this machine: who calls from there may say for whom."""


@pytest.fixture(scope="session")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collecting]:
    """With the usual registry. Tests look at the newest lines only, and leave it running."""
    settings = Settings(home=tmp_path_factory.mktemp("collector"))
    trusted = {"MATCHBOOK_TRUSTED_PROXIES": f"{TRUSTED_PROXY},10.0.0.0/8"}
    with collecting(settings, REGISTRY, **trusted) as running:
        yield running
