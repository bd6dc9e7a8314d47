"""Consent in web logs: whatever the combination, only who said yes becomes a hit (P29)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from urllib.parse import quote

import pytest

from matchbook import visitor_cookie
from matchbook.consent import Signals
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse
from tests.consent_cases import combinations, is_allowed, is_refusal
from tests.pixel_desk import Desk, json_line
from tests.pixel_lines import REGISTRY, click, cookie, sync, visitor
from tests.tc_strings import ALLOW, FIXTURES, VENDOR, tc_string

WITH_VENDOR = REGISTRY.model_copy(update={"tcf_vendor_id": VENDOR})
REFUSAL = FIXTURES["no-vendor"][0]


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    with open_warehouse(settings) as connection:
        yield Desk(connection, settings, WITH_VENDOR)


def asking(text: str, gdpr: str | None = "1") -> str:
    return sync() + (f"&gdpr={gdpr}" if gdpr else "") + f"&gdpr_consent={quote(text, safe='')}"


@pytest.mark.parametrize("vendor_id", [VENDOR, None])
def test_p29_hits_of_every_combination(settings: Settings, vendor_id: int | None) -> None:
    cases = [s for s in combinations() if s.vendor_id == vendor_id and _can_be_sent(s)]
    with open_warehouse(settings) as connection:
        desk = Desk(connection, settings, REGISTRY.model_copy(update={"tcf_vendor_id": vendor_id}))
        desk.land("\n".join(_line(desk, number, s) for number, s in enumerate(cases)))
        hits = desk.rows("select visitor_id from raw.hits where hit_type <> 'withdraw'")
        refusals = desk.rows("select visitor_id from raw.hits where hit_type = 'withdraw'")
    allowed = {(visitor(n),) for n, s in enumerate(cases) if is_allowed(s)}
    assert set(hits) == allowed
    assert set(refusals) == {(visitor(n),) for n, s in enumerate(cases) if is_refusal(s)}
    assert len(hits) == len(allowed) > 30


def _can_be_sent(signals: Signals) -> bool:
    # A click is declared while the client's switch is on; an empty `consent` is refused earlier.
    return signals.link_consent != "" and (signals.link_consent is None or signals.declared)


def _line(desk: Desk, number: int, signals: Signals) -> str:
    if signals.link_consent is None:
        uri = sync(site="shop" if signals.declared else "blog")
    else:
        uri = click(desk.keys).replace("consent=1", f"consent={signals.link_consent}")
    for name in ("gdpr", "gdpr_consent"):
        value = getattr(signals, name)
        uri += "" if value is None else f"&{name}={quote(value, safe='')}"
    own = visitor_cookie.sign(desk.keys.cookie, visitor(number))
    sent = f"mbid={own}" + ("; mb_optout=1" if signals.opted_out else "")
    return json_line(uri=uri, cookie=sent, sec_gpc="1" if signals.gpc else "")


def test_a_tc_string_is_the_basis_of_a_hit(desk: Desk) -> None:
    line = desk.ours(asking(ALLOW))
    assert desk.hit(line, "hit_type, consent_basis") == ("sync", "tcf")


def test_a_refusal_withdraws_who_has_our_cookie(desk: Desk) -> None:
    assert desk.hit(desk.ours(asking(REFUSAL)), "hit_type, visitor_id, partner_cookie_id") == (
        "withdraw", visitor(1), None,
    )  # fmt: skip
    assert desk.outcome(desk.ours(asking(REFUSAL), cookie="-")) == ("untracked", "tc_no_vendor")


def test_a_string_is_judged_as_of_its_call(desk: Desk) -> None:
    older = tc_string(given=date(2025, 10, 16))
    assert desk.outcome(desk.ours(asking(older))) == ("untracked", "consent_expired")
    then = "20/Jan/2026:10:05:03 +0000"
    assert desk.outcome(desk.ours(asking(older), at=then)) == ("accepted", None)


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(sync() + "&gdpr_pd=1", id="CO09-gdpr_pd"),
        pytest.param(sync() + "&gdpr=0&gdpr_consent=broken", id="gdpr-0"),
    ],
)
def test_what_does_not_count_is_ignored(desk: Desk, url: str) -> None:
    assert desk.outcome(desk.ours(url)) == ("accepted", None)


def test_a_cookie_of_the_opt_out_page_is_a_refusal(desk: Desk) -> None:
    line = json_line(uri=sync(), cookie=f"mb_optout=1; mbid={cookie(desk.keys)}")
    assert desk.outcome(line) == ("untracked", "opted_out")
    assert desk.rows("select hit_type, visitor_id from raw.hits") == [("withdraw", visitor(1))]
