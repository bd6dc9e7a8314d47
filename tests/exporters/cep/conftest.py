"""A stand-in for CEP, and a shop that is activated against it and has pushed nothing yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from matchbook.settings import Settings
from tests.cep_server import StandIn, running
from tests.exporters.cep.pushing import activate, make_shop


@pytest.fixture
def cep() -> Iterator[StandIn]:
    with running(contacts=200) as server:
        yield server


@pytest.fixture
def shop(tmp_path: Path, cep: StandIn) -> Settings:
    settings = make_shop(tmp_path / "home")
    assert activate(settings, cep) is None
    cep.world.journal.clear()
    return settings
