"""Calls too large, too slow, ambiguous or meant for somebody else: rows UP of bad_inputs."""

from __future__ import annotations

import re
import socket

import httpx
import pytest

from matchbook.visitor_cookie import sign
from tests.collecting import Collecting
from tests.ingest.collector.conftest import TRUSTED_PROXY
from tests.pixel_lines import sync, visitor

HOST = b"Host: localhost\r\n"
PATH = sync().encode()
CALL = b"GET " + PATH + b" HTTP/1.1\r\n" + HOST


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        pytest.param("", "missing_param", id="UP01"),
        pytest.param(sync().partition("?")[2] + "&site=blog", "dup_param", id="UP02"),
        pytest.param("partner=snowplow&cookieid=abc&read=maybe", "bad_param", id="UP09-maybe"),
        pytest.param("partner=snowplow&cookieid=abc&read=true", "bad_param", id="UP09-true"),
        pytest.param("partner=snowplow&cookieid=abc", "missing_param", id="UP09-missing"),
        pytest.param("partner=snowplow&cookieid=abc&READ=TRUE", "missing_param", id="UP09-upper"),
        pytest.param(sync("x@shop.example").partition("?")[2], "personal_data", id="personal_data"),
        pytest.param("site=shop&u=%ff&partner=snowplow&cookieid=%ff&read=false", "bad_encoding",
                     id="bad_encoding"),
    ],
)  # fmt: skip
def test_a_bad_call_gets_the_pixel_and_no_cookie(
    collector: Collecting, query: str, reason: str
) -> None:
    answer = collector.get(f"/bakery/sync/dmpsyncendpoint?{query}")
    assert (answer.status_code, len(answer.content)) == (200, 43)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["refused"] == reason
    assert "set-cookie" not in answer.headers
    line = collector.lines()[-1]
    assert line.keys() - {"site", "partner"} == {"mb", "hit_id", "at", "type", "refused"}
    assert {line.get("site"), line.get("partner")} <= {None, "shop", "snowplow"}
    assert line["refused"] == reason


@pytest.mark.parametrize("count", [pytest.param(200, id="UP03")])
def test_unknown_parameters_are_ignored(collector: Collecting, count: int) -> None:
    more = "".join(f"&p{number}=%ff" for number in range(count))
    assert "set-cookie" in collector.get(sync() + more).headers


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        pytest.param(CALL.replace(b"read=", b"x=" + b"a" * 8192 + b"&read="), 414, id="UP03-8KiB"),
        pytest.param(CALL.replace(b"read=", b"x=" + b"a" * 65536 + b"&read="), 414, id="UP04"),
        pytest.param(CALL + b"X-Much: " + b"a" * 1048576 + b"\r\n\r\n", 431, id="UP05"),
        pytest.param(CALL + b"X-Many: 1\r\n" * 5000 + b"\r\n", 431, id="UP05-many"),
        pytest.param(CALL.replace(b"localhost", b"evil.example"), 421, id="UP13"),
        pytest.param(CALL.replace(b"/bakery", b"http://evil.example/bakery"), 421, id="UP13-url"),
        pytest.param(CALL + b"Host: evil.example\r\n", 421, id="UP13-two"),
        pytest.param(CALL.replace(HOST, b""), 421, id="UP13-none"),
        pytest.param(CALL + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                     400, id="UP15-CL+TE"),
        pytest.param(CALL + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
                     400, id="UP15-TE+CL"),
        pytest.param(CALL + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd", 400,
                     id="UP15-CL+CL"),
        pytest.param(CALL + b"Transfer-Encoding : chunked\r\n", 400, id="UP15-blank"),
        pytest.param(CALL + b"X: a\rb\r\n", 400, id="UP15-CR"),
        pytest.param(CALL + b"Content-Length: 4\r\n\r\nabcd", 400, id="UP15-body"),
        pytest.param(CALL.replace(b"GET", b"DELETE"), 405, id="method"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n", 400, id="TLS"),
    ],
)  # fmt: skip
def test_is_refused_and_the_connection_closed(
    collector: Collecting, request_bytes: bytes, status: int
) -> None:
    before = len(collector.lines())
    answer = raw(collector, request_bytes + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert answer.count(b"HTTP/1.1") == 1
    assert b"set-cookie" not in answer.lower()
    assert len(collector.lines()) == before


def test_pipelined_calls_are_answered_in_order(collector: Collecting) -> None:
    calls = (CALL + b"\r\n") * 2 + CALL + b"Connection: close\r\n\r\n"
    assert raw(collector, calls).count(b"HTTP/1.1 200 OK") == 3


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param("mbid=0123", id="UP10-form"),
        pytest.param("mbid=1." + "a" * 32 + "." + "A" * 22, id="UP10-signature"),
        pytest.param("mbid=" + "a" * 4000, id="UP10-long"),
    ],
)
def test_a_forged_cookie_is_no_cookie(collector: Collecting, forged: str) -> None:
    assert "set-cookie" in collector.get(sync(), headers={"cookie": forged}).headers
    assert collector.lines()[-1]["visitor"] not in ("a" * 32, "0123")
    answer = collector.get(sync(site="blog"), headers={"cookie": forged})
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("copies", [pytest.param(100, id="UP11")])
def test_the_first_valid_cookie_wins(collector: Collecting, copies: int) -> None:
    forged = [f"mbid=1.{'a' * 32}.{'A' * 22}"] * (copies - 2)
    ours = [f"mbid={sign(collector.keys.cookie, visitor(number))}" for number in (4, 5)]
    counted = spare_cookies(collector)
    answer = collector.get(sync(), headers={"cookie": "; ".join(forged + ours)})
    assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
    assert collector.lines()[-1]["visitor"] == visitor(4)
    assert spare_cookies(collector) == counted + copies - 1


def spare_cookies(collector: Collecting) -> float:
    """What the metrics have counted."""
    (value,) = re.findall(r"^matchbook_collector_spare_cookies_total (.*)$",
                          collector.get("/metrics").text, re.MULTILINE)  # fmt: skip
    return float(value)


def test_an_unpartitioned_cookie_goes_before_a_partitioned_one(collector: Collecting) -> None:
    ids = ("a" * 31 + "f", "b" * 32)
    cookies = [f"mbid={sign(collector.keys.cookie, visitor_id)}" for visitor_id in ids]
    collector.get(sync(), headers={"cookie": "; ".join(cookies)})
    assert collector.lines()[-1]["visitor"] == "b" * 32


def test_cookies_that_cannot_be_read_may_hold_an_opt_out(collector: Collecting) -> None:
    cookies = b"Cookie: name=\xc3\xa9; mb_optout=1\r\nConnection: close\r\n\r\n"
    assert b"set-cookie" not in raw(collector, CALL + cookies).lower()
    assert collector.lines()[-1]["reason"] == "unreadable_cookies"


@pytest.mark.parametrize("header", [pytest.param("203.0.113.77", id="UP12")])
def test_a_forwarded_address_counts_from_a_trusted_proxy_only(
    collector: Collecting, header: str
) -> None:
    collector.get(sync(), headers={"x-forwarded-for": header})
    assert collector.lines()[-1]["ip_prefix"] == "127.0.0.0/24"
    proxy = httpx.HTTPTransport(local_address=TRUSTED_PROXY)
    with httpx.Client(base_url=collector.url, transport=proxy) as trusted:
        trusted.get(sync(), headers={"x-forwarded-for": f"198.51.100.1, {header}, 10.1.1.1"})
        trusted.get(sync(), headers={"x-forwarded-for": "2001:db8:1:2::3"})
    prefixes = [line["ip_prefix"] for line in collector.lines()[-2:]]
    assert prefixes == ["203.0.113.0/24", "2001:db8:1::/48"]


def test_metrics_are_for_the_neighbourhood(collector: Collecting) -> None:
    text = collector.get("/metrics").text
    assert 'matchbook_collector_answers_total{route="/bakery/sync/dmpsyncendpoint"' in text
    assert "matchbook_collector_log_writable 1.0" in text
    assert collector.get("/metrics", headers={"x-forwarded-for": "10.0.0.1"}).status_code == 404
    assert collector.get("/healthz", headers={"host": "10.0.0.9"}).text == "ok\n"


def raw(collector: Collecting, content: bytes) -> bytes:
    """Send bytes as they are; returns all that comes until the connection ends."""
    with socket.create_connection(("127.0.0.1", collector.port), timeout=5) as connection:
        received = b""
        try:
            connection.sendall(content)
            while block := connection.recv(65536):
                received += block
        except ConnectionResetError:
            pass
    return received
