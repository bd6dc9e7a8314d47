"""From an upload to a higher match rate: what a newcomer does with the demo, in a real browser."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser, expect

from matchbook import jobs
from matchbook.demo_home import NIGHT_NOW
from matchbook.settings import Settings
from tests.browser.serving import PATIENCE, dashboard_at
from tests.browser.upload_page import choose, hash_here, open_uploads
from tests.demo_home import LAST_NIGHT

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.proof]

UNDER_SECONDS = 60
RATES = re.compile(r"Match rate over all partners: ([0-9.]+) % before, ([0-9.]+) % now")


@pytest.mark.timed
def test_an_upload_becomes_a_higher_rate_within_a_minute(
    demo_home: Path, browser: Browser, tmp_path: Path
) -> None:
    expect.set_options(timeout=PATIENCE)
    with dashboard_at(demo_home, now=LAST_NIGHT) as address, work(demo_home):
        page, traffic = open_uploads(browser, address)
        choose(page, recognised(demo_home, tmp_path / "customers.csv"))
        hash_here(page)
        page.get_by_role("button", name=re.compile("Upload [0-9]+ rows")).click()
        expect(page.get_by_text("rows received.")).to_be_visible()
        page.get_by_role("button", name="Run the night now").click()
        expect(page.get_by_text("Matches and match rates are built and tested")).to_be_visible()
        expect(page.get_by_text(RATES)).to_be_visible(timeout=3 * UNDER_SECONDS * 1000)
        told = RATES.search(page.get_by_text(RATES).inner_text())
        assert traffic.errors == []
        page.context.close()
    assert told is not None
    before, after = map(float, told.groups())
    (job,) = jobs.all_of(Settings(home=demo_home), NIGHT_NOW)
    assert job.started_at is not None
    assert job.ended_at is not None
    took = (job.ended_at - job.started_at).total_seconds()
    print(f"\nthe night took {took:.0f} s; match rate {before} % before, {after} % after")
    assert after > before
    assert took < UNDER_SECONDS


def recognised(home: Path, file: Path) -> Path:
    """A list of those who signed in or clicked lately, as the world's truth has them."""
    evidence = (home / "truth" / "evidence").as_posix()
    found = duckdb.execute(
        f"""select distinct number from read_parquet('{evidence}/*.parquet')
        where client_id = 'oakandlinen' and via = 'email' and withheld = ''
        order by number limit 100"""
    ).fetchall()
    lines = [f"NEW-{number},person{number}@mail.example" for (number,) in found]
    file.write_text("\n".join(["Klantnummer,E-mailadres", *lines]) + "\n")
    return file


@contextmanager
def work(home: Path) -> Iterator[None]:
    """The worker that `matchbook demo` starts."""
    command = [sys.executable, "-m", "matchbook", "--home", str(home), "--now", LAST_NIGHT, "work"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE / 1000)
