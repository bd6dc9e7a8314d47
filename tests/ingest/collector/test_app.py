"""The collector as a process: what is answered, what is written."""

from __future__ import annotations

from ingest.pixel_logs import land_pixel_log
from matchbook.settings import Settings
from matchbook.visitor_cookie import sign, verify
from matchbook.warehouse import open_warehouse
from tests.collecting import Collecting
from tests.pixel_lines import PAGE, REGISTRY, SNOWPLOW_ID, sync, visitor

GIF_BYTES = 43


def test_a_sync_sets_our_cookie_once_and_is_written(collector: Collecting) -> None:
    first = collector.get(sync())
    assert (first.status_code, len(first.content)) == (200, GIF_BYTES)
    assert first.headers["cache-control"] == "no-store"
    cookie = first.headers["set-cookie"]
    assert cookie.split("; ")[1:] == [
        "Max-Age=33696000", "Path=/", "Secure", "HttpOnly", "SameSite=None"
    ]  # fmt: skip
    value = cookie.split(";")[0].removeprefix("mbid=")
    again = collector.get(sync(), headers={"cookie": f"x=1; mbid={value}"})
    assert "set-cookie" not in again.headers
    line, second = collector.lines()[-2:]
    assert line["visitor"] == second["visitor"] == verify(collector.keys.cookie, value)
    assert line["hit_id"] != second["hit_id"]
    assert (line["type"], line["site"], line["cookieid"]) == ("sync", "shop", SNOWPLOW_ID)
    assert (line["decision"], line["basis"], line["bot"]) == ("tracked", "declared", False)
    assert line["ip_prefix"] == "127.0.0.0/24"


def test_without_consent_nothing_is_known(collector: Collecting) -> None:
    answer = collector.get(sync(site="blog"))
    assert "set-cookie" not in answer.headers
    line = collector.lines()[-1]
    assert (line["decision"], line["reason"], line["visitor"]) == ("untracked", "no_consent", None)
    assert all(line[name] is None for name in ("cookieid", "contact", "page", "ip_prefix"))
    assert line["identifiers"] == []


def test_a_refusal_with_our_cookie_withdraws(collector: Collecting) -> None:
    cookie = sign(collector.keys.cookie, visitor(7))
    collector.get(sync(), headers={"sec-gpc": "1", "cookie": f"mbid={cookie}"})
    line = collector.lines()[-1]
    assert (line["decision"], line["visitor"]) == ("withdraw", visitor(7))
    assert line["cookieid"] is None


def test_a_page_is_written_without_its_query(collector: Collecting) -> None:
    collector.get(PAGE + "&r=https%3A%2F%2Fsearch.example%2Fq")
    line = collector.lines()[-1]
    assert line["page"] == "https://shop.example/shoes/red"
    assert line["referrer"] == "search.example"


def test_identifiers_are_keyed_before_they_are_written(collector: Collecting) -> None:
    sent = "ab" * 32
    collector.get(f"/bakery/identify?site=shop&email={sent}")
    (identifier,) = collector.lines()[-1]["identifiers"]
    assert identifier["type"] == "email"
    assert len(identifier["key"]) == 64
    assert identifier["key"] != sent


def test_ingest_agrees_with_what_was_written(collector: Collecting, settings: Settings) -> None:
    ours = {"cookie": f"mbid={sign(collector.keys.cookie, visitor(7))}"}
    collector.get(sync())
    collector.get(sync(site="blog"))
    collector.get(sync("DMPCOOKIEID"))
    collector.get(sync(site="blog"), headers=ours | {"sec-gpc": "1"})
    collector.get("/bakery/event?site=shop&name=cart", method="HEAD")
    collector.get("/bakery/event?site=blog&name=cart")
    collector.get("/bakery/event?site=shop&name=cart", headers=ours)
    collector.get("/bakery/bake?publisher=dap_1&phone=" + "CD" * 32, headers=ours)
    segment = collector.newest(8, settings.home)
    with open_warehouse(settings) as connection:
        result = land_pixel_log(
            connection, settings, segment, registry=REGISTRY, keys=collector.keys
        )
        rows = connection.execute("select hit_type, visitor_id from raw.hits order by all")
        hits = rows.fetchall()
        refused = "select reason, site_id, partner_id from raw.quarantine"
        reasons = connection.execute(refused).fetchall()
    assert (result.lines, result.accepted, result.untracked, result.quarantined) == (8, 3, 4, 1)
    assert reasons == [("unexpanded_macro", "shop", "snowplow")]
    assert [kind for kind, _ in hits] == ["bake", "event", "sync", "withdraw"]
    assert [seen == visitor(7) for _, seen in hits] == [True, True, False, True]
