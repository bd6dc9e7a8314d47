"""Cookies, partner ids, hosts and notations: the same call in every form it may come in."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import datetime

import pytest
import zstandard

from matchbook import links
from matchbook.identifiers import identifier_key
from matchbook.partners import load_partners
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse
from tests.pixel_desk import HASH, Desk, json_line, segment
from tests.pixel_lines import (
    click,
    sync,
    visitor,
)


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    with open_warehouse(settings) as connection:
        yield Desk(connection, settings)


@pytest.mark.parametrize("form", ["{0}", "mbid={0}", "a=b; mbid=1.x.y; mbid={0}; c=d"])
def test_the_cookie_is_found_in_any_form(desk: Desk, form: str) -> None:
    line = desk.ours(sync(), cookie=form.format(desk.cookie))
    assert desk.hit(line, "visitor_id") == (visitor(1),)


@pytest.mark.parametrize("forged", ["-", "", None, "forged", "mbid=", f"1.{'0' * 32}."])
def test_a_bad_cookie_is_no_cookie(desk: Desk, forged: str | None) -> None:
    assert desk.outcome(desk.ours(sync(), cookie=forged)) == ("untracked", "no_cookie")


def test_an_opt_out_withdraws_the_browser(desk: Desk) -> None:
    line = desk.ours("/bakery/optout")
    assert desk.hit(line, "hit_type, visitor_id, consent_basis") == ("withdraw", visitor(1), None)


def test_gpc_withdraws_too(desk: Desk) -> None:
    line = json_line(uri=sync(), cookie=desk.cookie, sec_gpc="1")
    assert desk.hit(line, "hit_type, visitor_id, partner_cookie_id") == (
        "withdraw", visitor(1), None,
    )  # fmt: skip
    assert desk.outcome(line.replace(":03", ":04")) == ("untracked", "gpc")


def test_head_is_a_prefetch(desk: Desk) -> None:
    assert desk.hit(desk.ours(sync(), method="HEAD"), "is_prefetch") == (True,)


PLACEHOLDERS = ("", "null", "undefined", "0", "${COOKIE}", "[CookieId]", "%%MACRO%%", "{WEBO_CID}")


def test_RW02_placeholders_are_no_ids(desk: Desk) -> None:
    lines = [
        desk.ours(sync(word, partner=partner.partner_id))
        for word in PLACEHOLDERS
        for partner in load_partners()
    ]
    result = desk.land(*lines, desk.ours(sync("%%MACRO%%").replace("%25", "%")))
    assert result.accepted == 0
    allowed = {"unexpanded_macro", "sentinel_id"}  # a piano id in braces is its JSON blob
    assert set(result.quarantined_by_reason) <= allowed
    assert result.quarantined_by_reason["unexpanded_macro"] >= len(lines) - 1


@pytest.mark.parametrize("partner", load_partners(), ids=lambda partner: partner.partner_id)
def test_every_partners_sample_ids_land(desk: Desk, partner) -> None:
    lines = [desk.ours(sync(each, partner=partner.partner_id)) for each in partner.sample_ids]
    desk.land(*lines)
    found = desk.rows("select partner_cookie_id, has_format_warning from raw.hits order by 1")
    assert found == [(each, False) for each in sorted(partner.sample_ids)]


def test_ids_are_brought_into_their_one_form(desk: Desk) -> None:
    assert desk.hit(desk.ours(sync("289388396", partner="mediarithmics")), "partner_cookie_id") == (
        "vec:289388396",
    )  # fmt: skip
    twice = sync("cx%3Aq0z69n8hmkai2pl35tlk52inz%3A2ad19et875jma", partner="PO_1", site=None)
    line = desk.ours(twice.replace("cookieid=", "parcid="))
    assert desk.outcome(line) == ("untracked", "no_consent")
    line = desk.ours(twice.replace("&partner", "&site=shop&partner").replace("?", "?site=shop&"))
    assert desk.hit(line, "partner_id, partner_cookie_id") == (
        "piano", "cx:q0z69n8hmkai2pl35tlk52inz:2ad19et875jma",
    )  # fmt: skip


def test_an_undocumented_form_is_kept_with_a_warning(desk: Desk) -> None:
    line = desk.ours(sync("something-else", partner="spotler"))
    assert desk.hit(line, "has_format_warning") == (True,)


@pytest.mark.parametrize(
    ("at", "hit_at"),
    [
        ("25/Oct/2026:02:30:00 +0200", datetime(2026, 10, 25, 0, 30)),
        ("25/Oct/2026:02:30:00 +0100", datetime(2026, 10, 25, 1, 30)),
        ("30/Jun/2026:23:59:60 +0000", datetime(2026, 6, 30, 23, 59, 59)),
    ],
)
def test_RW12_times_are_utc(desk: Desk, at: str, hit_at: datetime) -> None:
    assert desk.hit(desk.ours(sync(), at=at), "hit_at") == (hit_at,)


def test_json_lines(desk: Desk) -> None:
    good = json_line(uri=sync(site=None) + "&gdpr=0", cookie="x=1; mbid=" + desk.cookie)
    result = desk.land(good, json_line(uri="/other"), "{broken", '{"a": 1}', "[]")
    assert (result.accepted, result.not_ours, result.quarantined) == (1, 1, 3)
    assert desk.rows("select client_id, visitor_id from raw.hits") == [("acme", visitor(1))]
    prefetch = json_line(uri=sync(), cookie=desk.cookie, purpose="prefetch")
    assert desk.hit(prefetch, "is_prefetch") == (True,)


def test_a_call_that_the_collector_refused_is_quarantined(desk: Desk) -> None:
    refused = '{"mb":1,"hit_id":"%s","at":"2026-11-20T10:05:03Z","type":"sync","refused":"%s"}'
    assert desk.outcome(refused % ("a" * 32, "unknown_site")) == ("quarantined", "unknown_site")
    assert desk.outcome(refused % ("b" * 32, "<b>other</b>")) == ("quarantined", "bad_param")


def test_a_rejected_call_is_known_by_the_site_and_partner_it_named(desk: Desk) -> None:
    told = '{"mb":1,"hit_id":"%s","at":"2026-11-20T10:05:03Z","type":"sync",%s"refused":"%s"}'
    desk.land(
        desk.ours(sync("${SP_NUID}")),
        desk.ours(sync("${SP_NUID}", site="nobodys")),
        desk.ours(sync("x", partner="nobody")),
    )
    desk.land(
        told % ("a" * 32, '"site":"shop","partner":"tealium",', "sentinel_id"),
        told % ("b" * 32, '"site":"<b>","partner":"a@b.nl",', "bad_param"),
    )
    found = desk.rows(
        "select reason, client_id, site_id, partner_id from raw.quarantine "
        "order by load_seq, line_number"
    )
    assert found == [
        ("unexpanded_macro", "acme", "shop", "snowplow"),
        ("unknown_site", None, None, "snowplow"),
        ("unknown_partner", "acme", "shop", None),
        ("sentinel_id", "acme", "shop", "tealium"),
        ("bad_param", None, None, None),
    ]


def test_what_the_collector_did_not_track_needs_no_ids(desk: Desk) -> None:
    bare = {"decision": "untracked", "reason": "no_consent", "visitor": None, "cookieid": None}
    for number, kind in enumerate(("sync", "click", "read", "event", "identify")):
        line = segment(type=kind, hit_id=f"{number:032x}", client="acme", **bare)
        assert desk.outcome(line)[0] == "untracked"


def test_collector_segments(desk: Desk) -> None:
    key = identifier_key(desk.keys, "email", HASH)
    identifiers = [{"type": "email", "key": key, "key_version": 1}]
    lines = [
        segment(),
        segment(hit_id="b" * 32, type="identify", identifiers=identifiers),
        segment(hit_id="c" * 32, type="identify", identifiers=[{"type": "email", "key": HASH[:9]}]),
        segment(hit_id="d" * 32, decision="untracked", reason="gpc", visitor=None),
        segment(hit_id="e" * 32, type="withdraw", decision="withdraw", reason="opted_out"),
        segment(hit_id="nothing"),
        segment(hit_id="f" * 32, type="click", client="acme", contact="123", message="m1"),
    ]
    result = desk.land(*lines)
    assert (result.accepted, result.untracked) == (3, 2)
    assert result.quarantined_by_reason == {"bad_hash": 1, "bad_param": 1}
    found = desk.rows("select hit_type, device_type, identifier_key from raw.hits order by hit_id")
    assert found[1] == ("identify", "mobile", key)
    assert [row[0] for row in found] == ["sync", "identify", "withdraw", "click"]


def test_a_hit_id_counts_once(desk: Desk) -> None:
    assert desk.land(segment(), segment(), segment(hit_id="b" * 32)).duplicate == 1
    again = desk.land(segment(hit_id="b" * 32), segment(hit_id="c" * 32), name="b.log")
    assert (again.duplicate, again.accepted) == (1, 1)


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_packed_logs(desk: Desk, pack) -> None:
    content = (desk.ours(sync()) + "\n").encode() * 10
    assert desk.land_bytes(pack(content)).accepted == 10


def test_links_signed_for_another_client_do_not_count(desk: Desk) -> None:
    sig = links.sign_link(
        desk.keys.links, kind="click", client_id="beta", contact="123", message="m1",
        target="https://shop.example/sale",
    )  # fmt: skip
    assert desk.outcome(desk.ours(click(desk.keys, sig=sig))) == ("quarantined", "bad_signature")
