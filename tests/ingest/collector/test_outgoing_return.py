"""What counts when a browser comes back: for it alone, for ten minutes, and unchanged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ingest.collector.outgoing import signature
from matchbook.settings import Settings
from tests.mailing import AT, Desk, desk, header, later
from tests.outgoing import COLLECTOR_HOST, REGISTRY, answered, is_gif, ours, out_url, sent_out
from tests.pixel_lines import SNOWPLOW_ID, visitor
from tests.tc_strings import ALLOW


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(Settings(home=tmp_path_factory.mktemp("return"), now=AT), REGISTRY) as made:
        yield made


def test_its_return_is_a_sync(office: Desk) -> None:
    answer = office.get(answered(sent_out(office), SNOWPLOW_ID), cookie=ours(office))
    assert is_gif(answer)
    assert header(answer, "set-cookie") is None
    line = office.lines()[-1]
    assert (line["type"], line["site"], line["partner"]) == ("sync", "shop", "snowplow")
    assert (line["cookieid"], line["visitor"]) == (SNOWPLOW_ID, visitor(7))
    assert (line["decision"], line["basis"]) == ("tracked", "declared")


def test_consent_comes_back_as_it_went(office: Desk) -> None:
    back = sent_out(office, out_url("blog", more=f"&gdpr=1&gdpr_consent={ALLOW}"))
    office.get(answered(back, SNOWPLOW_ID), cookie=ours(office))
    assert (office.lines()[-1]["decision"], office.lines()[-1]["basis"]) == ("tracked", "tcf")
    stripped = back.replace("gdpr=1", "gdpr=0")
    office.get(answered(stripped, SNOWPLOW_ID), cookie=ours(office))
    assert office.lines()[-1]["refused"] == "bad_signature"


@pytest.mark.parametrize("refusal", ["gpc", "opted_out"])
def test_a_refusal_on_the_way_counts(office: Desk, refusal: str) -> None:
    back, cookie = answered(sent_out(office), SNOWPLOW_ID), ours(office)
    if refusal == "gpc":
        office.get(back, cookie=cookie, sec_gpc="1")
    else:
        office.get(back, cookie=f"{cookie}; mb_optout=1")
    line = office.lines()[-1]
    assert (line["decision"], line["reason"], line["cookieid"]) == ("withdraw", refusal, None)


def refused_return(office: Desk, url: str, cookie: str, seconds: float = 0) -> str:
    """The reason why a return call is refused; it sets no cookie."""
    answer = office.get(url, cookie=cookie, at=later(seconds))
    assert is_gif(answer)
    assert header(answer, "set-cookie") is None
    line = office.lines()[-1]
    assert set(line) == {"mb", "hit_id", "at", "type", "refused"}
    assert line["refused"] == header(answer, "refused")
    return str(line["refused"])


def test_a_return_of_another_browser_is_refused(office: Desk) -> None:
    back = answered(sent_out(office), SNOWPLOW_ID)
    forged = f"mbid=1.{visitor(7)}.{'A' * 22}"
    for cookie in (ours(office, 8), "", "mbid=x", forged):
        assert refused_return(office, back, cookie) == "bad_signature"


def test_a_return_is_good_for_ten_minutes(office: Desk) -> None:
    back, cookie = answered(sent_out(office), SNOWPLOW_ID), ours(office)
    for seconds in (601, 86_400, -61):
        assert refused_return(office, back, cookie, seconds) == "bad_signature"
    for seconds in (600, -60):  # clocks of two collectors differ a little
        office.get(back, cookie=cookie, at=later(seconds))
        assert office.lines()[-1]["decision"] == "tracked"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("partner=snowplow", "partner=tealium"),
        ("site=shop", "site=chips"),
        ("site=shop&", ""),
        ("ts=17", "ts=18"),
        ("ts=", "ts=0"),
        ("ts=", "ts=%D9%A1"),
        ("ts=", "ts=-"),
        ("sig=", "sig=A"),
        ("sig=", "sig=%C3%A9"),
        ("sig=", "sig=&old="),
        ("partner=", "gdpr=0&partner="),
    ],
)
def test_a_changed_return_is_refused(office: Desk, before: str, after: str) -> None:
    back = answered(sent_out(office), SNOWPLOW_ID)
    assert before in back
    changed = back.replace(before, after, 1)
    assert refused_return(office, changed, ours(office)) == "bad_signature"


@pytest.mark.parametrize(
    ("userid", "reason"),
    [
        ("%5B%5BUSERID%5D%5D", "unexpanded_macro"),
        ("NULL", "unexpanded_macro"),
        ("jan%40example.com", "personal_data"),
        ("%2B31612345678", "personal_data"),
        ("a%0D%0ASet-Cookie%3A%20x%3D1", "bad_cookie_id"),
        ("00000000-0000-0000-0000-000000000000", "sentinel_id"),
        ("a" * 300, "bad_cookie_id"),
        ("%ff", "bad_encoding"),
        (f"{SNOWPLOW_ID}&userid={SNOWPLOW_ID}", "dup_param"),
    ],
)
def test_a_returned_id_is_judged_as_one_of_a_sync(office: Desk, userid: str, reason: str) -> None:
    back = sent_out(office).removeprefix(f"https://{COLLECTOR_HOST}")
    assert refused_return(office, back.replace("[[USERID]]", userid), ours(office)) == reason


def test_parts_of_a_return_are_needed(office: Desk) -> None:
    back = answered(sent_out(office), SNOWPLOW_ID)
    for name in ("partner", "ts", "sig", "userid"):
        without = back.replace(f"{name}=", f"not{name}=")
        assert refused_return(office, without, ours(office)) == "missing_param"


def test_a_signature_serves_no_other_purpose_or_instance() -> None:
    said = {"site": "shop", "partner": "snowplow"}
    made = signature(b"key", said, visitor(7), "1")
    assert len(made) == 22
    assert made == signature(b"key", dict(reversed(said.items())), visitor(7), "1")
    for other in (
        signature(b"other", said, visitor(7), "1"),
        signature(b"key", said, visitor(8), "1"),
        signature(b"key", said, visitor(7), "2"),
        signature(b"key", {"site": "shop\0", "partner": "snowplow"}, visitor(7), "1"),
        signature(b"key", {"partner": "shopsnowplow"}, visitor(7), "1"),
    ):
        assert other != made
