"""The pixel in a browser on the vectors of digitalAudience and of our postal form."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from ingest.collector.pixel_forms import MARKETS
from matchbook.normalisation import NotNormal, normalise, profiles_of, sha256_hex
from tests.browser.pixel_page import pixel_page, script
from tests.browser.test_hasher_vectors import ADDRESSES, EMAILS, PHONES
from tests.normalisation_vectors import Vector, vectors
from tests.sizes import a_few_now

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("pixels")]

IDENTIFY = "(given) => matchbook.identify(given)"
OURS = ("da_docs_v1", "da_sdk_v1", "matchbook_v1")


def test_vectors(browser: Browser) -> None:
    """Both e-mail rules are sent, so the vector's hash is among those sent."""
    wanted = [v for v in vectors() if v.profile in OURS and is_known(v)]
    assert len(wanted) == 24
    with pixel_page(browser, script()) as opened:
        for vector in wanted:
            opened.requests.clear()
            told = opened.page.evaluate(IDENTIFY, {vector.field: vector.raw})
            assert told == {vector.field: bool(vector.sha256_hex)}, vector.raw
            sent = [call[vector.field] for call in opened.calls("identify")]
            assert (vector.sha256_hex in sent) == bool(vector.sha256_hex), vector.raw


SENT_FOR = """
async ([field, values]) => {
  let sent;
  window.fetch = async url => { sent.push(new URL(url).searchParams.get(field)); };
  const found = [];
  for (const raw of values) {
    sent = [];
    await matchbook.identify({ [field]: raw });
    found.push(sent);
  }
  return found;
}
"""


@pytest.mark.parametrize("region", a_few_now(["NL", "BE", "DE", "FR", "GB", "SE", "IT"], "NL"))
def test_nothing_is_sent_that_no_profile_makes(
    browser: Browser, public_data: Path, region: str
) -> None:
    """What is sent is what the profiles make of the same value; of much nothing is sent."""
    blns = json.loads((public_data / "h01_blns" / "blns.json").read_text())
    values = {
        "email": [*EMAILS, *blns, *("a" + text + "@x.nl" for text in blns)],
        "phone": [*PHONES, *blns, *phone_examples(public_data, region)],
        "postal": [*ADDRESSES, *(f"{c}{text[2:]}" for c in MARKETS for text in ADDRESSES), *blns],
    }
    with pixel_page(browser, script(region=region)) as opened:
        for field, raws in values.items():
            sent = opened.page.evaluate(SENT_FOR, [field, raws])
            wrong = [
                (raw, region)
                for raw, hashes in zip(raws, sent, strict=True)
                if hashes and hashes != hashes_of(field, raw, region)
            ]
            assert wrong == []
            assert sum(map(bool, sent)) >= 5


def phone_examples(public_data: Path, region: str) -> list[str]:
    with (public_data / "h06_phone" / "examples_hand.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    national = [row["national"] for row in rows if row["region"] == region]
    return [*national, *(row[form] for row in rows for form in ("e164", "international"))]


def hashes_of(field: str, raw: str, region: str) -> list[str]:
    found: list[str] = []
    for profile in profiles_of(field):
        try:
            text = normalise(field, raw, profile=profile, region=region)
        except NotNormal:
            if not found:
                break
            continue
        if sha256_hex(text) not in found:
            found.append(sha256_hex(text))
    return found


def is_known(vector: Vector) -> bool:
    return vector.field in ("email", "phone", "postal") and not vector.kind.endswith("_control")
