"""Before the first night every page says what to do first, and ticks off what is done."""

from __future__ import annotations

import pytest

from matchbook.demo_home import MARKER, NIGHT_NOW
from matchbook.settings import Settings
from tests.dashboard import world
from tests.dashboard.pages import ALL_PAGES, CRM_UPLOADS, DATA_PAGES, PIXELS, open_page, words
from tests.dashboard.world_uploads import LISTS


@pytest.mark.parametrize("page", ALL_PAGES)
def test_a_home_without_a_client_says_how_to_name_one(home: Settings, page: str) -> None:
    said = words(open_page(page))
    assert "No contacts yet." in said
    assert "matchbook registry apply FILE" in said
    assert "matchbook demo" in said


@pytest.mark.parametrize("page", DATA_PAGES)
def test_a_client_without_a_night_is_led_through_three_steps(home: Settings, page: str) -> None:
    world.make_registry(home, ("farways",))
    app = open_page(page)
    said = words(app).replace("&#x27;", "'")
    assert "Farways Travel" in said
    assert "will stand here" in said
    assert "1 Upload your CRM file 2 Put a pixel on your site 3 Come back after tonight's" in said
    assert [link.proto.label for link in app.get("page_link")] == ["Upload a file", "Make a pixel"]


@pytest.mark.parametrize("page", [CRM_UPLOADS, PIXELS])
def test_pages_that_can_be_used_say_what_comes_next(home: Settings, page: str) -> None:
    world.make_registry(home, ("farways",))
    assert "First run: 1 Upload your CRM file · 2 Put a pixel" in words(open_page(page))


def test_what_is_done_is_ticked(home: Settings) -> None:
    world.make_registry(home)
    upload(home)
    app = open_page("")
    # Homestead's sites have pixels, and a file waits on its list.
    said = words(app).replace("&#x27;", "'")
    assert "Upload your CRM file done Put a pixel on your site done 3 Come back" in said
    assert not app.get("page_link")


def test_a_file_of_another_client_ticks_nothing(home: Settings) -> None:
    world.make_registry(home)
    upload(home)
    said = words(open_page("", client="Farways Travel"))
    assert "1 Upload your CRM file" in said


def test_the_demo_has_a_button_instead_of_a_night(home: Settings) -> None:
    from matchbook import jobs

    world.make_registry(home)
    (home.home / MARKER).write_text("{}")
    upload(home)
    app = open_page("")
    button = next(one for one in app.button if one.label == "Run the night now")
    button.click().run()
    button.click().run()
    assert [job.kind for job in jobs.all_of(home)] == [NIGHT_NOW]


def upload(home: Settings) -> None:
    """A file on Homestead's list."""
    waiting = home.inbox / "onboard" / f"audience={LISTS['homestead']}" / "opt-in" / "a.csv"
    waiting.parent.mkdir(parents=True)
    waiting.write_text("crm_record_id,email_sha256\n")
