"""The pixel in a browser on the vectors of digitalAudience and of our postal form."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.pixel_page import pixel_page, script
from tests.normalisation_vectors import Vector, vectors

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


def is_known(vector: Vector) -> bool:
    return vector.field in ("email", "phone", "postal") and not vector.kind.endswith("_control")
