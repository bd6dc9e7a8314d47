"""From the browser to the match: a page, the collector, its segments, the night, the mart."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from matchbook.cli.build import mirror_into_warehouse
from matchbook.cli.night import land_waiting
from matchbook.settings import Settings
from tests.browser.pixel_world import IDS, World, forget, person, world
from tests.warehouse.project import dbt, rows

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("pixels")]

EMAIL = "Jan.Jansen+shop@example.com"
CRM_FILE = """crm_record_id,email_sha256,cep_contact_id
signed-in,{email},
with-token,,4711
without-token,,4712
with-cookie,,4713
"""


@pytest.mark.proof
def test_three_partners_match_whoever_is_recognised(browser: Browser, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    with world(settings.home) as running:
        with person(browser, tmp_path / "open", blocks_third_parties=False) as context:
            _sign_in(context, running, "site-a")
            _click(context, running, "site-b", contact="4713")
        with person(browser, tmp_path / "closed", blocks_third_parties=True) as context:
            _click(context, running, "site-a", contact="4711")
            _click(context, running, "site-b", contact="4712")
        _upload_crm_file(settings)
    loads = land_waiting(settings, say=lambda text: None)
    assert [(load.source, load.quarantined, load.untracked) for load in loads] == [
        ("pixel_log", 0, 0),
        ("crm_file", 0, 0),
    ]
    mirror_into_warehouse(settings)
    dbt(settings.home, "run", "--select", "+matches")
    found = rows(
        settings.warehouse,
        "select crm_record_id, count(*), count(distinct partner_id), bool_and(is_deliverable), "
        "min(evidence_types) from marts.matches group by all order by all",
    )
    # Without third-party cookies and without the token a click and a sync never meet.
    assert found == [
        ("signed-in", 3, 3, True, "identify"),
        ("with-cookie", 3, 3, True, "click"),
        ("with-token", 3, 3, True, "click"),
    ]


def _sign_in(context: BrowserContext, world: World, site: str) -> None:
    before = world.count
    page = _somebody_new(context, world)
    page.goto(world.page(site))
    world.lines_since(before, 4)
    assert page.evaluate("email => matchbook.identify({email})", EMAIL) == {"email": True}
    world.lines_since(before + 4, 2)
    page.close()


def _click(context: BrowserContext, world: World, site: str, *, contact: str) -> None:
    before = world.count
    page = _somebody_new(context, world)
    page.goto(world.mail_link(site, contact))
    world.lines_since(before, 5)
    page.close()


def _somebody_new(context: BrowserContext, world: World) -> Page:
    """A page of a person whose partner cookies nobody else has."""
    number = f"{world.count:04x}"
    forget(context, world, {name: value[:-4] + number for name, value in IDS.items()})
    return context.new_page()


def _upload_crm_file(settings: Settings) -> None:
    """The client hashes by digitalAudience's SDK: the form without the suffix."""
    folder = settings.inbox / "onboard" / "audience=news" / "opt-in"
    folder.mkdir(parents=True)
    email = hashlib.sha256(b"jan.jansen@example.com").hexdigest()
    (folder / "contacts.csv").write_text(CRM_FILE.format(email=email))
    (folder / "contacts.csv.done").touch()
