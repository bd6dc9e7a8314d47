"""What our calls become: hits that say what the line said, or a reason why not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from matchbook.identifiers import EMPTY_SHA256, identifier_key
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse
from tests.pixel_desk import HASH, Desk
from tests.pixel_lines import (
    PAGE,
    SNOWPLOW_ID,
    click,
    cookie,
    sync,
    visitor,
)


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    with open_warehouse(settings) as connection:
        yield Desk(connection, settings)


def test_a_sync_becomes_a_hit(desk: Desk) -> None:
    columns = "hit_type, client_id, site_id, visitor_id, partner_id, partner_cookie_id, ip_prefix"
    assert desk.hit(desk.ours(sync(SNOWPLOW_ID.upper())), columns) == (
        "sync", "acme", "shop", visitor(1), "snowplow", SNOWPLOW_ID, "203.0.113.0/24",
    )  # fmt: skip


def test_a_page_view_keeps_no_query(desk: Desk) -> None:
    columns = "page_host, page_path, section, referrer_host, device_type, browser, consent_basis"
    line = desk.ours(
        PAGE + "&r=https%3A%2F%2FSearch.example%3A443%2F%3Fq%3Dx", ip="2001:db8:1:2::3"
    )
    assert desk.hit(line, columns + ", ip_prefix, hit_at, hit_date::varchar") == (
        "shop.example", "/shoes/red", "shoes", "search.example", "desktop", "Chrome", "declared",
        "2001:db8:1::/48", datetime(2026, 11, 20, 10, 5, 3), "2026-11-20",
    )  # fmt: skip


def test_identifiers_land_as_keys_only(desk: Desk) -> None:
    url = f"/bakery/identify?site=shop&email={HASH.upper()}&phone={'cd' * 32}"
    result = desk.land(desk.ours(url))
    assert result.accepted == 1
    assert desk.rows("select identifier_type, identifier_key from raw.hits order by 1") == [
        ("email", identifier_key(desk.keys, "email", HASH)),
        ("phone", identifier_key(desk.keys, "phone", "cd" * 32)),
    ]


def test_a_bake_belongs_to_its_publisher(desk: Desk) -> None:
    line = desk.ours(f"/bakery/bake?publisher=dap_1&email={HASH}")
    assert desk.hit(line, "publisher_id, client_id, identifier_type") == ("dap_1", None, "email")


def test_a_signed_click_carries_the_contact(desk: Desk) -> None:
    columns = "hit_type, client_id, cep_contact_id, message_id, consent_basis"
    assert desk.hit(desk.ours(click(desk.keys)), columns) == (
        "click", "acme", 123, "m1", "link_consent",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        pytest.param("/bakery/optout", "opted_out", id="opt-out"),
        pytest.param(sync(site="blog"), "no_consent", id="site-without-declaration"),
        pytest.param(sync() + "&gdpr=1", "no_consent", id="gdpr-without-string"),
        pytest.param(sync() + "&gdpr=1&gdpr_consent=CPx", "tc_no_vendor_id", id="no-vendor-id"),
    ],
)
def test_untracked_calls_keep_no_id(desk: Desk, url: str, reason: str) -> None:
    assert desk.outcome(desk.ours(url, cookie="-")) == ("untracked", reason)
    assert desk.rows("from raw.hits") == []


def test_a_closed_switch_leaves_reads_untracked(desk: Desk) -> None:
    line = desk.ours(click(desk.keys, kind="read"))
    assert desk.outcome(line) == ("untracked", "switch_off")


REFUSED = {
    "unknown_site": sync(site="nope"),
    "unknown_partner": sync(partner="nope"),
    "client_conflict": sync("cx:q0", partner="PO_1", site="beta-site"),
    "unknown_client": sync(site=None),
    "unknown_publisher": f"/bakery/bake?publisher=nope&email={HASH}",
    "missing_param": "/bakery/sync/dmpsyncendpoint",
    "dup_param": sync() + "&site=blog",
    "bad_param": sync().replace("read=false", "read=maybe"),
    "bad_hash": "/bakery/identify?site=shop&email=d41d8cd98f00b204e9800998ecf8427e",
    "empty_hash": f"/bakery/identify?site=shop&email={EMPTY_SHA256}",
    "bad_signature": "/bakery/click?client=acme&contact=1&message=m&u=http%3A%2F%2Fa.nl&sig=x",
    "sentinel_id": sync("00000000-0000-0000-0000-000000000000"),
    "bad_cookie_id": sync("not-a-uuid"),
    "bad_encoding": "/bakery/page?site=shop&u=https%3A%2F%2Fa.example%2F%FF",
    "personal_data": PAGE + "&x=jo.doe%2540mail.example",
}  # fmt: skip


@pytest.mark.parametrize("reason", REFUSED)
def test_refused_calls_say_why(desk: Desk, reason: str) -> None:
    assert desk.outcome(desk.ours(REFUSED[reason])) == ("quarantined", reason)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"method": "POST"}, "bad_method"),
        ({"status": 404}, "bad_status"),
        ({"at": "31/Feb/2026:10:05:03 +0000"}, "bad_timestamp"),
    ],
)
def test_refused_requests_say_why(desk: Desk, changes: dict, reason: str) -> None:
    assert desk.outcome(desk.ours(sync(), **changes)) == ("quarantined", reason)


@pytest.mark.parametrize("partner", ["t\u0435alium", "ｔealium", "tealium\u202e", "Tealium"])
def test_RW09_look_alike_partners_are_unknown(desk: Desk, partner: str) -> None:
    assert desk.outcome(desk.ours(sync(partner=partner))) == ("quarantined", "unknown_partner")


def test_RW10_a_clock_ahead_is_kept_and_flagged(desk: Desk) -> None:
    line = desk.ours(sync(), at="22/Nov/2026:05:10:00 +0000")
    assert desk.hit(line, "has_clock_skew, hit_date::varchar") == (True, "2026-11-21")


@pytest.mark.parametrize("at", ["01/Jan/1970:00:00:00 +0000", "20/Nov/2021:10:05:03 +0000"])
def test_RW11_old_lines_are_too_old(desk: Desk, at: str) -> None:
    assert desk.outcome(desk.ours(sync(), at=at)) == ("quarantined", "too_old")


def test_RW13_late_lines_keep_their_day(desk: Desk) -> None:
    desk.land(desk.ours(sync()), desk.ours(sync(), at="17/Nov/2026:10:05:03 +0000"))
    found = desk.rows("select hit_date::varchar from raw.hits order by line_number")
    assert found == [("2026-11-20",), ("2026-11-17",)]


def test_RW14_equal_lines_are_separate_hits(desk: Desk) -> None:
    assert desk.land(*[desk.ours(sync())] * 1_000).accepted == 1_000


def test_RW15_one_cookie_id_of_many_browsers_lands_whole(desk: Desk) -> None:
    lines = [desk.ours(sync(), cookie=cookie(desk.keys, number)) for number in range(500)]
    desk.land(*lines)
    assert desk.rows("select count(distinct visitor_id) from raw.hits") == [(500,)]
