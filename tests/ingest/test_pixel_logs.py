"""Landing pixel logs: every line ends as exactly one thing, and hits say what the line said."""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
import zstandard
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ingest.landing import LoadResult, recover
from ingest.pixel_logs import land_pixel_log
from matchbook import links
from matchbook.errors import ConfigError
from matchbook.identifiers import EMPTY_SHA256, identifier_key
from matchbook.keys import Keys, load_keys
from matchbook.partners import load_partners
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse
from tests import msweb
from tests.pixel_lines import (
    PAGE,
    REGISTRY,
    SNOWPLOW_ID,
    click,
    combined,
    cookie,
    garbage,
    many_lines,
    sync,
    visitor,
)

HASH = "ab" * 32


class Desk:
    """A warehouse with keys, and the shortest way to land lines in it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
        self.connection = connection
        self.settings = settings
        self.keys: Keys = load_keys(settings.keys)
        self.cookie = cookie(self.keys)

    def land(self, *lines: str, name: str = "a.log", host: str | None = None) -> LoadResult:
        text = "".join(line + "\n" for line in lines)
        return self.land_bytes(text.encode("utf-8", "surrogateescape"), name=name, host=host)

    def land_bytes(self, content: bytes, *, name: str = "a.log", host: str | None = None):
        path = self.settings.home / name
        path.write_bytes(content)
        result = land_pixel_log(
            self.connection, self.settings, path, registry=REGISTRY, keys=self.keys, host=host
        )
        parts = (result.accepted, result.untracked, result.quarantined, result.duplicate)
        assert result.lines == sum(parts) + result.not_ours
        return result

    def ours(self, url: str, **more: object) -> str:
        return combined(url, **({"cookie": self.cookie} | more))  # type: ignore[arg-type]

    def outcome(self, line: str, *, host: str | None = None) -> tuple[str, str | None]:
        seq = self.land(line, host=host).load_seq
        ((outcome, reason),) = self.rows(
            f"select outcome, reason from raw.line_outcomes where load_seq = {seq}"
        )
        return outcome, reason

    def hit(self, line: str, columns: str, *, host: str | None = None) -> tuple:
        seq = self.land(line, host=host).load_seq
        ((*row,),) = self.rows(f"select {columns} from raw.hits where load_seq = {seq}")
        return tuple(row)

    def rows(self, query: str) -> list[tuple]:
        return self.connection.execute(query).fetchall()


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
        pytest.param(sync() + "&gdpr=1&gdpr_consent=CPx", "tc_string_unread", id="tc-string"),
    ],
)
def test_untracked_calls_keep_no_id(desk: Desk, url: str, reason: str) -> None:
    assert desk.outcome(desk.ours(url, cookie="-")) == ("untracked", reason)
    assert desk.rows("from raw.hits") == []


def test_a_closed_switch_leaves_reads_untracked(desk: Desk) -> None:
    line = desk.ours(click(desk.keys, kind="read"))
    assert desk.outcome(line) == ("untracked", "switch_off")


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


@pytest.mark.parametrize("value", ["jo@mail.example", "+31612345678", "0612345678", "31612345678"])
def test_personal_ids_leave_no_excerpt(desk: Desk, value: str) -> None:
    assert desk.outcome(desk.ours(sync(value, partner="selligent"))) == (
        "quarantined", "personal_data",
    )  # fmt: skip
    assert desk.rows("select excerpt from raw.quarantine") == [(None,)]


@pytest.mark.parametrize("partner", ["t\u0435alium", "ｔealium", "tealium\u202e", "Tealium"])
def test_RW09_look_alike_partners_are_unknown(desk: Desk, partner: str) -> None:
    assert desk.outcome(desk.ours(sync(partner=partner))) == ("quarantined", "unknown_partner")


def test_RW10_a_clock_ahead_is_kept_and_flagged(desk: Desk) -> None:
    line = desk.ours(sync(), at="22/Nov/2026:05:10:00 +0000")
    assert desk.hit(line, "has_clock_skew, hit_date::varchar") == (True, "2026-11-21")


@pytest.mark.parametrize("at", ["01/Jan/1970:00:00:00 +0000", "20/Nov/2021:10:05:03 +0000"])
def test_RW11_old_lines_are_too_old(desk: Desk, at: str) -> None:
    assert desk.outcome(desk.ours(sync(), at=at)) == ("quarantined", "too_old")


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


def test_FL12_a_landed_file_changes_nothing(desk: Desk) -> None:
    lines = (desk.ours(sync()), "garbage", desk.ours("/other"))
    desk.land(*lines)
    again = desk.land(*lines, name="other name.log")
    assert (again.duplicate, again.lines) == (3, 3)
    packed = gzip.compress("".join(line + "\n" for line in lines).encode())
    assert desk.land_bytes(packed, name="a.log.gz").duplicate == 3
    assert desk.rows("select count(*) from raw.hits") == [(1,)]


def test_P13_a_grown_file_lands_its_new_lines_only(desk: Desk) -> None:
    first = (desk.ours(sync()) + "\n").encode()
    desk.land_bytes(first)
    grown = first * 2 + b'203.0.113.9 - - [20/Nov/2026:10:05:03 +0000] "GET /'
    assert desk.land_bytes(grown).duplicate == 1
    result = desk.land_bytes(grown + b' HTTP/1.1" 200 1 "-" "-"\n')
    assert (result.duplicate, result.not_ours) == (2, 1)
    assert desk.rows("select count(*) from raw.hits") == [(2,)]


def test_FL18_FL23_bad_lines_leave_their_neighbours_alone(desk: Desk) -> None:
    good = desk.ours(sync())
    result = desk.land(
        good, "x" * 3_000_000, good, "a\rb", good, "\udcff", good, "nul\0", good, "nothing", good
    )
    assert result.accepted == 6
    assert result.quarantined_by_reason == {
        "bad_encoding": 1, "control_char": 2, "too_long": 1, "unparseable": 1,
    }  # fmt: skip
    places = desk.rows("select line_number, byte_offset from raw.quarantine order by 1")
    assert places[0] == (2, len(good) + 1)


def test_excerpts_are_masked_and_short(desk: Desk) -> None:
    secret = f"jo.doe@mail.example 0612345678 {HASH} 203.0.113.77 {desk.cookie} "
    desk.land(secret + "é" * 300, name="é.log")
    ((excerpt,),) = desk.rows("select excerpt from raw.quarantine")
    assert len(excerpt.encode()) <= 200
    for part in ("jo.doe", "mail.example", "0612345678", HASH[:8], "203.0.113.77", visitor(1)):
        assert part not in excerpt


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("a\nb.log", id="FL24-newline"),
        pytest.param("x" * 250, id="FL24-long"),
        pytest.param("*.csv", id="FL25-glob"),
        pytest.param("a;b.log", id="FL25-semicolon"),
        pytest.param("$(id).log", id="FL25-shell"),
        pytest.param("a\udcff'.log", id="not-utf8"),
    ],
)
def test_names_are_metadata_only(desk: Desk, name: str) -> None:
    desk.land(desk.ours(sync()), name=name)
    ((stored,),) = desk.rows("select file_name from raw.loads")
    assert len(stored) <= 255
    assert stored.isprintable()


def test_FL24_a_name_from_elsewhere_stays_metadata(desk: Desk) -> None:
    path = desk.settings.home / "a.log"
    path.write_text(desk.ours(sync()))
    land_pixel_log(
        desk.connection, desk.settings, path, registry=REGISTRY, keys=desk.keys,
        inbox_name="../" * 100 + "tmp/x.log",
    )  # fmt: skip
    ((stored,),) = desk.rows("select file_name from raw.loads")
    assert len(stored) == 255


def test_FL26_a_small_disk_is_said_before_anything_is_loaded(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 10})
    with monkeypatch.context() as patch:
        patch.setattr("ingest.pixel_logs.load.shutil.disk_usage", lambda _: usage)
        with pytest.raises(ConfigError, match="Free some space"):
            desk.land(desk.ours(sync()))
    assert desk.rows("from raw.loads") == []
    assert desk.land(desk.ours(sync())).accepted == 1


def test_FL26_a_full_disk_half_way_lands_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("ingest.landing._write_ledger_entry", full)
        with pytest.raises(ConfigError, match="disk"):
            desk.land(desk.ours(sync()))
    recover(desk.connection, desk.settings)
    assert desk.rows("from raw.loads") == desk.rows("from raw.hits limit 0")
    assert desk.land(desk.ours(sync())).accepted == 1
    assert desk.rows("select count(*) from raw.hits") == [(1,)]


def test_FL27_a_foreign_log_reaches_nobody(desk: Desk) -> None:
    result = desk.land(*[desk.ours(sync(site="foreign"))] * 5)
    assert result.quarantined_by_reason == {"unknown_site": 5}
    assert desk.rows("select distinct client_id from raw.line_outcomes") == [(None,)]


@pytest.mark.parametrize(
    ("where", "host"),
    [
        ("", "PX.acme.example"),
        ("https://px.acme.example:8443", None),
        ("http://px.acme.example", "other.example"),
    ],
)
def test_the_collectors_host_names_the_client(desk: Desk, where: str, host: str | None) -> None:
    line = desk.ours(where + sync(site=None) + "&gdpr=0")
    assert desk.hit(line, "client_id, consent_basis", host=host) == ("acme", "gdpr_not_applicable")


def json_line(**fields: object) -> str:
    line = {
        "time": "2026-11-20T10:05:03+00:00", "host": "px.acme.example", "method": "GET",
        "status": 200, "referrer": "", "user_agent": "Mozilla/5.0", "remote_addr": "203.0.113.9",
        "cookie": "", "sec_gpc": "", "purpose": "",
    }  # fmt: skip
    return json.dumps(line | fields)


def test_json_lines(desk: Desk) -> None:
    good = json_line(uri=sync(site=None) + "&gdpr=0", cookie="x=1; mbid=" + desk.cookie)
    result = desk.land(good, json_line(uri="/other"), "{broken", '{"a": 1}', "[]")
    assert (result.accepted, result.not_ours, result.quarantined) == (1, 1, 3)
    assert desk.rows("select client_id, visitor_id from raw.hits") == [("acme", visitor(1))]
    prefetch = json_line(uri=sync(), cookie=desk.cookie, purpose="prefetch")
    assert desk.hit(prefetch, "is_prefetch") == (True,)


def segment(**fields: object) -> str:
    line = {
        "mb": 1, "hit_id": "a" * 32, "at": "2026-11-20T10:05:03Z", "host": "px.acme.example",
        "type": "sync", "site": "shop", "partner": "snowplow", "cookieid": SNOWPLOW_ID,
        "visitor": visitor(1), "identifiers": [], "device": "mobile", "browser": "Firefox",
        "os": "Android", "ip_prefix": "203.0.113.0/24", "decision": "tracked",
        "basis": "declared", "reason": None, "bot": False, "prefetch": False,
    }  # fmt: skip
    return json.dumps(line | fields)


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


def test_an_empty_file_is_a_load_of_no_lines(desk: Desk) -> None:
    assert desk.land_bytes(b"").lines == 0


LINES = st.one_of(
    st.text(max_size=80), st.just(combined(sync())), st.just(combined("/other")),
    st.binary(max_size=40).map(lambda b: b.decode("utf-8", "surrogateescape")),
    st.builds(lambda q: combined("/bakery/page?" + q), st.text(max_size=40)),
    st.builds(lambda v: json_line(uri=v), st.text(max_size=40)),
)  # fmt: skip


@hypothesis_settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINES, max_size=40))
def test_conservation_law(desk: Desk, lines: list[str]) -> None:
    content = "\n".join(lines).encode("utf-8", "surrogatepass")
    wanted = sum(line.removesuffix(b"\r") != b"" for line in content.split(b"\n"))
    assert desk.land_bytes(content).lines == wanted


def test_P10_bad_lines_cost_no_good_line(desk: Desk) -> None:
    lines = list(many_lines(desk.keys, 3_000, ours=0.5, bad=0.1))
    result = desk.land(*lines)
    bad = 3_000 - result.accepted - result.not_ours
    random_ = random.Random(1)
    assert garbage(random_)
    assert result.quarantined == bad
    assert 200 < bad < 400


def test_FL19_one_endless_line_is_one_bad_line(desk: Desk) -> None:
    result = desk.land_bytes(b"x" * 40_000_000)
    assert result.quarantined_by_reason == {"too_long": 1}


MEASURED = """
import resource, sys
from pathlib import Path
from tests.pixel_lines import REGISTRY
from ingest.pixel_logs import land_pixel_log
from matchbook.clock import parse_moment
from matchbook.keys import load_keys
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse
settings = Settings(home=Path(sys.argv[1]), now=parse_moment("2026-11-21T03:10:00Z"))
with open_warehouse(settings) as connection:
    result = land_pixel_log(connection, settings, Path(sys.argv[2]), registry=REGISTRY,
        keys=load_keys(settings.keys))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(result.lines, result.accepted, result.quarantined, peak)
"""


def landed_elsewhere(settings: Settings, path: Path, **environment: str):
    return subprocess.run(
        [sys.executable, "-c", MEASURED, str(settings.home), str(path)],
        capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"} | environment, check=False,
    )  # fmt: skip


@pytest.mark.proof
def test_FL19_two_gigabytes_without_a_newline(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "long.log"
    with path.open("wb") as file:
        for _ in range(2048):
            file.write(b"x" * 1024 * 1024)
    done = landed_elsewhere(settings, path)
    lines, _, quarantined, peak = map(int, done.stdout.split())
    print(f"\n2 GB line: peak memory {peak} MiB")
    assert (lines, quarantined) == (1, 1)
    assert peak < 256


@pytest.mark.proof
def test_P10_ten_million_lines(settings: Settings, tmp_path: Path) -> None:
    import time

    path = tmp_path / "large.log"
    keys = load_keys(settings.keys)
    part = "".join(line + "\n" for line in many_lines(keys, 100_000, ours=0.05))
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        for _ in range(100):
            file.write(part)
    started = time.perf_counter()
    done = landed_elsewhere(settings, path)
    seconds = time.perf_counter() - started
    lines, _, quarantined, peak = map(int, done.stdout.split())
    print(f"\n10 M lines: {seconds:.0f} s (target 120), peak memory {peak} MiB")
    assert lines == 10_000_000
    assert 80_000 < quarantined < 120_000
    assert peak < 1024


@pytest.mark.parametrize(
    "place", ["landing.lake_written", "landing.before_commit", "landing.after_commit"]
)
def test_P14_a_killed_load_is_all_or_nothing(settings: Settings, place: str) -> None:
    path = settings.home / "a.log"
    keys = load_keys(settings.keys)
    path.write_text(f"{combined(sync(), cookie=cookie(keys))}\ngarbage\n")
    done = landed_elsewhere(settings, path, MATCHBOOK_FAILPOINT=place)
    assert done.returncode == -9
    with open_warehouse(settings) as connection:
        recover(connection, settings)
        for table, count in (("loads", 1), ("hits", 1), ("quarantine", 1)):
            assert connection.execute(f"select count(*) from raw.{table}").fetchall() == [(count,)]
        again = land_pixel_log(connection, settings, path, registry=REGISTRY, keys=keys)
        assert again.duplicate == 2


def test_the_public_apache_log(settings: Settings, public_data: Path) -> None:
    then = replace(settings, now=datetime(2015, 5, 21, tzinfo=UTC))
    path = public_data / "w01_elastic_apache" / "apache_logs.log"
    with open_warehouse(then) as connection:
        result = land_pixel_log(
            connection, then, path, registry=REGISTRY, keys=load_keys(then.keys)
        )
        assert (result.lines, result.not_ours) == (10_000, 9_999)
        assert result.quarantined_by_reason == {"unparseable": 1}
        days = connection.execute("select distinct hit_date from raw.line_outcomes").fetchall()
        assert len(days) == 5


def test_the_public_msweb_week(settings: Settings, public_data: Path, tmp_path: Path) -> None:
    then = replace(settings, now=msweb.NOW)
    keys = load_keys(then.keys)
    path = tmp_path / "msweb.log"
    path.write_text("".join(line + "\n" for line in msweb.log_lines(public_data, keys)))
    with open_warehouse(then) as connection:
        result = land_pixel_log(connection, then, path, registry=msweb.REGISTRY, keys=keys)
        assert result.accepted == result.lines == 98_654 + 32_711
        query = "select count(distinct visitor_id), count(distinct section) from raw.hits"
        ((visitors, areas),) = connection.execute(query).fetchall()
        assert visitors == 32_711
        assert 280 < areas <= 294


def test_links_signed_for_another_client_do_not_count(desk: Desk) -> None:
    sig = links.sign_link(
        desk.keys.links, kind="click", client_id="beta", contact="123", message="m1",
        target="https://shop.example/sale",
    )  # fmt: skip
    assert desk.outcome(desk.ours(click(desk.keys, sig=sig))) == ("quarantined", "bad_signature")
