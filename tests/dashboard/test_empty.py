"""Before the first night every page says what to do first."""

from __future__ import annotations

import pytest

from matchbook.settings import Settings
from tests.dashboard import world
from tests.dashboard.pages import ALL_PAGES, DATA_PAGES, open_page, words


@pytest.mark.parametrize("page", ALL_PAGES)
def test_an_empty_home_shows_the_first_steps(home: Settings, page: str) -> None:
    said = words(open_page(page))
    assert "No contacts yet." in said
    assert "matchbook ingest crm --list LIST --mode opt-in FILE" in said
    assert "No client is registered yet." in said
    assert "Come back after tonight's run" in said.replace("&#x27;", "'")


@pytest.mark.parametrize("page", DATA_PAGES)
def test_a_registered_client_without_a_night_does_too(home: Settings, page: str) -> None:
    world.make_registry(home)
    said = words(open_page(page))
    assert "Homestead" in said
    assert "No contacts yet." in said


def test_what_is_done_is_ticked(home: Settings) -> None:
    waiting = home.inbox / "onboard" / "audience=news" / "opt-in" / "a.csv"
    waiting.parent.mkdir(parents=True)
    waiting.write_text("crm_record_id,email_sha256\n")
    ticked = next(e.value for e in open_page("").html if "mb-steps" in e.value)
    assert ticked.count("mb-done") == 1
    assert ticked.index("mb-done") < ticked.index("Upload your CRM file")
