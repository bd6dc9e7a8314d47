"""Tracked links: where they lead, and when a click is tracked. bad_inputs UC01 to UC13."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from matchbook.settings import Settings
from matchbook.visitor_cookie import sign, verify
from tests.mailing import AT, GOOD, REGISTRY, Desk, desk, header
from tests.pixel_lines import visitor


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    settings = Settings(home=tmp_path_factory.mktemp("mail"), now=AT)
    with desk(settings) as made:
        yield made


def test_a_click_leads_on_and_is_written_first(office: Desk) -> None:
    answer = office.get(office.link())
    assert (answer.status, header(answer, "location")) == (302, GOOD)
    cookie = (header(answer, "set-cookie") or "").split(";")[0].removeprefix("mbid=")
    line = office.lines()[-1]
    assert line["visitor"] == verify(office.collector.keys.cookie, cookie)
    assert (line["type"], line["client"]) == ("click", "acme")
    assert (line["contact"], line["message"]) == ("4711", "m1")
    assert (line["page"], line["basis"]) == ("https://good.example/sale", "declared")


def test_a_browser_we_know_keeps_its_cookie(office: Desk) -> None:
    cookie = sign(office.collector.keys.cookie, visitor(7))
    answer = office.get(office.link(), cookie=f"mbid={cookie}")
    assert header(answer, "set-cookie") is None
    assert office.lines()[-1]["visitor"] == visitor(7)


REFUSED = {
    "UC01-no-signature": ("/bakery/click?u=https://evil.example/", 400, "missing_param"),
    "UC01-empty-signature": (
        "/bakery/click?client=acme&contact=1&message=m&u=https://evil.example/&sig=",
        400,
        "bad_signature",
    ),
    "UC08-in-message": (
        "/bakery/click?client=acme&contact=1&message=m%0d%0aSet-Cookie:x=1&u=https://good.example"
        "/&sig=a",
        400,
        "bad_param",
    ),
    "UC08-in-any": ("/bakery/click?x=%0d%0aSet-Cookie:x=1", 400, "bad_param"),
    "not-utf-8": ("/bakery/click?client=acme&contact=1&message=m&u=%ff&sig=a", 400, "bad_encoding"),
    "contact": ("/bakery/click?client=acme&contact=-1&message=m&u=x&sig=a", 400, "bad_param"),
    "twice": ("/bakery/click?client=acme&client=beta&contact=1&message=m&u=x&sig=a", 400,
              "dup_param"),
}  # fmt: skip


@pytest.mark.parametrize(("url", "status", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_we_did_not_sign_leads_nowhere(
    office: Desk, url: str, status: int, reason: str
) -> None:
    check_refused(office, url, status, reason)


def check_refused(office: Desk, url: str, status: int, reason: str) -> None:
    answer = office.get(url, cookie="a=1", sec_gpc="0")
    assert answer.status == status
    assert {name for name, _ in answer.headers} & {"location", "set-cookie", "refresh"} == set()
    assert b"This link does not work" in answer.body
    assert answer.body.count(b"http") == answer.body.count(b"https://good.example/")
    line = office.lines()[-1]
    assert line.keys() == {"mb", "hit_id", "at", "type", "refused"}
    assert (line["type"], line["refused"]) == ("click", reason)


@pytest.mark.parametrize(
    "u", ["https%3A%2F%2Fgood.example%2Fsale%3Fa%3D2%23now", "https://good.example/sal", ""],
    ids=["UC02", "UC02-shorter", "UC02-empty"],
)  # fmt: skip
def test_a_changed_target_leads_nowhere(office: Desk, u: str) -> None:
    before, after = office.link().split("&u=")
    check_refused(office, f"{before}&u={u}&{after.split('&')[1]}", 400, "bad_signature")


@pytest.mark.parametrize(
    ("part", "status"),
    [("client=beta", 404), ("client=nobody", 404), ("contact=4712", 400), ("message=m2", 400)],
    ids=["of-another-client", "UC04-of-nobody", "contact", "message"],
)
def test_a_changed_part_leads_nowhere(office: Desk, part: str, status: int) -> None:
    name = part.split("=")[0]
    url = office.link()
    start = url.index(f"{name}=")
    check_refused(
        office, url[:start] + part + url[url.index("&", start) :], status, "bad_signature"
    )


def test_a_read_signature_is_no_click_signature(office: Desk) -> None:
    url = office.link("read").replace("/bakery/read", "/bakery/click") + "&u="
    check_refused(office, url, 400, "bad_signature")


@pytest.mark.parametrize("client_id", [pytest.param("gone", id="UC04-gone")])
def test_a_link_of_a_client_that_is_gone(office: Desk, client_id: str) -> None:
    check_refused(office, office.link(client_id=client_id), 404, "unknown_client")


TARGETS = {
    "UC05-no-scheme": ("//evil.example", "bad_target"),
    "UC05-backslash": ("/\\evil.example", "bad_target"),
    "UC05-no-slashes": ("https:evil.example", "bad_target"),
    "UC05-user": ("https://good.example@evil.example", "bad_target"),
    "UC06-suffix": ("https://good.example.evil.example", "host_not_listed"),
    "UC06-prefix": ("https://evilgood.example", "host_not_listed"),
    "UC07-javascript": ("javascript:alert(1)", "not_https"),
    "UC07-data": ("data:text/html,x", "not_https"),
    "UC07-file": ("file:///etc/passwd", "not_https"),
    "UC07-ftp": ("ftp://good.example/", "not_https"),
    "UC07-http": ("http://good.example/", "not_https"),
    "UC08": ("https://good.example/\r\nSet-Cookie:x=1", "bad_param"),
    "UC09-lookalike": ("https://xn--god-jla.example/", "host_not_listed"),
    "UC09-letters": ("https://bücher.example/", "bad_target"),
    "UC11": ("https://px.acme.example/bakery/click?client=acme", "self_redirect"),
    "UC11-encoded": ("https://px.acme.example/x/..//%2562akery/optout", "self_redirect"),
    "UC11-elsewhere": ("https://good.example/bakery/click", "self_redirect"),
}


@pytest.mark.parametrize(("target", "reason"), TARGETS.values(), ids=TARGETS)
def test_even_signed_a_link_leads_to_listed_hosts_only(
    office: Desk, target: str, reason: str
) -> None:
    check_refused(office, office.link(target=target), 400, reason)
    if reason != "bad_param":
        assert b'<a href="https://good.example/">' in office.get(office.link(target=target)).body


def test_no_listed_host_means_nowhere(office: Desk) -> None:
    check_refused(office, office.link(client_id="gamma"), 400, "host_not_listed")


@pytest.mark.parametrize(
    ("target", "location"),
    [
        pytest.param("https://GOOD.example./a", "https://good.example/a", id="UC06-dot"),
        pytest.param("https://xn--bcher-kva.example", "https://xn--bcher-kva.example/", id="UC09"),
        ("HTTPS://good.example:443?a", "https://good.example:443/?a"),
        ("https://good.example/é x?q=[1]#\"'", "https://good.example/%C3%A9%20x?q=[1]#%22'"),
        ("https://good.example/a%0d%0ab", "https://good.example/a%0d%0ab"),
    ],
)
def test_the_location_is_plain(office: Desk, target: str, location: str) -> None:
    answer = office.get(office.link(client_id="acme", target=target) + "&consent=0")
    assert (answer.status, header(answer, "location")) == (302, location)


def test_pages_without_tls_where_the_client_allows_them(settings: Settings) -> None:
    acme = REGISTRY.clients[0].model_copy(update={"allows_http_landing": True})
    with desk(settings, REGISTRY.model_copy(update={"clients": (acme,), "sites": ()})) as office:
        answer = office.get(office.link(target="http://good.example:8080/a"))
        assert header(answer, "location") == "http://good.example:8080/a"


@pytest.mark.parametrize("kind", [pytest.param("click", id="UC13")])
def test_a_full_disk_keeps_nobody_away(office: Desk, kind: str) -> None:
    dropped, lines = office.collector.metrics.dropped, len(office.lines())
    url = office.link(kind)
    with office.full_disk():
        begin = time.perf_counter()
        answer = office.get(url)
        assert time.perf_counter() - begin < 0.2
        refused = office.get("/bakery/click?u=x")
    assert (answer.status, header(answer, "location")) == (302, GOOD)
    assert header(answer, "set-cookie") is None
    assert refused.status == 400
    assert office.collector.metrics.dropped == dropped + 2
    assert len(office.lines()) == lines
    assert header(office.get(url), "set-cookie") is not None


@pytest.mark.parametrize("more", ["&consent=0", "&consent=maybe", "&consent=1&gdpr=1"])
def test_a_full_disk_keeps_nobody_away_who_is_not_tracked(office: Desk, more: str) -> None:
    with office.full_disk():
        answer = office.get(office.link() + more)
    assert (answer.status, header(answer, "location")) == (302, GOOD)
    assert header(answer, "set-cookie") is None


def test_a_line_that_is_lost_in_sync_mode_leaves_the_redirect(office: Desk) -> None:
    answer = office.get(office.link())
    assert header(answer, "set-cookie") is not None
    assert answer.if_lost is not None
    assert header(answer.if_lost, "location") == GOOD
    assert header(answer.if_lost, "set-cookie") is None
