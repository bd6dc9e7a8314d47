"""The two guides, done step by step as they are written: tests/browser/guides.py reads them."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from matchbook import deliveries, snapshots, switches
from matchbook.clock import parse_moment
from matchbook.pushes import stand_in
from matchbook.settings import Settings
from matchbook.warehouse import open_file
from tests.browser.guides import walk
from tests.browser.serving import PATIENCE, READY, dashboard_at, visit
from tests.browser.upload_page import open_uploads
from tests.browser.working import worker
from tests.cep_server import StandIn, running
from tests.cep_server.store import example_store
from tests.dashboard import world_audiences
from tests.dashboard.test_pushes import MARTS
from tests.matchbook.kept_audiences.nights import SHOP

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("browser")]

NOW = "2026-11-21T08:00:00Z"
Acts = dict[str, Callable[[], None]]


@pytest.fixture
def cep() -> Iterator[StandIn]:
    """It knows all loyal customers but one."""
    with running(example_store(119, first=5002), tps=10) as server:
        yield server


@pytest.mark.proof
def test_the_connector(cep: StandIn, browser: Browser, tmp_path: Path) -> None:
    expect.set_options(timeout=PATIENCE)
    settings = Settings(home=tmp_path / "home", now=world_audiences.NOW)
    made = world_audiences.make_home(settings)
    with open_file(snapshots.current(made, SHOP).path, read_only=False) as connection:
        connection.execute(MARTS)
    with (
        dashboard_at(settings.home, now=world_audiences.NOW.isoformat()) as address,
        worker(settings),
    ):
        page, traffic = open_uploads(browser, address)
        walk("cep-connector.md", page, _connector(page, address, settings, cep))
        assert traffic.errors == []
        page.context.close()
    (group,) = [group for group in cep.store.groups.values() if group.cloned_from]
    assert len(group.members) == 119
    assert stand_in.find(settings) is None


def _connector(page: Page, address: str, settings: Settings, cep: StandIn) -> Acts:
    def fill() -> None:
        fields = {"API URL": cep.url, "Default group id": str(cep.default_group),
                  "User name": cep.user, "Password": cep.password}  # fmt: skip
        for label, value in fields.items():
            page.get_by_role("textbox", name=label).fill(value)

    def activate() -> None:
        page.get_by_role("button", name="Activate Integration").click()
        expect(page.get_by_text("the default group is there.")).to_be_visible()

    def check() -> None:
        expect(page.get_by_role("button", name="Deactivate")).to_be_visible()
        page.get_by_role("button", name="Check again").click()
        expect(page.get_by_text("the default group is there.")).to_be_visible()

    def ask_mapp() -> None:
        for _ in range(2):
            page.get_by_role("button", name="We have requested it").first.click()
            page.wait_for_selector(READY)
            page.wait_for_timeout(500)
        expect(page.get_by_text("Requested").nth(1)).to_be_visible()

    def approve() -> None:
        for switch in ("link-click", "read-online"):
            switches.approve(settings, SHOP, switch, by="DPO", basis="consent")
        visit(page, f"{address}/integrations")
        expect(page.get_by_text("approved by DPO").nth(1)).to_be_visible()

    def open_audience() -> None:
        visit(page, f"{address}/audiences")
        page.get_by_role("button", name="Open Loyal ones").click()
        expect(page.locator(".mb-size")).to_contain_text("120people")

    def look() -> None:
        page.get_by_role("link", name="Push it to Mapp CEP →").click()
        expect(page.get_by_text("To add120")).to_be_visible()

    def push() -> None:
        page.get_by_role("textbox", name="Name of the group in CEP").fill("Autumn clickers")
        page.get_by_text("Keep up to date after each night").click()
        page.get_by_role("button", name="Push to CEP").dblclick()
        expect(page.get_by_role("progressbar")).to_be_visible()

    def outcome() -> None:
        for shown in ("In CEP: group “Autumn clickers”", "Not taken1", "Added119"):
            expect(page.get_by_text(shown).first).to_be_visible()

    return {
        "Open Integrations": lambda: visit(page, f"{address}/integrations"),
        "Fill in the four fields": fill,
        "Activate it": activate,
        "Check it at any time": check,
        "Ask Mapp for both switches": ask_mapp,
        "Have them approved": approve,
        "Open an audience": open_audience,
        "Look at what a push would do": look,
        "Push it": push,
        "Read the outcome": outcome,
    }


@pytest.mark.proof
def test_partners(demo_home: Path, browser: Browser, tmp_path: Path) -> None:
    expect.set_options(timeout=PATIENCE)
    settings = Settings(home=demo_home, now=parse_moment(NOW))
    with dashboard_at(demo_home, now=NOW) as address, worker(settings):
        page, traffic = open_uploads(browser, address)
        acts = _set_up(page, address, tmp_path) | _onboard(page, address, tmp_path)
        walk("dmp-partners.md", page, acts | _files(page, address, settings))
        assert traffic.errors == []
        page.context.close()


def _set_up(page: Page, address: str, folder: Path) -> Acts:
    drop = folder / "drop"
    drop.mkdir()

    def choose() -> None:
        page.locator('button[data-pick="piano"]').click()
        page.get_by_role("button", name="Work with Piano").click()
        expect(page.get_by_text("Piano is among your partners.")).to_be_visible()

    def channel() -> None:
        page.get_by_text("Folder on this server", exact=True).click()
        page.get_by_placeholder("file:///srv/partners/out").fill(drop.as_uri())
        prefix = page.get_by_label("The client's prefix for external ids at Piano")
        prefix.fill("fwt")
        prefix.press("Enter")
        page.get_by_role("button", name="Enter the channel").click()
        expect(page.get_by_role("button", name="Test connection")).to_be_visible()

    def try_it() -> None:
        page.get_by_role("button", name="Test connection").click()
        expect(page.get_by_text("Connected: a small file was written")).to_be_visible()
        assert list(drop.iterdir()) == []

    def sample() -> None:
        page.get_by_role("button", name="Sample file").click()
        with page.expect_download() as download:
            page.get_by_role("link", name="Download the sample").click()
        assert download.value.suggested_filename == "sample-piano.zip"

    def activate() -> None:
        page.get_by_role("button", name="Activate").click()
        expect(page.get_by_text("Piano is active since")).to_be_visible()

    return {
        "See who you work with": lambda: visit(page, f"{address}/partners?client=Farwater+Travel"),
        "Choose the partner and its sites": choose,
        "Copy its tag": lambda: expect(
            page.get_by_role("heading", name="Piano's tag on").first
        ).to_be_visible(),
        "Say where its files go": channel,
        "Try the connection": try_it,
        "Show the partner a sample": sample,
        "Activate it": activate,
    }


def _onboard(page: Page, address: str, folder: Path) -> Acts:
    def upload() -> None:
        file = folder / "customers.csv"
        with file.open("w", newline="") as out:
            rows = csv.writer(out)
            rows.writerow(("Klantnummer", "E-mailadres"))
            rows.writerows((f"C-{n}", f"guide{n}@newcomers.example") for n in range(60))
        visit(page, f"{address}/crm-uploads")
        page.locator("input[type=file]").set_input_files(str(file))
        page.get_by_role("button", name="Hash on this computer").click()
        expect(page.get_by_role("button", name=re.compile("Upload 60 rows"))).to_be_visible()

    def hand_in() -> None:
        page.get_by_role("button", name=re.compile("Upload 60 rows")).click()
        expect(page.get_by_text("60 rows received.")).to_be_visible()

    return {
        "Upload a file": upload,
        "Hand it in": hand_in,
        "Send lists regularly": lambda: expect(
            page.get_by_role("heading", name="Kept up to date")
        ).to_be_visible(),
    }


def _files(page: Page, address: str, settings: Settings) -> Acts:
    done = [one for one in deliveries.of_client(settings, "oakandlinen")
            if one.partner_id == "weborama"][-1]  # fmt: skip

    def watch() -> None:
        visit(page, f"{address}/partners")
        page.locator(".mb-grid button[data-pick]").first.click()
        expect(page.get_by_role("heading", name="Rejected calls")).to_be_visible()

    def look() -> None:
        visit(page, f"{address}/nightly-files")
        page.locator(f'button[data-pick="weborama {done.as_of.date()}"]').click()
        expect(page.get_by_role("heading", name=re.compile("^Weborama: "))).to_be_visible()
        page.wait_for_selector(READY)  # or the file shown before still has its link

    def manifest() -> None:
        with page.expect_download() as download:
            page.get_by_role("link", name="Download the manifest").click()
        assert download.value.suggested_filename.startswith("manifest-weborama-")

    def again() -> None:
        page.get_by_role("button", name="Deliver again").click()
        expect(page.get_by_text("Sent again, byte for byte")).to_be_visible()

    return {
        "Watch where partners fire": watch,
        "Look into a file": look,
        "Fetch its manifest": manifest,
        "Deliver it again": again,
    }
