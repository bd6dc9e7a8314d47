"""The opt-out page: looking changes nothing, the button opts out, and only it opts in again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.collector.calls import parse_call
from ingest.collector.optout import language_of
from matchbook.settings import Settings
from matchbook.visitor_cookie import sign
from tests.collecting import Collecting
from tests.mailing import desk
from tests.pixel_lines import sync, visitor

PAGE = "/bakery/optout"


def ours(collector: Collecting, number: int = 7) -> str:
    return f"mbid={sign(collector.keys.cookie, visitor(number))}"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing(collector: Collecting, method: str) -> None:
    before = len(collector.lines())
    for purpose in ({}, {"purpose": "prefetch"}, {"sec-purpose": "prefetch;prerender"}):
        headers = {"cookie": ours(collector)} | purpose
        answer = collector.get(PAGE + "?done=1&undo=1", method=method, headers=headers)
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"
    assert len(collector.lines()) == before


def test_the_button_opts_out_and_withdraws(collector: Collecting) -> None:
    headers = {"cookie": ours(collector), "accept-language": "nl"}
    answer = collector.get(PAGE, method="POST", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?lang=nl&done=1")
    cookies = answer.headers.get_list("set-cookie")
    assert [c.split(";")[0] for c in cookies] == ["mb_optout=1"] * 2 + ["mbid="] * 2
    assert all("; Secure; HttpOnly; SameSite=None" in c for c in cookies)
    assert "Max-Age=33696000" in cookies[0]
    assert "Max-Age=0" in cookies[2]
    line = collector.lines()[-1]
    assert (line["type"], line["decision"], line["reason"]) == ("withdraw", "withdraw", "opted_out")
    assert line["visitor"] == visitor(7)


def test_the_other_button_also_asks_to_erase(collector: Collecting) -> None:
    page = collector.get(PAGE, headers={"cookie": ours(collector)}).text
    assert f'action="{PAGE}?lang=en&amp;erase=1"' in page
    for query, basis in (("?erase=1", "erase"), ("", None)):
        collector.get(PAGE + query, method="POST", headers={"cookie": ours(collector)})
        line = collector.lines()[-1]
        assert (line["type"], line["decision"], line["basis"]) == ("withdraw", "withdraw", basis)
    collector.get(PAGE + "?erase=1", method="POST")
    assert collector.lines()[-1]["basis"] is None


def test_without_our_cookie_nobody_is_named(collector: Collecting) -> None:
    assert collector.get(PAGE, method="POST").status_code == 303
    line = collector.lines()[-1]
    assert (line["decision"], line["reason"], line["visitor"]) == ("untracked", "opted_out", None)


def test_whoever_opted_out_is_not_tracked(collector: Collecting) -> None:
    answer = collector.get(sync(), headers={"cookie": "mb_optout=1"})
    assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
    assert collector.lines()[-1]["reason"] == "opted_out"


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        pytest.param("http://127.0.0.1:1", 303, id="our-own"),
        pytest.param("https://evil.example", 403, id="another-site"),
        pytest.param("null", 403, id="hidden"),
        pytest.param("", 403, id="none"),
    ],
)
def test_only_our_page_takes_an_opt_out_back(
    collector: Collecting, origin: str, status: int
) -> None:
    headers = {"cookie": "mb_optout=1", "origin": origin}
    before = len(collector.lines())
    answer = collector.get(PAGE + "?undo=1", method="POST", headers=headers)
    assert answer.status_code == status
    gone = [c.split("; ")[:2] for c in answer.headers.get_list("set-cookie")]
    assert gone == ([["mb_optout=", "Max-Age=0"]] * 2 if status == 303 else [])
    assert len(collector.lines()) == before


@pytest.mark.parametrize(
    ("query", "headers", "said"),
    [
        pytest.param("", {}, "not opted out", id="in"),
        pytest.param("?done=1", {"cookie": "mb_optout=1"}, "is <strong>opted out", id="out"),
        pytest.param("", {"sec-gpc": "1"}, "Global Privacy Control", id="gpc"),
        pytest.param("?done=1", {}, "did not keep the cookie", id="no-cookies"),
        pytest.param("?lang=nl", {"cookie": "mb_optout=1"}, "<strong>afgemeld", id="dutch"),
        pytest.param("?lang=<b>", {"accept-language": "nl-BE"}, "niet afgemeld", id="other"),
    ],
)
def test_the_page_says_what_is_so(
    collector: Collecting, query: str, headers: dict[str, str], said: str
) -> None:
    answer = collector.get(PAGE + query, headers=headers)
    assert said in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<b>" not in answer.text
    assert "//" not in answer.text.replace("<!doctype", "")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("nl-NL,nl;q=0.9,en;q=0.8", "nl"),
        ("en-GB,nl;q=0.5", "en"),
        ("de-DE,nl;q=0.7,en;q=0.3", "nl"),
        ("nl;q=0,en;q=0.1", "en"),
        ("NL;Q=x", "en"),
        ("fr", "en"),
    ],
)
def test_the_browser_says_which_language(accepted: str, language: str) -> None:
    call = parse_call(
        method="GET", path=PAGE, query="", headers={"accept-language": accepted},
        peer="127.0.0.1:1", at=datetime(2026, 11, 22, tzinfo=UTC),
    )  # fmt: skip
    assert language_of(call) == language


def test_a_full_disk_keeps_the_opt_out_and_our_cookie(settings: Settings) -> None:
    """Our cookie stays, so that the next call with both writes the withdrawal."""
    with desk(settings) as office:
        cookie = f"mbid={sign(office.collector.keys.cookie, visitor(7))}"
        with office.full_disk():
            answer = office.get(PAGE, method="POST", cookie=cookie)
        assert answer.status == 303
        names = [value.split("=")[0] for name, value in answer.headers if name == "set-cookie"]
        assert set(names) == {"mb_optout"}
        assert office.lines() == []
        office.get(sync(), cookie=f"{cookie}; mb_optout=1")
        (line,) = office.lines()
    assert (line["decision"], line["visitor"]) == ("withdraw", visitor(7))


def test_gpc_support_is_declared(collector: Collecting) -> None:
    answer = collector.get("/.well-known/gpc.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"gpc": True, "lastUpdate": "2026-11-22"}
