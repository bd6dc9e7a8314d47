"""The outgoing cookie sync: who is sent where, and what counts when a browser comes back.

Mapp's DMP: mapp-wiki 426091 Outbound (redirect template, `[[USERID]]`, signed sync).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from urllib.parse import quote, unquote, urlsplit

import pytest

from matchbook import registry as registries
from matchbook.settings import Settings
from matchbook.visitor_cookie import verify
from tests.mailing import AT, Desk, desk, header
from tests.outgoing import (
    COLLECTOR_HOST,
    PARTNER_HOST,
    REGISTRY,
    answered,
    is_gif,
    ours,
    out_url,
    return_url_in,
    sent_out,
)
from tests.pixel_lines import SNOWPLOW_ID, visitor

PIANO_ID = "cx:1qjrkuuq6t65jnzottt5akev:l3nfc0l5ionm"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(Settings(home=tmp_path_factory.mktemp("outgoing"), now=AT), REGISTRY) as made:
        yield made


def test_a_browser_is_sent_to_the_partner_with_our_return_url(office: Desk) -> None:
    before = len(office.lines())
    answer = office.get(out_url(), cookie=ours(office))
    location = header(answer, "location") or ""
    assert location.startswith(f"https://{PARTNER_HOST}/match?account=7&back=https%3A%2F%2F")
    assert location.endswith("%26userid%3D%5B%5BUSERID%5D%5D&v=2")
    assert header(answer, "cache-control") == "no-store"
    assert header(answer, "referrer-policy") == "no-referrer"
    back = return_url_in(location)
    assert back.startswith(f"https://{COLLECTOR_HOST}/bakery/sync/return?")
    assert visitor(7) not in location
    assert len(office.lines()) == before, "nothing has been learnt yet"


def test_a_clients_own_code_without_a_site(office: Desk) -> None:
    answer = office.get(out_url(None, "PO_1", "&gdpr=0"), cookie=ours(office))
    before, _, back = (header(answer, "location") or "").partition("?")
    assert before == "https://piano.example/"
    office.get(answered(unquote(back), PIANO_ID), cookie=ours(office))
    line = office.lines()[-1]
    assert (line["partner"], line["cookieid"], line["site"]) == ("PO_1", PIANO_ID, None)
    assert line["basis"] == "gdpr_not_applicable"


def test_a_site_may_be_named(office: Desk) -> None:
    office.get(answered(sent_out(office, out_url("The%20shop")), SNOWPLOW_ID), cookie=ours(office))
    assert office.lines()[-1]["site"] == "The shop"


def test_a_browser_without_our_cookie_gets_it_and_is_asked_once_more(office: Desk) -> None:
    before = len(office.lines())
    first = office.get(out_url())
    assert first.status == 302
    again = header(first, "location") or ""
    assert urlsplit(again)[:3] == ("", "", "/bakery/sync/out"), "nowhere but here"
    cookie = (header(first, "set-cookie") or "").split(";")[0]
    assert verify(office.collector.keys.cookie, cookie.removeprefix("mbid="))
    second = office.get(again, cookie=cookie)
    assert (header(second, "location") or "").startswith(f"https://{PARTNER_HOST}/")
    assert len(office.lines()) == before
    blocked = office.get(again)
    assert is_gif(blocked)
    assert header(blocked, "set-cookie") is None
    line = office.lines()[-1]
    assert (line["decision"], line["reason"]) == ("untracked", "no_cookie")


def test_the_same_partner_is_asked_once_in_three_days(office: Desk) -> None:
    answer = office.get(out_url(), cookie=ours(office))
    name, *attributes = (header(answer, "set-cookie") or "").split("; ")
    assert name == "mb_out.acme.snowplow=1"
    assert attributes == [
        "Max-Age=259200", "Path=/bakery/sync/out", "Secure", "HttpOnly", "SameSite=None"
    ]  # fmt: skip
    both = f"{ours(office)}; {name}"
    assert is_gif(office.get(out_url(), cookie=both))
    other = office.get(out_url(partner="piano"), cookie=both)
    assert other.status == 302
    assert (header(other, "set-cookie") or "").startswith("mb_out.acme.piano=1;")


def test_a_partitioned_site_gets_partitioned_cookies(office: Desk) -> None:
    first = office.get(out_url("chips"))
    assert (header(first, "set-cookie") or "").endswith("; Partitioned")
    cookie = (header(first, "set-cookie") or "").split(";")[0]
    second = office.get(header(first, "location") or "", cookie=cookie)
    assert (header(second, "set-cookie") or "").endswith("SameSite=None; Partitioned")
    back = answered(return_url_in(header(second, "location") or ""), SNOWPLOW_ID)
    office.get(back, cookie=cookie)
    assert (office.lines()[-1]["visitor"] or "").endswith("f")


@pytest.mark.parametrize(
    ("url", "says", "decision", "reason"),
    [
        (out_url("blog"), "", "untracked", "no_consent"),
        (out_url(more="&gdpr=1"), "", "untracked", "no_consent"),
        (out_url(more="&gdpr=1&gdpr_consent=x"), "", "untracked", "tc_unreadable"),
        (out_url(more="&gdpr=0"), "sec_gpc", "withdraw", "gpc"),
        (out_url(), "mb_optout", "withdraw", "opted_out"),
        (out_url(partner="tealium"), "sec_gpc", "withdraw", "gpc"),
    ],
    ids=["nothing-said", "gdpr", "broken", "gpc", "opted-out", "gpc-without-a-template"],
)
def test_without_consent_nobody_is_sent(
    office: Desk, url: str, says: str, decision: str, reason: str
) -> None:
    sent = {"sec_gpc": "1"} if says == "sec_gpc" else {}
    opted = "; mb_optout=1" if says == "mb_optout" else ""
    answer = office.get(url, cookie=ours(office) + opted, **sent)
    assert is_gif(answer)
    assert header(answer, "set-cookie") is None
    line = office.lines()[-1]
    assert (line["type"], line["decision"], line["reason"]) == ("sync", decision, reason)
    assert line["visitor"] == (visitor(7) if decision == "withdraw" else None)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (out_url(partner="nobody"), "unknown_partner"),
        (out_url("nowhere"), "unknown_site"),
        (out_url("beta-site", "PO_1"), "client_conflict"),
        (out_url(more="&partner=piano"), "dup_param"),
        ("/bakery/sync/out?site=shop", "missing_param"),
        (out_url(more="&x=jan%40example.com"), "personal_data"),
        (out_url("%ff"), "bad_encoding"),
    ],
)
def test_a_call_that_is_not_sound_is_refused(office: Desk, url: str, reason: str) -> None:
    answer = office.get(url, cookie=ours(office))
    assert is_gif(answer)
    assert header(answer, "set-cookie") is None
    assert (header(answer, "refused"), office.lines()[-1]["refused"]) == (reason, reason)


@pytest.mark.parametrize(
    "url", [out_url(partner="tealium"), out_url("beta-site")], ids=["partner", "client"]
)
def test_without_a_template_nobody_is_sent(office: Desk, url: str) -> None:
    answer = office.get(url, cookie=ours(office))
    assert is_gif(answer)
    assert header(answer, "refused") == "no_user_sync_url"
    assert header(answer, "set-cookie") is None


@pytest.mark.parametrize("how", ["HEAD", "prefetch"])
def test_a_prefetch_is_not_sent(office: Desk, how: str) -> None:
    cookie = ours(office)
    if how == "HEAD":
        answer = office.get(out_url(), method="HEAD", cookie=cookie)
    else:
        answer = office.get(out_url(), cookie=cookie, sec_purpose="prefetch")
    assert header(answer, "location") is None


def test_a_template_withdrawn_is_followed_by_collectors(settings: Settings) -> None:
    with desk(settings, REGISTRY) as office:
        acme = REGISTRY.clients[0]
        bare = tuple(p.model_copy(update={"user_sync_url": None}) for p in acme.partners)
        clients = (acme.model_copy(update={"partners": bare}), *REGISTRY.clients[1:])
        without = REGISTRY.model_copy(update={"clients": clients})
        registries.replace(settings, without, by="a test")
        office.collector.watch.look()
        assert header(office.get(out_url(), cookie=ours(office)), "location") is None


NASTY = (
    "https%3A%2F%2Fevil.example%2F", "//evil.example", "%2F%2Fevil.example", "javascript:alert(1)",
    "%0d%0aLocation:%20https://evil.example", "%0aSet-Cookie:x=1", "{return_url}", "[[USERID]]",
    "%00", "%", "\u00e9", "a" * 4000, "@evil.example", "evil.example%23", "..%2f..%2f", "shop",
    "snowplow", "PO_1", "The%20shop", "0", "1", "x%2540y.nl",
)  # fmt: skip
NAMES = ("site", "partner", "gdpr", "gdpr_consent", "again", "back", "return_url", "url", "userid",
         "u", "redirect", "ts", "sig")  # fmt: skip


def test_hostile_calls_lead_nowhere_else(office: Desk) -> None:
    chance, leads = random.Random(3), set()
    for _ in range(3_000):
        names = chance.choices(NAMES, k=chance.randint(0, 5))
        parts = [f"{name}={chance.choice(NASTY)}" for name in names]
        parts += chance.choice(([], ["site=shop", "partner=snowplow"], ["partner=PO_1", "gdpr=0"]))
        path = chance.choice(("/bakery/sync/out?", "/bakery/sync/return?"))
        sent = {"cookie": ours(office)} if chance.random() < 0.7 else {}
        answer = office.get(path + "&".join(parts), host=COLLECTOR_HOST, **sent)
        assert answer.status in (200, 302)
        for _, value in answer.headers:
            assert value.isascii()
            assert value.isprintable()
        location = header(answer, "location")
        if location is not None:
            leads.add(location.partition("?")[0])
    assert leads == {"/bakery/sync/out", f"https://{PARTNER_HOST}/match", "https://piano.example/"}


def test_the_callers_referrer_and_url_parameters_are_not_passed_on(office: Desk) -> None:
    extra = f"&back={quote('https://evil.example')}&t=secret&u=private"
    url = out_url(more=extra)
    answer = office.get(url, cookie=ours(office), referer="https://shop.example/private")
    location = header(answer, "location") or ""
    for text in ("evil", "secret", "private"):
        assert text not in location
