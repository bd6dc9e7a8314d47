"""The landing token and the calls that carry it: design of the integration, UC14's tampering."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest.collector import landing
from ingest.collector.landing import LandingToken
from matchbook import registry as registries
from matchbook import suppressions
from matchbook.keys import Keys
from matchbook.settings import Settings
from matchbook.visitor_cookie import sign, verify
from tests.mailing import AT, REGISTRY, Desk, desk, header, later
from tests.pixel_lines import SNOWPLOW_ID, visitor

KEYS = Keys(identifiers=(b"i",), cookie=(b"c",), links=(b"l",))
WHO = {"client_id": "acme", "contact": "4711", "message": "m1", "visitor_id": visitor(7)}
LANDING = "https://xn--bcher-kva.example/sale?a=1#now"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(Settings(home=tmp_path_factory.mktemp("landing"), now=AT)) as made:
        yield made


def test_a_token_says_who_clicked_for_ten_minutes() -> None:
    text = landing.token(KEYS, **WHO, at=AT)
    assert landing.read(KEYS, text, AT) == LandingToken(**WHO)
    assert landing.read(KEYS, text, later(600)) == LandingToken(**WHO)
    assert landing.read(KEYS, text, later(601)) is None
    assert landing.read(KEYS, text, later(-3600)) is None


def test_a_token_can_stand_in_a_url_and_shows_nothing() -> None:
    text = landing.token(KEYS, **WHO, at=AT)
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=")
    assert b"4711" not in base64.urlsafe_b64decode(text)


def test_a_token_of_another_instance_or_changed_anywhere_is_none() -> None:
    text = landing.token(KEYS, **WHO, at=AT)
    assert landing.read(Keys((b"i",), (b"c",), (b"other",)), text, AT) is None
    for place in range(0, len(text.rstrip("=")) - 1, 7):
        changed = "A" if text[place] != "A" else "B"
        assert landing.read(KEYS, text[:place] + changed + text[place + 1 :], AT) is None
    for broken in ("", "x", text[:-8], text + text, "é", "\ud800", "\x00"):
        assert landing.read(KEYS, broken, AT) is None


def clicked(office: Desk, target: str = LANDING, **sent: str) -> tuple[str, str | None]:
    """The token a click adds, and the visitor of its cookie."""
    answer = office.get(office.link(target=target), **sent)
    location = urlsplit(header(answer, "location") or "")
    cookie = (header(answer, "set-cookie") or "").split(";")[0].removeprefix("mbid=")
    token = parse_qs(location.query).get("mbt", [""])[0]
    return token, verify(office.collector.keys.cookie, cookie)


def test_a_tracked_click_adds_the_token_before_the_fragment(office: Desk) -> None:
    answer = office.get(office.link(target=LANDING))
    before, token = (header(answer, "location") or "").split("mbt=")
    assert before == "https://xn--bcher-kva.example/sale?a=1&"
    assert token.endswith("#now")
    bare = office.get(office.link(target="https://xn--bcher-kva.example"))
    assert "example/?mbt=" in (header(bare, "location") or "")


def test_the_token_names_the_click(office: Desk) -> None:
    token, visitor_id = clicked(office)
    found = landing.read(office.collector.keys, token, AT)
    assert found == LandingToken("acme", "4711", "m1", visitor_id or "")


@pytest.mark.parametrize(
    ("target", "sent"),
    [("https://good.example/", {}), (LANDING, {"sec_gpc": "1"}), (LANDING, {"method": "HEAD"})],
    ids=["no-integration", "untracked", "head"],
)
def test_no_token_where_nothing_is_tracked_or_read(
    office: Desk, target: str, sent: dict[str, str]
) -> None:
    assert clicked(office, target, **sent)[0] == ""


def test_the_calls_of_a_browser_without_cookies_count_for_who_clicked(office: Desk) -> None:
    token, visitor_id = clicked(office)
    before = len(office.lines())
    sent = {"host": "collector.localhost"}
    office.get(f"/bakery/land?site=shop&t={token}", **sent)
    assert len(office.lines()) == before  # the click has said it all
    declared = "gdpr=0"
    office.get(f"/bakery/page?site=shop&u=https://good.example/&{declared}&t={token}", **sent)
    office.get(f"/bakery/sync/dmpsyncendpoint?site=shop&partner=snowplow&cookieid={SNOWPLOW_ID}"
               f"&read=false&{declared}&t={token}", **sent)  # fmt: skip
    assert [line["visitor"] for line in office.lines()[before:]] == [visitor_id] * 2


def test_a_token_of_another_client_counts_for_nobody(office: Desk) -> None:
    token, visitor_id = clicked(office)
    office.get(f"/bakery/page?site=beta-site&u=https://b.example/&gdpr=0&t={token}")
    assert office.lines()[-1]["visitor"] not in (None, visitor_id)


def test_our_cookie_goes_before_the_token(office: Desk) -> None:
    token, _ = clicked(office)
    cookie = sign(office.collector.keys.cookie, visitor(9))
    url = f"/bakery/page?site=shop&u=https://good.example/&gdpr=0&t={token}"
    office.get(url, cookie=f"mbid={cookie}")
    assert office.lines()[-1]["visitor"] == visitor(9)


def test_a_browser_with_another_cookie_gets_a_click_of_its_own(office: Desk) -> None:
    token, _ = clicked(office)
    cookie = sign(office.collector.keys.cookie, visitor(9))
    answer = office.get(f"/bakery/land?site=shop&t={token}", cookie=f"mbid={cookie}")
    assert header(answer, "set-cookie") is None
    line = office.lines()[-1]
    assert (line["type"], line["client"], line["visitor"]) == ("click", "acme", visitor(9))
    assert (line["contact"], line["message"]) == ("4711", "m1")


def test_the_same_cookie_says_nothing_new(office: Desk) -> None:
    token, visitor_id = clicked(office)
    cookie = sign(office.collector.keys.cookie, visitor_id or "")
    before = len(office.lines())
    assert office.get(f"/bakery/land?site=shop&t={token}", cookie=f"mbid={cookie}").status == 200
    assert len(office.lines()) == before


@pytest.mark.parametrize(
    ("site", "host", "is_partitioned"),
    [("shop", "px.acme.example", False), ("chips", "collector.localhost", True)],
    ids=["the-clients-own-host", "a-partitioned-site"],
)
def test_a_cookie_is_set_where_one_can_stay(
    office: Desk, site: str, host: str, is_partitioned: bool
) -> None:
    token, visitor_id = clicked(office)
    answer = office.get(f"/bakery/land?site={site}&t={token}", host=host)
    cookie = header(answer, "set-cookie") or ""
    assert cookie.endswith("; Partitioned") is is_partitioned
    line = office.lines()[-1]
    assert line["visitor"] == verify(office.collector.keys.cookie, cookie[5:].split(";")[0])
    assert line["visitor"] != visitor_id
    assert line["contact"] == "4711"


BAD = {
    "missing": ("site=shop", "missing_param"),
    "tampered": ("site=shop&t=gAAAAA", "bad_token"),
    "site": ("site=nowhere&t={token}", "unknown_site"),
    "no-integration": ("site=blog&t={token}", "unknown_site"),
    "of-another-client": ("site=beta-site&t={token}", "client_conflict"),
    "twice": ("site=shop&t={token}&t={token}", "dup_param"),
}


@pytest.mark.parametrize(("query", "reason"), BAD.values(), ids=BAD)
def test_a_bad_token_is_written_as_refused(office: Desk, query: str, reason: str) -> None:
    token, _ = clicked(office)
    answer = office.get("/bakery/land?" + query.format(token=token))
    assert (answer.status, header(answer, "refused")) == (200, reason)
    assert header(answer, "set-cookie") is None
    assert office.lines()[-1]["refused"] == reason


def test_an_old_token_is_refused(office: Desk) -> None:
    token, _ = clicked(office)
    office.get(f"/bakery/land?site=shop&t={token}", at=later(601))
    assert office.lines()[-1]["refused"] == "bad_token"


@pytest.mark.parametrize("withdrawn", ["switch", "contact"])
def test_what_was_withdrawn_since_the_click_counts(settings: Settings, withdrawn: str) -> None:
    with desk(settings) as office:
        token, _ = clicked(office)
        if withdrawn == "switch":
            acme = REGISTRY.clients[0].model_copy(update={"dmp_matching_link_click": None})
            clients = (acme, *REGISTRY.clients[1:])
            after = REGISTRY.model_copy(update={"clients": clients})
            registries.replace(settings, after, by="a test")
            office.collector.watch.look()
        else:
            suppressions.add(settings, subject_type="cep_contact", subject_id="4711")
            office.collector.contacts.look()
        answer = office.get(f"/bakery/land?site=shop&t={token}")
        assert header(answer, "set-cookie") is None
        line = office.lines()[-1]
        assert line["reason"] == {"switch": "switch_off", "contact": "opted_out"}[withdrawn]
        assert not line.get("contact")
