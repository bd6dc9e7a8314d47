"""Every printed vector, and made-up values by the thousand, in the browser as in Python."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from matchbook.normalisation import NotNormal, normalise
from tests.browser.hasher import hasher_page, normalised
from tests.normalisation_vectors import Vector, vectors

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.xdist_group("browser")]

SLIP = "65 1243 5678"
"""Its printed result swaps two digits."""

EMAILS = (
    "Anna.Bakker@Example.NL", "a+b@x.io", " J ö@bücher.example ", "İ@x.example", "a@b", "a..b@x.nl",
    ".a@x.nl", "a.@x.nl", "a@x_y.nl", "a@-x.nl", "a@x.test", "a@localhost", "a@x.invalid", "a@x.c",
    "\u00a0a@x.nl\u2003", "a\u200bb@x.nl", "o'brien@x.ie", "a@xn--bcher-kva.example", "a@@x.nl",
    "a@x.nl.", "a b@x.nl", '"a b"@x.nl', "A" * 65 + "@x.nl", "a@" + "x" * 64 + ".nl", "info@1.nl",
)  # fmt: skip
PHONES = (
    "06 12 34 56 78", "0612345678", "+31 (0)6 12345678", "0031612345678", "31612345678",
    "612345678", "06-12345678", "tel. 06 12345678", "020 123 4567", "+32 470 12 34 56", "112",
    "0470123456", "+44 20 7946 0958", "+1 (650) 555-1212", "06 1234567", "061234567890",
    "+39 02 36618300",
    "niet bekend", "+", "00", "0000000000", "06\u00a012345678", "＋31612345678", "+31612345678 x5",
)  # fmt: skip
ADDRESSES = (
    "NL|1234 ab|12|a", "|1234AB|12-14|", "NL|0123AB|1|", "be|1000|15|bus 3", "BE|B-1000|15 bte 4|",
    "DE|00123|1|", "D|10115|1|", "Duitsland|10115|7b|", "GB|SW1A 1AA|10|", "FR|F-75001|1 bis|",
    "XX|ABC 12|1|", "NL|1234AB||", "NL|1234AB|x|", "NL|1234AB|000|", "NL|1234AB|1234567|",
    "LU|L-1234|3|", "a|b", "NL|1234AB|1|ß", "België|1000|1|boîte 2",
)  # fmt: skip


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with hasher_page(browser) as opened:
        yield opened


def question(vector: Vector) -> dict[str, str | None]:
    return {
        "type": vector.field,
        "profile": vector.profile,
        "raw": vector.raw,
        "region": vector.region,
    }


ALL = vectors()
RULES = [v for v in ALL if not v.kind.endswith(("_control", "control", "_sha1")) and v.raw != SLIP]


def named(vector: Vector) -> str:
    """As the tests of the same vectors in Python name them."""
    return f"{vector.profile or 'bare'}-{vector.kind}-{ALL.index(vector)}"


@pytest.fixture(scope="module")
def answers(page: Page) -> dict[str, dict[str, str]]:
    """Every vector asked at once."""
    found = normalised(page, [question(vector) for vector in RULES])
    return dict(zip(map(named, RULES), found, strict=True))


def test_no_vector_is_left_out() -> None:
    """Beside these: six controls, a slip and a form for another algorithm, below."""
    assert (len(ALL), len(RULES)) == (91, 83)


@pytest.mark.parametrize("vector", RULES, ids=named)
def test_vector(answers: dict[str, dict[str, str]], vector: Vector) -> None:
    found = answers[named(vector)]
    if vector.kind.endswith("_invalid"):
        assert found.get("problem")
        return
    assert found["text"] == vector.normalized
    assert vector.sha256_hex in ("", found["sha256"])


def test_a_slip_of_the_source_is_not_followed(page: Page) -> None:
    [vector] = [v for v in vectors() if v.raw == SLIP]
    [found] = normalised(page, [question(vector)])
    assert found["text"] == "+6512435678"


def test_a_form_for_another_algorithm(page: Page) -> None:
    [vector] = [v for v in vectors() if v.kind == "phone_sha1"]
    [found] = normalised(page, [question(vector)])
    assert found["text"] == vector.normalized


def test_the_controls_are_hashed_as_they_are(page: Page) -> None:
    controls = [v for v in vectors() if v.kind.endswith("control")]
    texts = [v.raw for v in controls]
    hash_all = """async texts => Promise.all(texts.map(async text => [...new Uint8Array(
      await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))]
      .map(byte => byte.toString(16).padStart(2, '0')).join('')))"""
    assert page.evaluate(hash_all, texts) == [v.sha256_hex for v in controls]


def cases() -> Iterator[dict[str, str | None]]:
    for raw in EMAILS:
        for profile in ("da_docs_v1", "da_sdk_v1", "uid2", "google", "meta"):
            yield {"type": "email", "profile": profile, "raw": raw, "region": None}
    for raw in PHONES:
        for region in ("NL", "BE", None):
            for profile in ("da_docs_v1", "uid2"):
                yield {"type": "phone", "profile": profile, "raw": raw, "region": region}
    for raw in ADDRESSES:
        for region in ("NL", None):
            yield {"type": "postal", "profile": "matchbook_v1", "raw": raw, "region": region}


def test_other_values_come_out_as_in_python(page: Page) -> None:
    asked = list(cases())
    wrong = [
        (case["raw"], case["profile"], case["region"], found, expected)
        for case, found in zip(asked, normalised(page, asked), strict=True)
        if found != (expected := in_python(case))
    ]
    assert wrong == []


def in_python(case: dict[str, str | None]) -> dict[str, str]:
    raw, field, profile = str(case["raw"]), str(case["type"]), str(case["profile"])
    try:
        text = normalise(field, raw, profile=profile, region=case["region"])
    except NotNormal as error:
        return {"problem": error.reason}
    return {"text": text, "sha256": hashlib.sha256(text.encode()).hexdigest()}
