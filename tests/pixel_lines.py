"""A small registry and well-formed pixel log lines, for tests and benchmarks of ingest."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote

from matchbook import links, visitor_cookie
from matchbook.keys import Keys
from matchbook.registry import (
    Approval,
    Client,
    ClientPartner,
    Declaration,
    Publisher,
    Registry,
    Site,
)

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
DECLARED = Declaration(declared_at=SINCE, declared_by="a tester", wording="only after consent")
APPROVED = Approval(approved_at=SINCE, approved_by="a tester", basis="consent")

REGISTRY = Registry(
    clients=(
        Client(
            client_id="acme",
            name="Acme",
            collector_hosts=("px.acme.example",),
            partners=(ClientPartner(partner_id="piano", codes=("PO_1",)),),
            dmp_matching_link_click=APPROVED,
        ),
        Client(client_id="beta", name="Beta"),
    ),
    sites=(
        Site(site_id="shop", client_id="acme", name="Shop", consent_declaration=DECLARED),
        Site(site_id="blog", client_id="acme", name="Blog"),
        Site(site_id="beta-site", client_id="beta", name="Beta", consent_declaration=DECLARED),
    ),
    publishers=(
        Publisher(
            publisher_id="dap_1", name="Daily", client_ids=("acme",), consent_declaration=DECLARED
        ),
    ),
)

AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/129.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
)

SNOWPLOW_ID = "ecdff4d0-9175-40ac-a8bb-325c49733607"
SYNC = "/bakery/sync/dmpsyncendpoint?"
PAGE = "/bakery/page?site=shop&u=https%3A%2F%2Fshop.example%2Fshoes%2Fred%3Fa%3D1"


def visitor(number: int) -> str:
    """A visitor id."""
    return f"{number:032x}"


def cookie(keys: Keys, number: int = 1) -> str:
    """A signed visitor cookie."""
    return visitor_cookie.sign(keys.cookie, visitor(number))


def sync(
    cookie_id: str = SNOWPLOW_ID, *, partner: str = "snowplow", site: str | None = "shop"
) -> str:
    """The URL of a cookie sync; the id is sent percent-encoded."""
    where = f"site={quote(site)}&" if site else ""
    return f"{SYNC}{where}partner={quote(partner)}&cookieid={quote(cookie_id, safe='')}&read=false"


def click(keys: Keys, contact: int = 123, *, kind: str = "click", sig: str | None = None) -> str:
    """The URL of a signed e-mail link."""
    target = "https://shop.example/sale" if kind == "click" else ""
    sig = sig or links.sign_link(
        keys.links, kind=kind, client_id="acme", contact=str(contact), message="m1", target=target
    )
    landing = f"&u={quote(target, safe='')}" if target else ""
    return f"/bakery/{kind}?client=acme&contact={contact}&message=m1{landing}&consent=1&sig={sig}"


def combined(
    url: str,
    *,
    cookie: str | None = "-",
    at: str = "20/Nov/2026:10:05:03 +0000",
    ip: str = "203.0.113.9",
    status: int = 200,
    method: str = "GET",
    agent: str = AGENTS[0],
    referrer: str = "https://shop.example/shoes?x=1",
) -> str:
    """One line of a combined log, with the cookie as its last field unless that is None."""
    line = f'{ip} - - [{at}] "{method} {url} HTTP/1.1" {status} 43 "{referrer}" "{agent}"'
    return line if cookie is None else f'{line} "{cookie}"'


def garbage(random_: random.Random) -> str:
    """One of ten kinds of line that no log should hold."""
    kinds = (
        "", "-", "\x00\x00\x00", 'GET "unterminated', "a\rb", "x" * 70_000, '"' * 50, "," * 50,
        '203.0.113.9 - - [20/Nov/2026:10:05:03 +0000] "GET / HTTP/1.1" 200 43 "https://a',
        "\udcff\udcfe not UTF-8",
    )  # fmt: skip
    return f"{random_.choice(kinds)}{random_.randrange(10**6)}"


def many_lines(
    keys: Keys, count: int, *, ours: float, bad: float = 0.01, seed: int = 1
) -> Iterator[str]:
    """A log of `count` lines: `bad` garbage, and of the rest the share `ours` our calls."""
    random_ = random.Random(seed)
    cookies = [cookie(keys, number) for number in range(max(10, count // 10))]
    for number in range(count):
        if random_.random() < bad:
            yield garbage(random_)
            continue
        second = number % 86_400
        at = f"20/Nov/2026:{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02} +0000"
        is_ours = random_.random() < ours
        url = _call(keys, random_) if is_ours else f"/images/{number}.png?v={number}"
        yield combined(
            url,
            cookie=random_.choice(cookies) if is_ours else "-",
            at=at,
            ip=f"203.0.{number % 250}.{number % 199}",
            agent=AGENTS[number % 3],
        )


def _call(keys: Keys, random_: random.Random) -> str:
    kind = random_.random()
    if kind < 0.6:
        bits = random_.getrandbits(128)
        text = f"{bits:032x}"
        uuid = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
        return sync(uuid, partner=random_.choice(("snowplow", "permutive", "supermetrics")))
    if kind < 0.9:
        return f"{PAGE}&r=https%3A%2F%2Fsearch.example%2F"
    if kind < 0.98:
        return click(keys, random_.randrange(1, 10**6))
    return f"/bakery/identify?site=shop&email={random_.getrandbits(256):064x}"
