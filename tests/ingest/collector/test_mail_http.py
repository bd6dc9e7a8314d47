"""E-mail links over HTTP: from the rewritten mail to the landing page and into the warehouse."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from ingest.collector.anchors import find_anchors
from ingest.collector.rewriter import Mail, rewrite
from ingest.pixel_logs import land_pixel_log
from matchbook import switches
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse
from tests.collecting import Collecting, collecting
from tests.mailing import REGISTRY

ACME = REGISTRY.clients[0]
MAIL = '<a href="https://good.example/sale?a=1&amp;b=2#now">Sale</a><a href="https://x.example/">'


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collecting]:
    with collecting(Settings(home=tmp_path_factory.mktemp("mail_http")), REGISTRY) as collector:
        yield collector


def rewritten(collector: Collecting, consent: str | None = None, *, contact: str = "4711") -> str:
    mail = Mail(contact, "m 1", "https://px.acme.example", consent)
    done = rewrite(MAIL, mail, client=ACME, link_key=collector.keys.links, with_read_pixel=True)
    assert done.tracked == 1
    return done.html


def link_of(html: str) -> str:
    """The path of the first link."""
    return find_anchors(html).found[0].href.text.removeprefix("https://px.acme.example")


def pixel_of(html: str) -> str:
    return html.split('src="https://px.acme.example')[1].split('"')[0].replace("&amp;", "&")


def test_a_rewritten_link_leads_where_the_mail_led(running: Collecting) -> None:
    html = rewritten(running)
    answer = running.get(link_of(html))
    assert (answer.status_code, answer.headers["location"]) == (
        302,
        "https://good.example/sale?a=1&b=2#now",
    )
    assert answer.headers["set-cookie"].startswith("mbid=")
    assert running.lines()[-1]["message"] == "m 1"
    pixel = running.get(pixel_of(html))
    assert (pixel.status_code, len(pixel.content)) == (200, 43)
    assert [line["type"] for line in running.lines()[-2:]] == ["click", "read"]


def test_a_head_leads_on_too(running: Collecting) -> None:
    answer = running.get(link_of(rewritten(running)), method="HEAD")
    assert (answer.status_code, answer.headers["location"][:20]) == (302, "https://good.example")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "query",
    [
        "u=https://good.example/%0d%0aSet-Cookie:x=1",
        "client=acme%0d%0aX-Injected:1&contact=1&message=m&u=https://good.example/&sig=a",
        "client=acme&contact=1&message=m&u=https://good.example/&sig=%0aX-Injected:1",
        "client=acme&contact=1&message=m&u=https://good.example/&sig=a&%0d%0aX-Injected:1=%0d%0aa",
    ],
)
@pytest.mark.parametrize("path", ["click", "read", "land"], ids=["UC08-click", "UC08-read", "land"])
def test_no_header_comes_out_of_a_url(running: Collecting, path: str, query: str) -> None:
    with socket.create_connection(("127.0.0.1", running.port), timeout=5) as connection:
        connection.sendall(
            f"GET /bakery/{path}?{query} HTTP/1.1\r\nHost: localhost\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert b"x-injected" not in head
    assert b"set-cookie" not in head
    assert b"\nlocation" not in head


@pytest.mark.parametrize("path", [pytest.param("/bakery/read", id="UC14-20kB"), "/bakery/click"])
def test_a_link_that_is_far_too_long(running: Collecting, path: str) -> None:
    answer = running.get(f"{path}?client=acme&contact={'1' * 20_000}&message=m&sig=a")
    assert answer.status_code == 414
    assert "set-cookie" not in answer.headers


def test_a_switch_counts_while_the_collector_runs(running: Collecting) -> None:
    url = link_of(rewritten(running))

    def becomes(is_on: bool) -> None:
        deadline = time.monotonic() + 10
        while ("set-cookie" in running.get(url).headers) != is_on:
            assert time.monotonic() < deadline
            time.sleep(0.05)

    becomes(is_on=True)
    switches.withdraw(running.settings, "acme", "link-click", by="a tester")
    becomes(is_on=False)
    assert running.get(url).headers["location"].startswith("https://good.example/")
    assert running.lines()[-1]["reason"] == "switch_off"
    switches.approve(running.settings, "acme", "link-click", by="a tester", basis="consent")
    becomes(is_on=True)


def test_each_call_becomes_one_line_of_the_account(running: Collecting, settings: Settings) -> None:
    tracked, refused = rewritten(running), rewritten(running, "0", contact="4712")
    unfilled = rewritten(running, "<%flag%>")
    for url in (link_of(tracked), pixel_of(tracked), link_of(refused), link_of(unfilled)):
        running.get(url)
    running.get(link_of(tracked).replace("contact=4711", "contact=4713"))
    running.get(link_of(tracked), headers={"sec-gpc": "1"})
    segment = running.newest(6, settings.home)
    with open_warehouse(settings) as connection:
        result = land_pixel_log(connection, settings, segment, registry=REGISTRY, keys=running.keys)
        hits = connection.execute(
            "select hit_type, client_id, cep_contact_id, message_id, consent_basis, page_path "
            "from raw.hits order by line_number"
        ).fetchall()
        reasons = connection.execute(
            "select outcome, reason from raw.line_outcomes where outcome <> 'accepted' order by all"
        ).fetchall()
    assert (result.lines, result.accepted, result.untracked, result.quarantined) == (6, 2, 2, 2)
    assert hits == [
        ("click", "acme", 4711, "m 1", "declared", "/sale"),
        ("read", "acme", 4711, "m 1", "declared", None),
    ]
    assert reasons == [
        ("quarantined", "bad_param"),
        ("quarantined", "bad_signature"),
        ("untracked", "gpc"),
        ("untracked", "no_consent"),
    ]
