"""Consent at the collector: no cookie and no match unless something says yes (P29, P30, P33)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest

from ingest.collector.answers import Answer
from ingest.pixel_logs import land_pixel_log
from matchbook.consent import Signals
from matchbook.keys import load_keys
from matchbook.registry import Registry
from matchbook.settings import Settings
from matchbook.visitor_cookie import sign, verify
from matchbook.warehouse import open_warehouse
from tests import pixel_lines
from tests.collecting import Collecting
from tests.consent_cases import AT, combinations, is_allowed, is_refusal
from tests.mailing import Desk, desk
from tests.pixel_lines import PAGE, SNOWPLOW_ID, sync, visitor
from tests.tc_strings import ALLOW, FIXTURES, VENDOR, flipped, tc_string

SMALL, STATED = 3_000, 100_000
HASH = "ab" * 32
RESTRICTED = tc_string(restrictions=[(1, 0, [(VENDOR, VENDOR)])])
OLD = tc_string(given=date(2025, 10, 16))


def registry(vendor_id: int | None = VENDOR) -> Registry:
    """The usual one, whose client may also send people on, and reads count."""
    acme, *others = pixel_lines.REGISTRY.clients
    more = {"landing_hosts": ("good.example",)}
    more["dmp_matching_read_message_online"] = pixel_lines.APPROVED
    clients = (acme.model_copy(update=more), *others)
    return pixel_lines.REGISTRY.model_copy(update={"clients": clients, "tcf_vendor_id": vendor_id})


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    settings = Settings(home=tmp_path_factory.mktemp("consent"), now=AT)
    with desk(settings, registry()) as made:
        yield made


def visitor_given(front: Desk, answer: Answer) -> str | None:
    """The visitor of a cookie that was set."""
    set_here = [v for name, v in answer.headers if name == "set-cookie" and v.startswith("mbid=1")]
    if not set_here:
        return None
    return verify(front.collector.keys.cookie, set_here[0].split(";")[0].removeprefix("mbid="))


ASKED = {
    "CO01-no-string": ("&gdpr=1", "no_consent"),
    "CO02-unexpanded-macro": (
        "&gdpr=1&gdpr_consent=%24%7BGDPR_CONSENT_123%7D", "unexpanded_macro"
    ),
    "CO02-not-even-encoded": ("&gdpr=1&gdpr_consent=${GDPR_CONSENT_123}", "unexpanded_macro"),
    "CO04-vendor-bit-0": (f"&gdpr=1&gdpr_consent={FIXTURES['no-vendor'][0]}", "tc_no_vendor"),
    "CO04-restricted": (f"&gdpr=1&gdpr_consent={RESTRICTED}", "tc_restricted"),
    "CO05-truncated": (f"&gdpr=1&gdpr_consent={ALLOW[:31]}", "tc_unreadable"),
    "CO05-version-1": (f"&gdpr=1&gdpr_consent=B{ALLOW[1:]}", "tc_outdated"),
    "CO05-bit-flipped": (f"&gdpr=1&gdpr_consent={flipped(ALLOW, 1)}", "tc_unreadable"),
    "CO05-4-kB": (f"&gdpr=1&gdpr_consent={'CQdWTo' * 700}", "tc_unreadable"),
    "CO05-plus-and-slash": (f"&gdpr=1&gdpr_consent=C%2B%2F{ALLOW[3:]}", "tc_unreadable"),
    "CO07-expired": (f"&gdpr=1&gdpr_consent={OLD}", "consent_expired"),
}  # fmt: skip


@pytest.mark.parametrize("case", ASKED)
def test_a_sync_without_consent_is_answered_and_not_tracked(front: Desk, case: str) -> None:
    added, reason = ASKED[case]
    counted = front.collector.metrics.hits["sync", "untracked", reason]
    answer = front.get(sync() + added, at=AT)
    assert (answer.status, len(answer.body)) == (200, 43)
    assert visitor_given(front, answer) is None
    line = front.lines()[-1]
    assert (line["decision"], line["reason"], line["visitor"]) == ("untracked", reason, None)
    assert line.get("cookieid") is None
    assert front.collector.metrics.hits["sync", "untracked", reason] == counted + 1


@pytest.mark.parametrize(
    ("added", "basis"),
    [
        pytest.param("", "declared", id="declared"),
        pytest.param("&gdpr_pd=1", "declared", id="CO09-gdpr_pd"),
        pytest.param(f"&gdpr=1&gdpr_pd=0&gdpr_consent={ALLOW}", "tcf", id="CO09-beside-a-string"),
        pytest.param("&gdpr=0&gdpr_consent=broken", "gdpr_not_applicable", id="gdpr-0"),
    ],
)
def test_a_sync_with_consent_is_tracked(front: Desk, added: str, basis: str) -> None:
    answer = front.get(sync() + added, at=AT)
    line = front.lines()[-1]
    assert (line["decision"], line["basis"]) == ("tracked", basis)
    assert visitor_given(front, answer) == line["visitor"] is not None


def test_co10_gpc_withdraws_the_browser(front: Desk) -> None:
    cookie = sign(front.collector.keys.cookie, visitor(7))
    answer = front.get(sync() + f"&gdpr=1&gdpr_consent={ALLOW}", at=AT, sec_gpc="1",
                       cookie=f"mbid={cookie}")  # fmt: skip
    assert visitor_given(front, answer) is None
    line = front.lines()[-1]
    assert (line["decision"], line["reason"]) == ("withdraw", "gpc")
    assert line["visitor"] == visitor(7)
    assert front.collector.metrics.hits["sync", "untracked", "gpc"] > 0


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        (["1"], True), (["0", "1"], True), (["1", "0"], True), (["true", "1"], True),
        ([], False), (["0"], False), (["true"], False), (["1, 1"], False), (["01"], False),
        (["1;x"], False), (["1.0"], False), (["yes"], False), (["0", "0"], False),
    ],
    ids=lambda value: f"CO11-{'+'.join(value)}" if isinstance(value, list) else None,
)  # fmt: skip
def test_p30_only_exactly_1_counts(front: Desk, values: list[str], counts: bool) -> None:
    headers = {"sec_gpc": "\n".join(values)} if values else {}  # as parsed: one line each
    answer = front.get(sync(), at=AT, **headers)
    assert (visitor_given(front, answer) is None) == counts
    assert (front.lines()[-1].get("reason") == "gpc") == counts


def test_p30_two_headers_over_http(collector: Collecting) -> None:
    for headers, counts in (
        ([("Sec-GPC", "0"), ("sec-gpc", "1")], True),
        ([("Sec-GPC", "1")], True),
        ([("SEC-GPC", "1, 1")], False),
    ):
        answer = collector.get(sync(), headers=headers)
        assert ("set-cookie" in answer.headers) != counts
        assert (collector.lines()[-1].get("reason") == "gpc") == counts


FLAGGED = {
    "head": ({"method": "HEAD"}, "prefetch"),
    "purpose": ({"purpose": "prefetch"}, "prefetch"),
    "sec-purpose": ({"sec_purpose": "prefetch;prerender"}, "prefetch"),
    "sec-purpose-prerender": ({"sec_purpose": "prerender"}, "prefetch"),
    "x-purpose": ({"x_purpose": "preview"}, "prefetch"),
    "something-else": ({"purpose": "present"}, ""),
    "x-moz": ({"x_moz": "prefetch"}, "prefetch"),
    "crawler": ({"user_agent": "Mozilla/5.0 (compatible; AhrefsBot/7.0)"}, "bot"),
    "program": ({"user_agent": "python-requests/2.31.0"}, "bot"),
    "nobody": ({"user_agent": ""}, "bot"),
}


@pytest.mark.parametrize("case", FLAGGED)
def test_p33_programs_and_prefetches_are_flagged(front: Desk, case: str) -> None:
    headers, flag = FLAGGED[case]
    cookie = sign(front.collector.keys.cookie, visitor(8))
    front.get(sync(), at=AT, cookie=f"mbid={cookie}", **headers)
    line = front.lines()[-1]
    assert (line["bot"], line["prefetch"]) == (flag == "bot", flag == "prefetch")
    answer = front.get(sync(), at=AT, **headers)
    assert (visitor_given(front, answer) is None) == (flag == "prefetch")


def test_p29_every_combination_sets_no_cookie_unless_allowed(tmp_path: Path) -> None:
    for vendor_id in (VENDOR, None):
        with desk(Settings(home=tmp_path / str(vendor_id), now=AT), registry(vendor_id)) as front:
            for signals in combinations():
                if signals.vendor_id == vendor_id and _can_be_sent(signals):
                    answer = front.get(_url(front, signals), at=AT, **_headers(signals))
                    given = visitor_given(front, answer)
                    assert (given is not None) == is_allowed(signals), signals


def test_p29_generated_calls(tmp_path: Path) -> None:
    only_the_allowed_are_tracked(tmp_path, SMALL)


@pytest.mark.proof
def test_p29_at_its_stated_size(tmp_path: Path) -> None:
    only_the_allowed_are_tracked(tmp_path, STATED)


def only_the_allowed_are_tracked(home: Path, count: int) -> None:
    """Calls of all kinds, half of them with our cookie; then what the warehouse has of them."""
    chance = random.Random(29)
    cases = [s for s in combinations() if s.vendor_id == VENDOR and _can_be_sent(s)]
    settings = Settings(home=home, now=AT)
    allowed: set[str | None] = set()
    withdrawn: set[str | None] = set()
    with desk(settings, registry()) as front:
        for number in range(count):
            signals = chance.choice(cases)
            url = _any_url(front, signals, chance)
            has_cookie = chance.random() < 0.5
            own = f"mbid={sign(front.collector.keys.cookie, visitor(number))}; " * has_cookie
            answer = front.get(url, at=AT, **_headers(signals, own))
            given = visitor_given(front, answer)
            assert (given is not None) == (is_allowed(signals) and not has_cookie), (url, signals)
            if is_allowed(signals):
                allowed.add(given or visitor(number))
            elif is_refusal(signals) and has_cookie:
                withdrawn.add(visitor(number))
    (segment,) = (settings.inbox / "pixels").glob("*.jsonl")
    with open_warehouse(settings) as connection:
        result = land_pixel_log(
            connection, settings, segment, registry=registry(), keys=load_keys(settings.keys)
        )
        hits = "select distinct visitor_id from raw.hits where hit_type "
        tracked = {v for (v,) in connection.execute(hits + "<> 'withdraw'").fetchall()}
        refused = {v for (v,) in connection.execute(hits + "= 'withdraw'").fetchall()}
    assert (result.lines, result.quarantined) == (count, 0)
    assert tracked == allowed
    assert refused == withdrawn
    assert len(allowed) == result.accepted > count / 20


def _can_be_sent(signals: Signals) -> bool:
    # A click is declared while the client's switch is on; an empty `consent` is refused earlier.
    return signals.link_consent != "" and (signals.link_consent is None or signals.declared)


def _any_url(front: Desk, signals: Signals, chance: random.Random) -> str:
    if signals.link_consent is not None:
        return _url(front, signals, chance.choice(("click", "read")))
    site = "shop" if signals.declared else "blog"
    calls = [
        sync(SNOWPLOW_ID, site=site),
        PAGE.replace("site=shop", f"site={site}"),
        f"/bakery/event?site={site}&name=cart",
        f"/bakery/identify?site={site}&email={HASH}",
    ]
    if signals.declared:
        calls.append(f"/bakery/bake?publisher=dap_1&email={HASH}")
    return _with_signals(chance.choice(calls), signals)


def _url(front: Desk, signals: Signals, kind: str = "click") -> str:
    if signals.link_consent is None:
        return _with_signals(sync(site="shop" if signals.declared else "blog"), signals)
    return _with_signals(front.link(kind) + f"&consent={signals.link_consent}", signals)


def _with_signals(url: str, signals: Signals) -> str:
    for name in ("gdpr", "gdpr_consent"):
        value = getattr(signals, name)
        url += "" if value is None else f"&{name}={quote(value, safe='')}"
    return url


def _headers(signals: Signals, cookie: str = "") -> dict[str, str]:
    headers = {"sec_gpc": "1"} if signals.gpc else {}
    cookie += "mb_optout=1" if signals.opted_out else ""
    return headers | ({"cookie": cookie} if cookie else {})
