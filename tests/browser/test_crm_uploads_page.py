"""Everything a marketer can choose, drop and download on the page CRM uploads."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from matchbook.settings import Settings
from tests.browser.serving import dashboard_at
from tests.browser.upload_page import (
    choose,
    emptied,
    hash_here,
    make_registry,
    open_uploads,
    upload,
)
from tests.browser.workbooks import workbook
from tests.hashing import PHONE, digest

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.xdist_group("browser"),
    pytest.mark.proof,
]

BELGIAN = "0470 12 34 56"
BELGIAN_HASH = digest("32470123456")

CUT_ROLES = """
selects => {
  const pen = document.createElement('canvas').getContext('2d');
  const arrow = 24;
  return selects.flatMap(select => {
    const style = getComputedStyle(select);
    pen.font = style.font;
    const room = select.clientWidth - parseFloat(style.paddingLeft) - arrow;
    return [...select.options].map(option => option.text)
      .filter(text => pen.measureText(text).width > room);
  });
}
"""
DROP = """
([name, text]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([text], name));
  return carried;
}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, str]]:
    """Of a client whose contacts are in Belgium."""
    settings = Settings(home=tmp_path_factory.mktemp("choices") / "home")
    make_registry(settings, region="BE")
    with dashboard_at(settings.home) as address:
        yield settings, address


@pytest.fixture
def home(place: tuple[Settings, str]) -> Settings:
    return emptied(place[0])


@pytest.fixture
def page(home: Settings, place: tuple[Settings, str], browser: Browser) -> Iterator[Page]:
    opened, traffic = open_uploads(browser, place[1])
    yield opened
    opened.context.close()
    assert traffic.errors == []


def landed(home: Settings) -> Path:
    [file] = home.inbox.rglob("*.csv")
    return file


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


def downloaded(page: Page, button: str, target: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    download.value.save_as(target)
    return target


def test_another_role_in_a_workbook_of_removals(page: Page, home: Settings, tmp_path: Path) -> None:
    """Whoever had a role that only one column may have is left out."""
    file = tmp_path / "leden.xlsx"
    cells = [["Klantnummer", "Lid", "Bereikbaar op"], ["C-1", "L-1", BELGIAN]]
    file.write_bytes(workbook(cells))
    choose(page, file)
    page.get_by_label("Use Bereikbaar op as").select_option("phone")
    page.get_by_label("Use Lid as").select_option("crm_record_id")
    expect(page.get_by_label("Use Klantnummer as")).to_have_value("skip")
    expect(page.locator("dd")).to_have_text(["the hash of the phone number and Lid", "Klantnummer"])
    page.get_by_text("Remove", exact=True).click()
    hash_here(page)
    expect(page.locator("button.primary")).to_have_text("Upload removals of 1 row")
    upload(page)
    assert landed(home).parent.name == "opt-out"
    assert rows(landed(home)) == [{"crm_record_id": "L-1", PHONE: BELGIAN_HASH}]


def test_the_clients_country_is_chosen_already(page: Page, home: Settings, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text(f"crm_record_id,phone\nC-1,{BELGIAN}\n")
    choose(page, file)
    expect(page.get_by_label("Country", exact=True)).to_have_value("BE")
    expect(page.get_by_text("Only assumed")).to_have_count(0)
    hash_here(page)
    expect(page.get_by_text("Hashed here in less than a second.")).to_be_visible()
    upload(page)
    assert rows(landed(home))[0][PHONE] == BELGIAN_HASH


def test_the_hashed_file_is_what_lands(page: Page, home: Settings, tmp_path: Path) -> None:
    """And the remarks say the line of whatever was left out or repaired."""
    file = tmp_path / "contacts.csv"
    file.write_text(
        "crm_record_id,email,phone\n"
        "C-1,anna@mail.example,+32 (0)470 12 34 56\nC-2,nobody,\n,chris@mail.example,\n"
    )
    choose(page, file)
    hash_here(page)
    repaired = page.get_by_role("row", name="A phone number with (0)")
    expect(repaired.get_by_role("cell")).to_have_text(
        ["A phone number with (0) after the country code", "1", "repaired and used", "line 2"]
    )
    ours = downloaded(page, "Download the hashed file", tmp_path / "ours.csv")
    remarks = downloaded(page, "Download the remarks by line", tmp_path / "remarks.csv")
    upload(page)
    assert landed(home).read_bytes() == ours.read_bytes()
    assert remarks.read_text().splitlines() == [
        "line,reason,column",
        "2,zero_dropped,phone",
        "3,email_syntax,",
        "4,missing_record_id,",
    ]


def test_the_sample_can_be_uploaded(page: Page, home: Settings, tmp_path: Path) -> None:
    sample = downloaded(page, "Download a sample file", tmp_path / "sample.csv")
    page.set_viewport_size({"width": 1024, "height": 900})
    choose(page, sample)
    assert page.locator("td select").evaluate_all(CUT_ROLES) == []
    hash_here(page)
    upload(page)
    expect(page.get_by_text("3 rows received.")).to_be_visible()
    assert [row["segment"] for row in rows(landed(home))] == ["loyal", "new", "regular"]


def test_a_dropped_file_is_hashed_with_a_bar(page: Page) -> None:
    many = "".join(f"C-{n},contact{n}@mail.example\n" for n in range(400_000))
    text = f"crm_record_id,email\n{many}"
    carried = page.evaluate_handle(DROP, ["dropped.csv", text])
    zone = page.locator("label.drop")
    zone.dispatch_event("dragover", {"dataTransfer": carried})
    expect(zone).to_have_class(re.compile("over"))
    zone.dispatch_event("drop", {"dataTransfer": carried})
    expect(page.get_by_role("heading", name="dropped.csv")).to_be_visible()
    page.get_by_role("button", name="Hash on this computer").click()
    expect(page.get_by_role("progressbar", name="Hashed")).to_be_visible()
    expect(page.locator(".progress span")).to_have_text(re.compile(r"^[1-9]\d? %$"))
    page.get_by_text("See what leaves this computer").wait_for()
    expect(page.get_by_text(re.compile(r"Hashed here in .* rows a second\."))).to_be_visible()
