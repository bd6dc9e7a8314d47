"""Cookie ids in a form that one client has agreed with the partner: for it that form counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from ingest.collector.calls import parse_call
from ingest.collector.directory import Directory
from ingest.collector.sync import place_of_sync
from matchbook.partners.agreed import Agreed
from matchbook.registry import ClientPartner, Registry
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse
from tests.pixel_desk import Desk, json_line, segment
from tests.pixel_lines import REGISTRY, sync
from tests.sizes import a_few_now

USUAL = "014c0997b79e00152f6525804ed915078002e07000fb8"
OWN = "acme-000017"
SELLIGENT = "8a9ab463-f0c1-4024-b1a6-22f1021cb76d"
FORM = Agreed(cookie_pattern="acme-[0-9]{6}")

CASES = {
    "own": ("shop", "tealium", OWN, None),
    "own, in capitals": ("shop", "tealium", OWN.upper(), None),
    "not own": ("shop", "tealium", USUAL, "bad_cookie_id"),
    "of another client": ("beta-site", "tealium", USUAL, None),
    "another client's": ("beta-site", "tealium", OWN, "bad_cookie_id"),
    "of a lenient partner": ("shop", "selligent", SELLIGENT, "bad_cookie_id"),
    "of another partner": ("shop", "permutive", SELLIGENT, None),
    "a macro": ("shop", "tealium", "${acme-000017}", "unexpanded_macro"),
    "an address": ("shop", "tealium", "acme-000017@mail.example", "personal_data"),
    "longer": ("shop", "tealium", OWN * 30, "bad_cookie_id"),
}


def agreed_by_acme() -> Registry:
    acme, *others = REGISTRY.clients
    own = tuple(ClientPartner(partner_id=p, agreed=FORM) for p in ("tealium", "selligent"))
    acme = acme.model_copy(update={"partners": (*acme.partners, *own)})
    return REGISTRY.model_copy(update={"clients": (acme, *others)})


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    with open_warehouse(settings) as connection:
        yield Desk(connection, settings, agreed_by_acme())


def combined_line(desk: Desk, site: str, partner: str, cookie_id: str) -> str:
    return desk.ours(sync(cookie_id, partner=partner, site=site))


def json_log_line(desk: Desk, site: str, partner: str, cookie_id: str) -> str:
    return json_line(uri=sync(cookie_id, partner=partner, site=site), cookie=desk.cookie)


def segment_line(desk: Desk, site: str, partner: str, cookie_id: str) -> str:
    return segment(site=site, partner=partner, cookieid=cookie_id)


@pytest.mark.parametrize(
    "line", a_few_now([combined_line, json_log_line, segment_line], combined_line)
)
@pytest.mark.parametrize("case", CASES)
def test_at_landing(desk: Desk, case: str, line: Callable[..., str]) -> None:
    site, partner, cookie_id, reason = CASES[case]
    outcome = "quarantined" if reason else "accepted"
    assert desk.outcome(line(desk, site, partner, cookie_id)) == (outcome, reason)
    if not reason:
        found = desk.rows("select partner_cookie_id, has_format_warning from raw.hits")
        assert found == [(cookie_id.lower(), False)]


def test_beside_many_of_the_usual_form(desk: Desk) -> None:
    lines = [desk.ours(sync(USUAL, partner="tealium", site="beta-site")) for _ in range(300)]
    lines += [desk.ours(sync(OWN, partner="tealium")) for _ in range(200)]
    result = desk.land(*lines, desk.ours(sync(USUAL, partner="tealium")))
    assert (result.accepted, result.quarantined_by_reason) == (500, {"bad_cookie_id": 1})


@pytest.mark.parametrize("case", CASES)
def test_at_the_collector(case: str) -> None:
    site, partner, cookie_id, reason = CASES[case]
    path, _, query = sync(cookie_id, partner=partner, site=site).partition("?")
    call = parse_call(
        method="GET", path=path, query=query, headers={"host": "px.acme.example"},
        peer="203.0.113.9:1", at=datetime(2026, 11, 20, 10, tzinfo=UTC),
    )  # fmt: skip
    place = place_of_sync(Directory(agreed_by_acme()), call)
    assert (place if isinstance(place, str) else None) == reason


@pytest.mark.parametrize("pattern", ["", "(", "a" * 301, "(?=x)x", r"(a)\1"])
def test_a_form_that_is_none(pattern: str) -> None:
    with pytest.raises(ValueError, match="cookie_pattern"):
        Agreed(cookie_pattern=pattern)
