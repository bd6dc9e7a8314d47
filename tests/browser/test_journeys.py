"""Two mornings in a real browser: an analyst who looks for the reason of a fall, and a marketer
who goes from a file to a group in CEP."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from matchbook import registry
from matchbook.kept_audiences import store
from matchbook.pushes import stand_in
from matchbook.pushes.stand_in import StandIn as Demo
from matchbook.registry import CrmList
from matchbook.settings import Settings
from tests.browser.serving import PATIENCE, dashboard_at, visit
from tests.browser.upload_page import open_uploads
from tests.browser.working import worker
from tests.cep_server import StandIn, running
from tests.cep_server.store import example_store
from tests.dashboard import world_lookalikes
from tests.matchbook.kept_audiences.nights import SHOP

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("browser")]


@pytest.mark.proof
def test_an_analyst_finds_why_a_partner_fell(address: str, browser: Browser) -> None:
    """Tealium's rate fell: its tag is gone from the shop, and these records were lost by it."""
    expect.set_options(timeout=PATIENCE)
    page, traffic = open_uploads(browser, address, path="/")
    expect(page.get_by_text("Tealium is silent on shop.homestead.example")).to_be_visible()
    page.get_by_role("link", name="See Tealium").click()
    expect(page.get_by_text(re.compile("Silent since 18 Nov")).first).to_be_visible()
    expect(page.get_by_role("heading", name="Tealium's tag on shop.homestead")).to_be_visible()
    visit(page, f"{address}/match-rates?partner=Tealium")
    expect(page.get_by_text(re.compile("Last 7 days: ")).first).to_be_visible()
    expect(page.get_by_text(re.compile("not seen for 30 days")).first).to_be_visible()
    rows = "rows=true&rows_of=Records+gained+and+lost+in+7+days"
    visit(page, f"{address}/match-rates?partner=Tealium&{rows}")
    expect(page.get_by_role("columnheader", name="CRM record").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").last.click()
    lost = list(csv.DictReader(Path(download.value.path()).read_text().splitlines()))
    assert lost
    assert all(row["CRM record"] and row["Why"] for row in lost)
    assert traffic.errors == []
    page.context.close()


@pytest.fixture
def cep() -> Iterator[StandIn]:
    with running(example_store(1500, first=1), tps=1000) as server:
        yield server


@pytest.fixture
def served(tmp_path: Path, cep: StandIn) -> Iterator[tuple[Settings, str]]:
    """A shop of gardeners with a list, beside a stand-in for CEP."""
    expect.set_options(timeout=PATIENCE)
    settings = Settings(home=tmp_path / "home", now=world_lookalikes.NOW)
    world_lookalikes.make_home(settings)
    document = registry.current(settings)
    own = CrmList(list_id="cards", client_id=SHOP, name="Loyalty cards")
    registry.replace(settings, document.model_copy(update={"lists": (own,)}), by="test")
    stand_in.write(settings, Demo(cep.root, cep.url, cep.default_group, cep.user, cep.password))
    with dashboard_at(settings.home, now=world_lookalikes.NOW.isoformat()) as address:
        yield settings, address


@pytest.mark.proof
def test_a_marketer_goes_from_a_file_to_a_group(
    served: tuple[Settings, str], cep: StandIn, browser: Browser, tmp_path: Path
) -> None:
    settings, address = served
    with worker(settings):
        page, traffic = open_uploads(browser, address)
        _onboard(page, tmp_path)
        _build(page, address)
        _find_alike(page, address)
        _push(page, address)
        assert traffic.errors == []
        page.context.close()
    (group,) = [group for group in cep.store.groups.values() if group.cloned_from]
    kept = {audience.audience_id for audience in store.all_of(settings, SHOP)}
    assert {"garden-twice", "more-buyers"} <= kept
    assert group.name == "More buyers"
    assert len(group.members) >= 25
    print(f"\nonboard, build, lookalike, push: {len(group.members)} members in CEP")


def _onboard(page: Page, folder: Path) -> None:
    file = folder / "cards.csv"
    with file.open("w", newline="") as out:
        csv.writer(out).writerows(
            [("Klantnummer", "E-mailadres"), *((f"r{n}", f"r{n}@x.example") for n in range(80))]
        )
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_role("button", name="Hash on this computer").click()
    page.get_by_role("button", name=re.compile("Upload 80 rows")).click()
    expect(page.get_by_text("80 rows received.")).to_be_visible()


def _build(page: Page, address: str) -> None:
    visit(page, f"{address}/audiences")
    page.get_by_role("button", name="Begin with: Visited a section twice").click()
    page.get_by_label("Name", exact=True).fill("Garden twice")
    page.get_by_label("Name", exact=True).press("Enter")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved as version 1.")).to_be_visible()


def _find_alike(page: Page, address: str) -> None:
    visit(page, f"{address}/lookalikes")
    page.get_by_role("button", name="Begin with: buyers").click()
    page.get_by_role("combobox", name="Look among").click()
    page.get_by_role("option", name="people matched with a CRM record").click()
    page.get_by_role("button", name="See how good it is").click()
    expect(page.locator(".mb-study")).to_contain_text(re.compile(r"Of 100 people on this list"))
    page.get_by_label("Name", exact=True).fill("More buyers")
    page.get_by_label("Name", exact=True).press("Enter")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Kept up to date: Yes")).to_be_visible()


def _push(page: Page, address: str) -> None:
    visit(page, f"{address}/integrations")
    page.get_by_role("button", name="Activate Integration").click()
    expect(page.get_by_text("the default group is there.")).to_be_visible()
    visit(page, f"{address}/pushes?audience=more-buyers")
    page.get_by_role("button", name="Push to CEP").click()
    expect(page.get_by_text(re.compile("In CEP: group “More buyers”"))).to_be_visible()
