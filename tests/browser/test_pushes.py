"""Pushes in a real browser: activate, build an audience, dry run, push, watch, see the group."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from matchbook.pushes import stand_in
from matchbook.pushes.stand_in import StandIn as Demo
from matchbook.settings import Settings
from tests.browser.serving import PATIENCE, dashboard_at
from tests.browser.upload_page import open_uploads
from tests.browser.working import worker
from tests.cep_server import StandIn, running
from tests.cep_server.store import FIRST_CONTACT, example_store
from tests.dashboard import world_audiences


@pytest.fixture
def cep() -> Iterator[StandIn]:
    """It knows the loyal customers' contacts but one, at its documented limit."""
    store = example_store(119, first=5002)
    assert FIRST_CONTACT not in store.contacts
    with running(store, tps=10) as server:
        yield server


@pytest.fixture
def served(tmp_path: Path, cep: StandIn) -> Iterator[tuple[Settings, str]]:
    """The shop after its second night, beside a stand-in."""
    expect.set_options(timeout=PATIENCE)
    settings = Settings(home=tmp_path / "home", now=world_audiences.NOW)
    world_audiences.make_home(settings)
    stand_in.write(settings, Demo(cep.root, cep.url, cep.default_group, cep.user, cep.password))
    with dashboard_at(settings.home, now=world_audiences.NOW.isoformat()) as address:
        yield settings, address


def build_audience(page: Page, address: str) -> None:
    """From a template, named and saved; the worker finds its people."""
    page.goto(f"{address}/audiences")
    page.get_by_role("button", name="Begin with: Visited a section twice").click()
    expect(page.locator(".mb-size")).to_contain_text("120people120reachable in CEP")
    page.get_by_label("Name", exact=True).fill("Visits the shop")
    page.get_by_label("Name", exact=True).press("Enter")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved as version 1.")).to_be_visible()
    expect(page.get_by_text("Kept up to date: Yes")).to_be_visible()


@pytest.mark.proof
def test_activate_build_dry_run_push_and_watch(
    served: tuple[Settings, str], cep: StandIn, browser: Browser
) -> None:
    settings, address = served
    with worker(settings):
        page, traffic = open_uploads(browser, address, path="/integrations")
        expect(page.get_by_text("the form is filled in for a stand-in")).to_be_visible()
        page.get_by_role("button", name="Activate Integration").click()
        expect(
            page.get_by_text("Mapp CEP answers, and the default group is there.")
        ).to_be_visible()
        build_audience(page, address)
        page.get_by_role("link", name="Push it to Mapp CEP →").click()
        expect(page.get_by_text("To add120")).to_be_visible()
        name = page.get_by_role("textbox", name="Name of the group in CEP")
        expect(name).to_have_value("Visits the shop")
        name.fill("Autumn clickers")
        page.get_by_role("button", name="Push to CEP").dblclick()
        expect(page.get_by_role("progressbar")).to_be_visible()
        expect(
            page.get_by_text(re.compile("In CEP: group “Autumn clickers”, no. 18"))
        ).to_be_visible()
        expect(page.get_by_text("Not taken1")).to_be_visible()
        expect(page.get_by_text("Not a contact in CEP any more")).to_be_visible()
        page.goto(cep.root)
        expect(page.get_by_text("Autumn clickers")).to_be_visible()
    (group,) = [group for group in cep.store.groups.values() if group.cloned_from]
    assert len(group.members) == 119
    assert [asked.status for asked in cep.asked() if asked.status == 500] == []
    assert {asked.parameters.get("groupId") for asked in cep.asked("membership/create")} == {
        str(group.id)
    }
    assert traffic.errors == []
    page.context.close()
