"""Audiences in a real browser: from a template to a saved one, reopened by its address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from matchbook.cli.work import drain
from matchbook.kept_audiences import lists, store
from matchbook.settings import Settings
from tests.browser.serving import PATIENCE, dashboard_at, visit
from tests.browser.upload_page import open_uploads
from tests.dashboard import world_audiences
from tests.matchbook.kept_audiences.nights import SHOP

IMAGE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Settings, str]]:
    """The shop after its second night, and where it is served."""
    expect.set_options(timeout=PATIENCE)
    settings = Settings(home=tmp_path / "home", now=world_audiences.NOW)
    world_audiences.make_home(settings)
    with dashboard_at(settings.home, now=world_audiences.NOW.isoformat()) as address:
        yield settings, address


@pytest.mark.proof
def test_build_save_reopen_and_compare(served: tuple[Settings, str], browser: Browser) -> None:
    settings, address = served
    page, traffic = open_uploads(browser, address, path="/audiences")
    page.get_by_role("button", name="Begin with: Visited a section twice").click()
    size = page.locator(".mb-size")
    expect(size).to_contain_text("120people")
    page.get_by_role("button", name="and …").click()
    what = page.get_by_role("combobox", name="What")
    what.click()
    what.fill("in the CRM")
    what.press("Enter")
    page.get_by_role("combobox", name="The CRM's").click()
    page.get_by_role("option", name="segment").click()
    page.get_by_role("combobox", name="Value").click()
    page.get_by_role("option", name="loyal · 120 people").click()
    line = page.get_by_text("has a CRM record whose “segment” is “loyal”")
    expect(line.first).to_be_visible()
    expect(size).to_contain_text("120people120reachable in CEP")
    page.get_by_label("Name", exact=True).fill(f"Sale {IMAGE}")
    page.get_by_label("Name", exact=True).press("Enter")
    _nothing_is_lost_unasked(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved as version 1.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"audience=sale-img-src-x-onerror-alert-1"))
    drain(settings, say=lambda _: None)
    expect(page.get_by_text("Kept up to date: Yes")).to_be_visible()
    _reopened(page)
    assert traffic.errors == []
    page.context.close()


def _nothing_is_lost_unasked(page: Page) -> None:
    """Neither by a button of the page nor by the browser's own."""
    expect(page.get_by_text("Not saved yet.")).to_be_visible()
    page.get_by_role("button", name="← All audiences").click()
    page.get_by_role("dialog").get_by_role("button", name="Stay").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.evaluate("setTimeout(() => location.reload())")
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]


def _reopened(page: Page) -> None:
    """At its own address, and nowhere is its name more than text."""
    visit(page, page.url)
    expect(page.get_by_label("Name", exact=True)).to_have_value(f"Sale {IMAGE}")
    row = page.get_by_role("row", name="Loyal ones")
    expect(row).to_contain_text("100 %")
    page.get_by_role("button", name="← All audiences").click()
    expect(page.locator(".mb-audiences")).to_contain_text(IMAGE)
    assert page.locator(".mb-audiences img").count() == 0
    tab = page.get_by_role("tab", name="Overlap")
    expect(tab).to_have_count(1)  # the builder's own is gone
    tab.click()
    expect(page.locator(".mb-matrix")).to_contain_text(IMAGE)
    assert page.locator(".mb-matrix img").count() == 0


@pytest.mark.proof
def test_a_list_that_can_be_pressed(served: tuple[Settings, str], browser: Browser) -> None:
    settings, address = served
    page, traffic = open_uploads(browser, address, path="/audiences")
    page.get_by_role("button", name="Archive Nested").click()
    expect(page.get_by_text("Archived. It is refreshed and offered no more.")).to_be_visible()
    assert store.get(settings, SHOP, "nested").archived_at is not None
    page.get_by_role("button", name="Duplicate Kept").click()
    expect(page).to_have_url(re.compile(r"audience=copy-of-kept"))
    page.get_by_role("button", name="← All audiences").click()
    page.get_by_role("button", name="Open Loyal ones").click()
    expect(page.locator(".mb-size")).to_contain_text("120people")
    page.go_back()
    expect(page.locator(".mb-audiences")).to_be_visible()
    cep = page.locator(".mb-destinations")
    page.go_forward()
    cep.get_by_text("Piano").click()
    expect(cep.get_by_text("120 never seen with its cookie")).to_be_visible()
    assert traffic.errors == []
    page.context.close()


@pytest.mark.proof
def test_a_list_is_read_here_and_only_its_record_ids_leave(
    served: tuple[Settings, str], browser: Browser, tmp_path: Path
) -> None:
    settings, address = served
    file = tmp_path / "guests.csv"
    rows = "".join(f"r{n};Jantje{n};contact.{n}@mail.example\n" for n in range(1, 61))
    file.write_text(f"Klantnummer;Voornaam;E-mailadres\n{rows}")
    page, traffic = open_uploads(browser, address, path="/audiences")
    page.get_by_role("button", name="Begin with: An uploaded list").click()
    name = page.get_by_label("Name of the new list")
    name.fill("Fair guests")
    name.press("Enter")
    page.locator("input[type=file]").set_input_files(str(file))
    expect(page.locator("dd").first).to_have_text("Klantnummer")
    expect(page.locator("dd").nth(1)).to_have_text("Voornaam and E-mailadres")
    page.get_by_role("button", name="Read on this computer").click()
    page.get_by_role("button", name="Upload 60 rows").click()
    expect(page.get_by_text("is on the uploaded list “Fair guests”").first).to_be_visible()
    expect(page.locator(".mb-size")).to_contain_text("60people60reachable in CEP")
    assert [one.records for one in lists.all_of(settings, SHOP)] == [60]
    sent = traffic.all()
    assert b"crm_record_id" in sent
    assert b"antje" not in sent
    assert b"@mail" not in sent
    assert traffic.errors == []
    page.context.close()
