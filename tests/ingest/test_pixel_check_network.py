"""The pixel check goes to public addresses only (P32, UX rows) and gives up early."""

from __future__ import annotations

import gzip
import ipaddress
import socket
import ssl
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import hypothesis
import hypothesis.strategies as st
import pytest

from ingest.pixel_check import fetch as fetching
from ingest.pixel_check.fetch import PageUnavailable, fetch
from tests.web_server import page, redirect, serving

PUBLIC = "93.184.215.14"
_watching: list[list[str]] = []


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and _watching:
        address = arguments[1]
        assert isinstance(address, tuple)
        _watching[-1].append(str(address[0]))
        if ipaddress.ip_address(address[0]).is_global:
            raise ConnectionRefusedError  # no test talks to the internet


sys.addaudithook(_audit)


@pytest.fixture
def connects() -> Iterator[list[str]]:
    """Every address a socket was connected to, as Python's own audit sees it."""
    _watching.append([])
    yield _watching[-1]
    _watching.pop()


def refusal(url: str, allowed: frozenset[str] = frozenset()) -> tuple[str, str]:
    with pytest.raises(PageUnavailable) as caught:
        fetch(url, allowed=allowed)
    return caught.value.result, caught.value.reason


def resolver(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """A name server that gives one answer after the other; what it was asked."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        families = [socket.AF_INET6 if ":" in a else socket.AF_INET for a in found]
        return [(f, 1, 6, "", (a, port)) for f, a in zip(families, found, strict=True)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8501",
        "http://[::1]/",
        "http://0/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[::]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/",
        "http://localhost/",
        "http://１２７.0.0.1/",
    ],
    ids=lambda url: f"UX02-{url}",
)
def test_private_addresses_are_refused(url: str, connects: list[str]) -> None:
    assert refusal(url) == ("refused", "private_address")
    assert connects == []


@pytest.mark.parametrize(
    "answer",
    ["10.0.0.5", f"{PUBLIC} 10.0.0.5", f"{PUBLIC} ::1", "fe80::1%eth0", "2606:4700::1 fc00::1"],
    ids=lambda answer: f"UX03-{answer}",
)
def test_every_address_of_a_name_is_checked(
    answer: str, connects: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver(monkeypatch, answer.split())
    assert refusal("http://shop.example/") == ("refused", "private_address")
    assert connects == []


def test_a_name_that_changes_its_mind_is_asked_once(
    connects: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """UX03, P32: DNS rebinding."""
    asked = resolver(monkeypatch, [PUBLIC], ["127.0.0.1"])
    assert refusal("http://rebinding.example/") == ("unreachable", "unreachable")
    assert asked == ["rebinding.example"]
    assert connects == [PUBLIC]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_redirect_into_the_machine_is_refused(scheme: str, connects: list[str]) -> None:
    """UX04, P32: the page comes from a host that the operator named, the rest is not named."""
    with serving(page("secret")) as inside:
        for target in (f"{scheme}://127.0.0.1:{inside.port}/", f"{scheme}://127.0.0.1/",
                       f"//127.0.0.1:{inside.port}/", f"{scheme}://[::ffff:7f00:1]/"):  # fmt: skip
            with serving(redirect("/1", target)) as outside:
                assert refusal(outside.url(), outside.named) == ("refused", "private_address")
                assert len(outside.asked) == 2
        assert inside.connections == 0
    assert str(inside.port) not in " ".join(connects)


def test_redirects_end(connects: list[str]) -> None:
    with serving(redirect(*[f"/{n}" for n in range(1, 9)])) as server:
        assert refusal(server.url(), server.named) == ("unreachable", "too_many_redirects")
        assert len(server.asked) == 1 + fetching.MOST_REDIRECTS


@pytest.mark.parametrize("target", ["http://[bad", "ftp://shop.example/", "http://a@b.example/"])
def test_a_redirect_to_what_is_no_web_page(target: str, connects: list[str]) -> None:
    with serving(redirect(target)) as server:
        assert refusal(server.url(), server.named)[0] == "refused"
    assert connects == ["127.0.0.1"]


def endless(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    while True:
        request.wfile.write(b"<p>and on</p>" * 1000)


def dripping(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    while True:
        request.wfile.write(b".")
        time.sleep(0.05)


def dripping_headers(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        request.wfile.write(b".")
        time.sleep(0.05)


BOMB = gzip.compress(b"\0" * (64 << 20))


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        pytest.param(page(b"x" * ((1 << 20) + 1)), "too_large", id="UX06-too-long"),
        pytest.param(endless, "too_large", id="UX06-never-ends"),
        pytest.param(page(BOMB, content_encoding="gzip"), "too_large", id="UX06-gzip-bomb"),
        pytest.param(dripping, "timeout", id="UX06-drips"),
        pytest.param(dripping_headers, "timeout", id="UX06-drips-headers"),
    ],
)
def test_hostile_pages_end_early(
    answer: object, result: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MOST_SECONDS", 1.0)
    with serving(answer) as server:  # type: ignore[arg-type]
        started = time.monotonic()
        assert refusal(server.url(), server.named)[0] == result
        assert time.monotonic() - started < 2


def test_a_resolver_that_hangs_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(1) or [])
    monkeypatch.setattr(fetching, "MOST_SECONDS", 0.2)
    assert refusal("http://shop.example/")[0] == "timeout"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://shop.example/", "bad_url"),
        ("file:///etc/passwd", "bad_url"),
        ("javascript:alert(1)", "bad_url"),
        ("shop.example", "bad_url"),
        ("http://", "bad_url"),
        ("http://shop.example:99999/", "bad_url"),
        ("http://sh op.example/", "bad_url"),
        ("http://shop.example\\@127.0.0.1/", "credentials"),
        ("http://user:word@shop.example/", "credentials"),
        (f"http://{PUBLIC}:22/", "port"),
    ],
)
def test_other_addresses_are_refused(url: str, reason: str, connects: list[str]) -> None:
    assert refusal(url) == ("refused", reason)
    assert connects == []


def test_a_stranger_asks_without_cookie_or_referrer() -> None:
    with serving(page(gzip.compress(b"<p>here</p>"), content_encoding="gzip")) as server:
        found = fetch(server.url("/a b?q=1#part"), allowed=server.named)
    ((path, headers),) = server.asked
    assert found.html == "<p>here</p>"
    assert path == "/a%20b?q=1"
    assert headers["Host"] == f"127.0.0.1:{server.port}"
    assert not {"Cookie", "Referer", "Authorization"} & set(headers)


def test_the_name_is_told_to_the_server_that_was_checked(
    connects: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str | None] = []

    def wrap(self: ssl.SSLContext, connection: socket.socket, server_hostname: str) -> None:
        told.append(server_hostname)
        raise ssl.SSLError

    resolver(monkeypatch, ["127.0.0.1"])
    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", wrap)
    with serving(page("")) as server:
        named = frozenset({f"shop.example:{server.port}"})
        address = f"https://shop.example:{server.port}/"
        assert refusal(address, named) == ("unreachable", "bad_certificate")
    assert told == ["shop.example"]
    assert connects == ["127.0.0.1"]


def test_a_named_host_is_named_with_its_port() -> None:
    with serving(page("")) as server:
        assert refusal(server.url(), frozenset({"127.0.0.1"}))[1] == "private_address"
        assert fetch(server.url(), allowed=server.named).html == ""


def encodings(address: ipaddress.IPv4Address) -> list[str]:
    """The ways to write an IPv4 address that a resolver or a gateway takes for it."""
    number, parts = int(address), address.packed
    high, low = f"{number >> 16:x}", f"{number & 0xFFFF:x}"
    return [
        str(address),
        str(number),
        hex(number),
        ".".join(f"0{part:o}" for part in parts),
        ".".join(hex(part) for part in parts),
        f"{parts[0]}.{number & 0xFFFFFF}",
        f"[::ffff:{high}:{low}]",
        f"[::{high}:{low}]",
        f"[64:ff9b::{high}:{low}]",
        f"[2002:{high}:{low}::1]",
    ]


PRIVATE = [
    ipaddress.ip_network(network)
    for network in ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
                    "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4")
]  # fmt: skip


@hypothesis.given(st.data())
@hypothesis.settings(max_examples=60)
def test_no_spelling_reaches_a_private_address(data: st.DataObject) -> None:
    """P32: connects to private ranges are 0."""
    network = data.draw(st.sampled_from(PRIVATE))
    address = network[data.draw(st.integers(0, network.num_addresses - 1))]
    assert isinstance(address, ipaddress.IPv4Address)
    _watching.append([])
    try:
        for host in encodings(address):
            scheme = data.draw(st.sampled_from(["http", "https"]))
            assert refusal(f"{scheme}://{host}/")[0] in ("refused", "unreachable")
        assert _watching[-1] == []
    finally:
        _watching.pop()
