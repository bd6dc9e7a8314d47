"""Partners and their files in a real browser, over real nights: from a silent site to a resend."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from matchbook import deliveries, partner_channels
from matchbook.cli.work import drain
from matchbook.clock import parse_moment
from matchbook.settings import Settings
from tests.browser.serving import PATIENCE, dashboard_at
from tests.browser.upload_page import open_uploads

NOW = "2026-11-21T08:00:00Z"


@pytest.fixture
def served(demo_home: Path) -> Iterator[tuple[Settings, str]]:
    """The small demo after its last night, and where it is served."""
    expect.set_options(timeout=PATIENCE)  # a page of real nights on a busy machine
    with dashboard_at(demo_home, now=NOW) as address:
        yield Settings(home=demo_home, now=parse_moment(NOW)), address


def work(settings: Settings) -> None:
    drain(settings, say=lambda _: None)


@pytest.mark.proof
def test_from_a_square_to_a_partner_that_is_set_up(
    served: tuple[Settings, str], browser: Browser, tmp_path: Path
) -> None:
    """The way of somebody who onboards Piano for a client that has had four partners."""
    settings, address = served
    page, traffic = open_uploads(browser, address, path="/partners?client=Farwater+Travel")
    page.locator('button[data-pick^="snowplow far_"]').first.click()
    expect(page.get_by_role("heading", name="Snowplow's tag on")).to_be_visible()
    expect(page.get_by_text("${SP_NUID}").first).to_be_visible()
    page.locator('button[data-pick="piano"]').click()
    page.get_by_role("button", name="Work with Piano").click()
    expect(page.get_by_text("Piano is among your partners.")).to_be_visible()
    drop = tmp_path / "drop"
    drop.mkdir()
    enter_channel(page, drop.as_uri())
    page.get_by_role("button", name="Test connection").click()
    expect(page.get_by_text("The test waits, and nothing works on it.")).to_be_visible()
    work(settings)
    expect(page.get_by_text("Connected: a small file was written")).to_be_visible()
    assert list(drop.iterdir()) == []
    page.get_by_role("button", name="Sample file").click()
    expect(page.get_by_text("The sample waits, and nothing works on it.")).to_be_visible()
    work(settings)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the sample").click()
    assert download.value.suggested_filename == "sample-piano.zip"
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_text("Piano is active since")).to_be_visible()
    assert partner_channels.get(settings, "farwater", "piano").is_active
    assert traffic.errors == []
    page.context.close()


def enter_channel(page: Page, url: str) -> None:
    page.get_by_text("Folder on this server", exact=True).click()
    page.get_by_placeholder("file:///srv/partners/out").fill(url)
    page.get_by_label("The client's prefix for external ids at Piano").fill("fwt")
    page.get_by_label("The client's prefix for external ids at Piano").press("Enter")
    page.get_by_role("button", name="Enter the channel").click()


@pytest.mark.proof
def test_a_file_is_looked_into_and_delivered_again(
    served: tuple[Settings, str], browser: Browser
) -> None:
    settings, address = served
    [*_, done] = [d for d in deliveries.of_client(settings, "oakandlinen")
                  if d.partner_id == "weborama"]  # fmt: skip
    stored = settings.delivered / "oakandlinen" / "weborama" / done.name
    before = stored.read_bytes()
    page, traffic = open_uploads(browser, address, path="/nightly-files")
    page.locator(f'button[data-pick="weborama {done.as_of.date()}"]').click()
    rows = f"{done.rows_added:,} new, {done.rows_seen:,} seen again, {done.rows_removed:,} removed"
    # Another partner's file may have as many rows.
    expect(page.get_by_role("heading", name=re.compile(f"^Weborama: .*{rows}"))).to_be_visible()
    expect(page.get_by_text("one of Weborama's cookies")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the manifest").click()
    manifest = stored.with_name(f"{done.name}.manifest.json")
    assert Path(download.value.path()).read_bytes() == manifest.read_bytes()
    page.get_by_role("button", name="Deliver again").click()
    expect(page.get_by_text("The delivery waits, and nothing works on it.")).to_be_visible()
    work(settings)
    expect(page.get_by_text("Sent again, byte for byte")).to_be_visible()
    assert stored.read_bytes() == before
    assert traffic.errors == []
    page.context.close()
