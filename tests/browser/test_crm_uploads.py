"""A CRM file in a real browser: hashed there, and nothing readable leaves it."""

from __future__ import annotations

import csv
import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, expect

from matchbook import registry
from matchbook.cli import main
from matchbook.cli.work import drain
from matchbook.crm_files.handover import read_handover
from matchbook.settings import Settings
from matchbook.warehouse import open_file
from tests.browser.serving import dashboard_at
from tests.browser.upload_page import (
    Traffic,
    choose,
    emptied,
    hash_here,
    make_registry,
    open_uploads,
    upload,
)
from tests.dashboard import world

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("browser")]

FORMS = (
    rb"contact\.\d{5}", rb"06 00 \d{4} \d{2}", rb"0600\d{6}",
    rb"\d{4} [a-l]x", rb"\d{4} [a-l]x;\d{1,5};",
)  # fmt: skip
"""What a contact's values look like: all that does is compared with each of them."""

HEADER = "Klantnummer;Voornaam;E-mailadres;Mobiel;Postcode;Huisnummer;Segment"
SIZES = (500, pytest.param(10_000, marks=pytest.mark.proof))

Place = tuple[Settings, str]  # a home and where it is served


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Of a client that has uploaded nothing yet; shared, for a server takes seconds to start."""
    settings = Settings(home=tmp_path_factory.mktemp("uploads") / "home")
    make_registry(settings)
    with dashboard_at(settings.home) as address:
        yield settings, address


@pytest.fixture
def home(place: Place) -> Settings:
    return emptied(place[0])


@pytest.fixture
def served(place: Place) -> str:
    return place[1]


def contacts(n: int) -> tuple[str, str, str, str]:
    """E-mail, phone, postcode and house number of an invented contact."""
    code = f"{1000 + n % 9000} {'ABCDEGHJKL'[n // 9000]}X"
    phone = f"06 00 {n // 100 + 100:04d} {n % 100:02d}"
    return f"Contact.{n:05d}@Mail.example", phone, code, str(n + 1)


def write(path: Path, rows: int) -> Path:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, delimiter=";")
        writer.writerow(HEADER.split(";"))
        for n in range(rows):
            email, phone, code, house = contacts(n)
            writer.writerow((f"C-{n}", f"Jantje{n}", email, phone, code, house, "loyal"))
    return path


@pytest.mark.parametrize("rows", SIZES)
def test_of_all_contacts_not_one_is_readable_outside(
    home: Settings, served: str, browser: Browser, tmp_path: Path, rows: int
) -> None:
    page, traffic = open_uploads(browser, served)
    choose(page, write(tmp_path / "klanten.csv", rows))
    expect(page.locator("dd").first).to_have_text(
        "the hash of the e-mail address, phone number and postal address, Klantnummer and Segment"
    )
    hash_here(page)
    upload(page)
    expect(page.get_by_text(f"{rows:,} rows received.")).to_be_visible()
    assert traffic.errors == []
    nothing_readable(traffic, rows)
    page.context.close()
    land(home)
    everything_landed(home, rows)


def nothing_readable(traffic: Traffic, rows: int) -> None:
    """Each address, number, postcode with its house and first name is looked for."""
    seen = traffic.all().lower()
    assert hashlib.sha256(b"contact.00017@mail.example").hexdigest().encode() in seen
    for shared in (b"@mail.example", b"jantje", b"06 00"):
        assert shared not in seen
    sent = {match[1] for form in FORMS for match in re.finditer(b"(?=(" + form + b"))", seen)}
    for n in range(rows):
        email, phone, code, house = contacts(n)
        local = email.partition("@")[0]
        for text in (local, phone, phone.replace(" ", ""), f"{code};{house};", code):
            value = text.lower().encode()
            assert any(re.fullmatch(form, value) for form in FORMS)
            assert value not in sent, f"of contact {n}"


def land(home: Settings) -> None:
    [file] = home.inbox.rglob("*.csv")
    environment = {"MATCHBOOK_HOME": str(home.home)}
    result = CliRunner().invoke(main, ["ingest", "crm", str(file)], env=environment)
    assert result.exit_code == 0, result.output


def everything_landed(home: Settings, rows: int) -> None:
    newest = "where load_seq = (select max(load_seq) from raw.loads)"
    with closing(open_file(home.warehouse, read_only=True)) as connection:
        counts = connection.execute(
            f"select identifier_type, count(*) from raw.record_identifiers {newest} "
            "group by identifier_type order by identifier_type"
        ).fetchall()
        [(landed,)] = connection.execute(f"select count(*) from raw.crm_rows {newest}").fetchall()
    assert counts == [("email", rows), ("phone", rows), ("postal", rows)]
    assert landed == rows


@pytest.mark.proof
def test_a_replacement_wants_a_second_click(
    home: Settings, served: str, browser: Browser, tmp_path: Path
) -> None:
    page, _ = open_uploads(browser, served)
    file = tmp_path / "list.csv"
    file.write_text("crm_record_id,email\nC-1,anna@mail.example\nC-2,nobody\n")
    choose(page, file)
    page.get_by_text("Replace all").click()
    hash_here(page)
    expect(page.locator("button.primary")).to_be_disabled()
    expect(page.get_by_text("Not an e-mail address")).to_be_visible()
    expect(page.get_by_text("line 3")).to_be_visible()
    page.get_by_text("not in this file leaves the list").click()
    upload(page)
    [landed] = home.inbox.rglob("*.csv")
    assert landed.parent.name == "replace"
    page.context.close()


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A normal one, whose retailer has 950 records on its list."""
    settings = Settings(home=tmp_path_factory.mktemp("morning") / "home", now=world.NOW)
    world.make_registry(settings)
    world.publish(settings)
    with dashboard_at(settings.home, now=world.NOW.isoformat()) as address:
        yield settings, address


@pytest.fixture
def published(morning: Place) -> Place:
    return emptied(morning[0]), morning[1]


@pytest.mark.proof
def test_a_list_that_would_shrink_wants_the_clients_name(
    published: Place, browser: Browser, tmp_path: Path
) -> None:
    settings, address = published
    page, traffic = open_uploads(browser, address)
    file = tmp_path / "list.csv"
    file.write_text("crm_record_id,email\nC-60,anna@mail.example\nC-61,bram@mail.example\n")
    choose(page, file)
    page.get_by_text("Replace all").click()
    hash_here(page)
    page.get_by_text("not in this file leaves the list").click()
    page.locator("button.primary").click()
    expect(page.get_by_text("would withdraw 948 of the list's 950 records.")).to_be_visible()
    assert not list(settings.inbox.rglob("*.csv"))
    go = page.get_by_role("button", name="Replace the list Newsletter all the same")
    expect(go).to_be_disabled()
    page.get_by_label("type the client's name").press_sequentially("homestead")
    expect(go).to_be_disabled()
    page.get_by_label("type the client's name").fill("Homestead")
    go.click()
    page.get_by_text("What happens next").wait_for()
    [landed] = settings.inbox.rglob("*.csv")
    assert read_handover(landed).confirm_shrink
    assert traffic.errors == []
    page.context.close()


@pytest.mark.proof
def test_a_list_that_is_not_replaced_after_all(
    published: Place, browser: Browser, tmp_path: Path
) -> None:
    settings, address = published
    page, _ = open_uploads(browser, address)
    file = tmp_path / "list.csv"
    file.write_text("crm_record_id,email\nC-60,anna@mail.example\n")
    choose(page, file)
    page.get_by_text("Replace all").click()
    hash_here(page)
    page.get_by_text("not in this file leaves the list").click()
    page.locator("button.primary").click()
    page.get_by_role("button", name="Do not replace it").click()
    page.get_by_text("See what leaves this computer").wait_for()
    assert not [path for path in (settings.home / "uploads").rglob("*") if path.is_file()]
    assert not list(settings.inbox.rglob("*.csv"))
    page.context.close()


@pytest.mark.proof
def test_from_a_late_list_to_a_tested_location(
    published: Place, browser: Browser, tmp_path: Path
) -> None:
    """The way of a marketer who is late: Overview, rhythm, history, records, a storage."""
    settings, address = published
    page, traffic = open_uploads(browser, address, path="/")
    page.get_by_role("link", name="Upload", exact=True).click()
    expect(page.get_by_text("Upload 3 days overdue")).to_be_visible()
    page.get_by_role("combobox", name="How often Newsletter is uploaded").click()
    page.get_by_role("option", name="Every month").click()
    expect(page.get_by_text("Counted from tonight's run on")).to_be_visible()
    page.get_by_role("tab", name="History").click()
    expect(page.locator(".mb-table tr", has_text="desk, on the dashboard").first).to_be_visible()
    page.get_by_role("tab", name="Records").click()
    page.get_by_label("CRM record id").fill("C-51")
    page.get_by_label("CRM record id").press("Enter")
    expect(page.get_by_role("cell", name="on the list", exact=True)).to_be_visible()
    (tmp_path / "drop" / "onboard").mkdir(parents=True)
    a_tested_location(page, settings, (tmp_path / "drop").as_uri())
    assert registry.current(settings).lists[0].upload_every == "month"
    assert traffic.errors == []
    page.context.close()


def a_tested_location(page: Page, settings: Settings, url: str) -> None:
    page.get_by_role("tab", name="Storage locations").click()
    page.get_by_text("Folder on this server").click()
    page.get_by_label("Address").fill(url)
    page.get_by_label("Name", exact=True).fill("homestead-drop")
    page.get_by_label("Name", exact=True).press("Enter")
    page.get_by_role("button", name="Enter the location").click()
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_text("The test waits, and nothing works on it.")).to_be_visible()
    drain(settings, say=lambda _: None)
    expect(page.get_by_text("It can be read: 0 files there to pick up.")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused: left alone until it is resumed")).to_be_visible()


@pytest.mark.parametrize("content", [b"MZ\x90\x00" * 99, b"<!doctype html>"], ids=["UI15", "html"])
def test_streamlits_own_way_in_for_files_is_closed(served: str, content: bytes) -> None:
    files = {"file": ("contacts.csv", content, "text/csv")}
    for method in ("PUT", "POST"):
        address = f"{served}/_stcore/upload_file/session/file"
        assert httpx.request(method, address, files=files).status_code == 403


@pytest.mark.proof
def test_without_https_it_says_so(home: Settings, served: str, browser: Browser) -> None:
    page = browser.new_context().new_page()
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page.goto(f"{served}/crm-uploads")
    page.get_by_text("did not come over https").wait_for()
    assert page.get_by_text("matchbook hash FILE -o OUT").is_visible()
    page.context.close()


@pytest.mark.proof
def test_a_million_rows(home: Settings, served: str, browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "million.csv"
    with file.open("w") as out:
        out.write("crm_record_id,email,phone,postcode,house_number,segment\n")
        for n in range(1_000_000):
            out.write(f"C-{n},contact{n}@mail.example,0600{n:06d},1234 AB,{n % 90000 + 1},loyal\n")
    page, traffic = open_uploads(browser, served)
    choose(page, file)
    began = time.perf_counter()
    hash_here(page, patience=1_800_000)
    taken = time.perf_counter() - began
    print(f"hashed 1,000,000 rows in {taken:.0f} s: {1e6 / taken:,.0f} rows/s")
    upload(page, patience=1_800_000)
    expect(page.get_by_text("1,000,000 rows received.")).to_be_visible()
    assert traffic.errors == []
    page.context.close()
