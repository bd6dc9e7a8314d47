"""Signing in with a real provider in a real browser: in, what is offered, out, and everywhere."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from matchbook import audit, team
from matchbook.access import Role
from matchbook.settings import Settings
from tests.browser.serving import READY, dashboard_at, visit
from tests.dashboard import world
from tests.signing_in import OPERATOR, environment, free_port, provider, with_team

pytestmark = [
    pytest.mark.needs("chromium"),
    pytest.mark.xdist_group("browser"),
    pytest.mark.proof,
]

ANNA, MARK = "anna@homestead.example", "mark@homestead.example"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = Settings(home=Path(tmp_path_factory.mktemp("sign_in")) / "home", now=world.NOW)
    world.make_registry(made)
    world.publish(made)
    world.record_run(made, "done")
    return with_team(made)


@pytest.fixture(scope="module")
def site(settings: Settings) -> Iterator[str]:
    port, now = free_port(), world.NOW.isoformat()
    with (
        provider() as url,
        dashboard_at(settings.home, now=now, port=port, **environment(url, port)),
    ):
        yield f"http://localhost:{port}"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context()
    yield made
    made.close()


def sign_in(context: BrowserContext, site: str, email: str, path: str = "/") -> Page:
    page = context.new_page()
    page.goto(site + path)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/oauth2/authorize**")
    page.get_by_role("button", name=email, exact=True).click()
    page.wait_for_selector(".mb-header")
    page.wait_for_selector(READY)
    return page


def menu(page: Page) -> set[str]:
    links = page.locator('[data-testid="stSidebarNavLink"]')
    links.first.wait_for()
    return set(links.all_inner_texts())


def press_account(page: Page, email: str, button: str) -> None:
    page.locator('[data-testid="stSidebar"]').get_by_role("button", name=email).click()
    page.get_by_role("button", name=button, exact=True).click()


def covered(page: Page) -> None:
    page.get_by_role("button", name="Sign in").wait_for(timeout=20_000)
    assert page.get_by_text("Homestead").count() == 0


def session_of(context: BrowserContext) -> dict[str, str]:
    return {str(one["name"]): str(one["value"]) for one in context.cookies()}


def test_a_manager_is_let_in(context: BrowserContext, site: str, settings: Settings) -> None:
    page = context.new_page()
    page.goto(f"{site}/audiences?client=Homestead")
    covered(page)
    assert page.locator('[data-testid="stSidebarNavLink"]').count() == 0
    page = sign_in(context, site, ANNA)
    assert page.locator(".mb-client").inner_text() == "Homestead"
    assert {"Team", "Audit", "Integrations"} <= menu(page)
    assert page.get_by_text("Farways").count() == 0
    newest = audit.of_installation(settings)[0]
    assert (newest.actor, newest.action) == (ANNA, "signed_in")
    only_theirs_is_a_download(page, site, session_of(context))
    ui16_an_error_has_a_number_and_no_insides(page, settings)


def only_theirs_is_a_download(page: Page, site: str, cookies: dict[str, str]) -> None:
    """P37, UI03: the link alone, and with a forged cookie, gives nothing."""
    visit(page, f"{site}/match-rates")
    link = site + str(page.locator("a.mb-download").first.get_attribute("href"))
    assert httpx.get(link, cookies=cookies).status_code == 200
    assert httpx.get(link).status_code == 403
    assert httpx.get(link, cookies={**cookies, "_streamlit_user": "forged"}).status_code == 403
    assert httpx.get(f"{site}/media/0123.txt").status_code == 403


def ui16_an_error_has_a_number_and_no_insides(page: Page, settings: Settings) -> None:
    pointer = settings.published / "current.json"
    before = pointer.read_text()
    pointer.write_text(json.dumps({"build_id": 7}))
    try:
        page.get_by_role("link", name="Partners", exact=True).first.click()
        page.get_by_text("Something went wrong on this page.").wait_for()
        said = page.locator("body").inner_text()
    finally:
        pointer.write_text(before)
    assert "error " in said
    for inside in ("Traceback", "pydantic", str(settings.home), "select", ".py"):
        assert inside not in said


def test_a_marketer_is_offered_less_until_that_changes(
    context: BrowserContext, site: str, settings: Settings
) -> None:
    page = sign_in(context, site, MARK)
    assert not {"Team", "Audit", "Integrations"} & menu(page)
    visit(page, f"{site}/team")
    assert page.get_by_role("heading", name="403").is_visible()
    team.put(settings, MARK, "homestead", Role.MANAGER, by="test")
    page.wait_for_timeout(1100)
    page.get_by_role("link", name="Partners", exact=True).first.click()
    page.get_by_role("heading", name="Partners", exact=True).wait_for()
    assert "Team" in menu(page)
    team.put(settings, MARK, "homestead", Role.MARKETER, by="test")


def test_an_operator_sees_no_client(context: BrowserContext, site: str) -> None:
    page = sign_in(context, site, OPERATOR)
    assert menu(page) == {"Data quality", "Audit"}
    assert page.get_by_text("Homestead").count() == 0


def test_signing_out_holds_in_every_tab(context: BrowserContext, site: str) -> None:
    page = sign_in(context, site, ANNA)
    other = context.new_page()
    visit(other, f"{site}/match-rates")
    cookies = session_of(context)
    press_account(page, ANNA, "Sign out")
    page.wait_for_url("**/oauth2/end_session**")
    other.get_by_role("link", name="Partners", exact=True).first.click()
    covered(other)
    # The cookie from before is of no use to whoever kept it.
    again = context.browser.new_context()  # type: ignore[union-attr]
    again.add_cookies([{"name": n, "value": v, "url": site} for n, v in cookies.items()])
    stolen = again.new_page()
    stolen.goto(site)
    covered(stolen)
    again.close()


def test_signing_out_everywhere_reaches_other_browsers(
    browser: Browser, context: BrowserContext, site: str
) -> None:
    elsewhere = browser.new_context()
    there = sign_in(elsewhere, site, MARK)
    here = sign_in(context, site, MARK)
    press_account(here, MARK, "Sign out everywhere")
    here.wait_for_url("**/oauth2/end_session**")
    there.get_by_role("link", name="Partners", exact=True).first.click()
    covered(there)
    elsewhere.close()


def test_an_idle_session_ends(context: BrowserContext, site: str, settings: Settings) -> None:
    page = sign_in(context, site, ANNA)
    long_ago = datetime.now(UTC).replace(tzinfo=None) - timedelta(minutes=31)
    with sqlite3.connect(settings.home / "state.sqlite") as state:
        state.execute("update sign_ins set seen_at = ?", [long_ago.isoformat(" ")])
    page.get_by_role("link", name="Partners", exact=True).first.click()
    page.get_by_text("You were away for a while.").wait_for()
    covered(page)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name=ANNA, exact=True).click()
    page.get_by_text("Homestead").first.wait_for()


def test_whom_nobody_invited_is_not_let_in(
    context: BrowserContext, site: str, settings: Settings
) -> None:
    page = context.new_page()
    page.goto(site)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_placeholder("sub").fill("eve@elsewhere.example")
    page.get_by_role("button", name="Authorize").click()
    page.get_by_text("nobody has invited you").wait_for()
    newest = audit.of_installation(settings)[0]
    assert (newest.action, newest.about) == ("sign_in_refused", "unknown")


def test_the_secret_is_nowhere_on_disk(settings: Settings, site: str) -> None:
    found = [path for path in settings.home.rglob("*") if path.is_file()]
    assert found
    assert not [p for p in found if b"of no use to anybody" in p.read_bytes()]
