"""Promise P5: whatever is sent, no answer in the 500s, no cookie and no match on bad input.

The judge is ingest: the same calls, as a web server would have logged them.
"""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from ingest.pixel_logs import land_pixel_log
from ingest.pixel_logs.parameters import PATHS as KINDS
from matchbook.links import Link, sign_link
from matchbook.settings import Settings
from matchbook.visitor_cookie import sign
from matchbook.warehouse import open_warehouse
from tests.collecting import BROWSER, Collecting, collecting
from tests.pixel_desk import json_line
from tests.pixel_lines import REGISTRY, SNOWPLOW_ID, visitor

SMALL, STATED = 1_000, 100_000
HASH = "ab" * 32
PIXELS = ("sync", "page_view", "event", "identify", "bake")
PATHS = {
    "/bakery/sync/dmpsyncendpoint": ("site", "partner", "cookieid", "parcid", "read"),
    "/bakery/page": ("site", "u", "r"),
    "/bakery/event": ("site", "name", "u"),
    "/bakery/identify": ("site", "email", "phone", "postal", "u"),
    "/bakery/bake": ("publisher", "email", "phone", "postal"),
    "/bakery/click": ("client", "contact", "message", "u", "consent", "sig"),
    "/bakery/read": ("client", "contact", "message", "consent", "sig"),
    "/bakery/optout": ("site", "lang"),
    "/bakery/pixel.js": ("site",),
    "/bakery/land": ("site", "t"),
    "/bakery/nothing": ("x",),
    "/healthz": (),
}
GOOD = {
    "site": ("shop", "Shop", "blog", "beta-site", ""), "partner": ("snowplow", "PO_1", "tealium"),
    "cookieid": (SNOWPLOW_ID,), "read": ("false",), "u": ("https%3A%2F%2Fshop.example%2Fa%3Fb",),
    "r": ("https%3A%2F%2Fsearch.example",), "name": ("cart",), "email": (HASH, HASH.upper()),
    "phone": ("cd" * 32,), "postal": ("q80" * 14 + "q",), "publisher": ("dap_1",),
    "client": ("acme", "beta"), "contact": ("123",), "message": ("m1",), "gdpr": ("0", "1"),
    "consent": ("1", "0"), "lang": ("nl",),
}  # fmt: skip
NASTY = (
    "", "%", "%zz", "%ff", "%00", "%0d%0aSet-Cookie:x=1", "${M}", "%%M%%", "null", "true", "x@y.nl",
    "x%2540y.nl", "+31612345678", "0612345678", "a" * 300, "a" * 7000, "%F0%9F%98%80", "\u00e9",
    "<script>", "'; drop table hits;--", "javascript:alert(1)", "//evil.example", "http://[::1",
    "https%3A%2F%2Fevil.example%40good.example", "http%3A%2F%2F%5B", "-1", "0", "1e9", "9" * 40,
    "..%2f..%2fetc%2fpasswd", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "d41d8cd98f00b204e9800998ecf8427e", "\u0661", "%C0%AF", "unknown", "1.2.3", "[]", "{}", "\x7f",
)  # fmt: skip


@dataclass
class Sent:
    """One call and what came back."""

    method: str
    url: str
    headers: dict[str, str]
    status: int = 0
    has_cookie: bool = False


def test_p5_generated_calls(tmp_path: Path) -> None:
    change_nothing_they_should_not(tmp_path, SMALL)


@pytest.mark.proof
def test_p5_at_its_stated_size(tmp_path: Path) -> None:
    change_nothing_they_should_not(tmp_path, STATED)


def change_nothing_they_should_not(home: Path, count: int) -> None:
    settings = Settings(home=home)
    with collecting(settings, REGISTRY) as collector:
        calls = list(generated(collector, count))
        client = Client(collector.port)
        for call in calls:
            client.send(call)
        lines = collector.close()
    assert {call.status for call in calls if call.status >= 500} == set()
    assert sum(call.has_cookie for call in calls) > count / 50
    refused = refused_by_ingest(collector, calls)
    assert count / 5 < len(refused) < count
    assert [(c.method, c.url[:300]) for c in calls if id(c) in refused and c.has_cookie] == []
    ours = [call for call in calls if call.status == 200 and kind_of(call) in PIXELS]
    written = [line for line in lines if line["type"] in PIXELS]
    assert len(ours) == len(written)
    for call, line in zip(ours, written, strict=True):
        assert line["type"] == kind_of(call)
        assert line.get("refused") == refused.get(id(call)), ascii(call.url[:300])


def refused_by_ingest(collector: Collecting, calls: list[Sent]) -> dict[int, str]:
    """The calls that ingest would refuse, had a web server logged them, and why."""
    logged = [call for call in calls if call.status in (200, 302)]
    path = collector.settings.home / "web.log"
    path.write_text("".join(as_logged(call) + "\n" for call in logged))
    with open_warehouse(collector.settings) as connection:
        land_pixel_log(connection, collector.settings, path, registry=REGISTRY, keys=collector.keys)
        rows = connection.execute("select line_number, reason from raw.quarantine").fetchall()
    return {id(logged[number - 1]): reason for number, reason in rows}


def kind_of(call: Sent) -> str:
    return KINDS.get(call.url.partition("?")[0], "")


def as_logged(call: Sent) -> str:
    headers = call.headers
    return json_line(
        time="2026-11-20T10:05:03+00:00", host=headers.get("Host", "localhost"), uri=call.url,
        method=call.method, cookie=headers.get("Cookie", ""), sec_gpc=headers.get("Sec-GPC", ""),
        user_agent=headers.get("User-Agent", ""),
    )  # fmt: skip


def generated(collector: Collecting, count: int) -> Iterator[Sent]:
    """Calls that are right, nearly right, or nonsense."""
    chance = random.Random(5)
    ours = sign(collector.keys.cookie, visitor(1))
    cookies = (
        "",
        f"mbid={ours}",
        "mbid=forged",
        "mb_optout=1",
        "a=b; mbid=" * 50,
        "mbid=" + ours[:-1],
    )
    link = Link("click", "acme", "123", "m1", target="https://shop.example/a?b")
    sig = sign_link(collector.keys.links, **vars(link))
    for _ in range(count):
        path = chance.choice(list(PATHS)[: chance.choice((5, 8, 12))])
        names = [*PATHS[path], *chance.choice(((), ("gdpr",), ("gdpr", "gdpr_consent")))]
        parts = []
        for name in names:
            if chance.random() < 0.06 or (name == "parcid" and chance.random() < 0.9):
                continue
            good = (sig,) if name == "sig" else GOOD.get(name, ("x",))
            value = chance.choice(NASTY if chance.random() < 0.12 else good)
            parts += [f"{name}={value}"] * (2 if chance.random() < 0.02 else 1)
        if chance.random() < 0.05:
            parts.append(quote(chance.randbytes(8)) + chance.choice(("", "=", "==&&")))
        headers = {
            "Host": "localhost",
            "User-Agent": chance.choice((BROWSER, BROWSER, "", "x" * 5000)),
        }
        if cookie := chance.choice(cookies):
            headers["Cookie"] = cookie
        if chance.random() < 0.1:
            headers["Sec-GPC"] = chance.choice(("1", "0", "true", "1, 1"))
        if chance.random() < 0.1:
            headers["Referer"] = chance.choice(NASTY).replace("\u00e9", "") or "x"
        method = chance.choices(("GET", "HEAD", "POST", "PUT"), (90, 6, 2, 2))[0]
        yield Sent(method, path + "?" + "&".join(parts), headers)


class Client:
    """Sends bytes as they are, which HTTP libraries would correct."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection: socket.socket | None = None

    def send(self, call: Sent) -> None:
        head = "".join(f"{name}: {value}\r\n" for name, value in call.headers.items())
        url = call.url.replace(" ", "%20")
        request = f"{call.method} {url} HTTP/1.1\r\n{head}\r\n".encode()
        if self.connection is None:
            self.connection = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        self.connection.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            block = self.connection.recv(65536)
            assert block, f"no answer to {call.url[:200]}"
            answer += block
        top, _, body = answer.partition(b"\r\n\r\n")
        fields = dict(
            line.lower().split(b": ", 1) for line in top.split(b"\r\n")[1:] if b": " in line
        )
        wanted = 0 if call.method == "HEAD" else int(fields.get(b"content-length", 0))
        while len(body) < wanted:
            body += self.connection.recv(65536)
        call.status = int(top.split()[1])
        call.has_cookie = b"set-cookie" in fields and b"mbid=1." in fields[b"set-cookie"]
        if fields.get(b"connection") == b"close":
            self.connection.close()
            self.connection = None


def test_lines_stay_lines(tmp_path: Path) -> None:
    with collecting(Settings(home=tmp_path), REGISTRY) as collector:
        for text in NASTY:
            collector.get(f"/bakery/event?site=shop&name={quote(text)}")
        lines = collector.close()
        texts = "".join(path.read_text() for path in collector.segments())
    assert len(lines) == len(NASTY) == texts.count("\n")
    assert all(json.dumps(line).isascii() for line in lines)
