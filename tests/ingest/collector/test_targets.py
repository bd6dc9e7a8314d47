"""P31: a redirect only ever goes to a listed https host, as three parsers read it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import ada_url
import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.collector.targets import TargetRefused, checked_target
from matchbook.registry import Client
from matchbook.settings import Settings
from tests.mailing import Desk, desk, header

LISTED = ("good.example", "www.good.example")
CLIENT = Client(client_id="acme", name="Acme", landing_hosts=LISTED)

SCHEMES = ("https://", "//", "https:", "https:/", "https:///", "http://", "javascript://",
           "HtTpS://", " https://", "https\t://", "https:\\\\", "/\\", "\\\\", "")  # fmt: skip
AUTHORITIES = (
    "evil.example", "good.example@evil.example", "good.example:x@evil.example",
    "good.example%40evil.example", "good.example\\@evil.example", "good.example\\.evil.example",
    "good.example#@evil.example", "good.example?@evil.example", "good.example%2fevil.example",
    "good.example%00.evil.example", "good.example\x00.evil.example", "good.example\n.evil.example",
    "good.example.evil.example", "evilgood.example", "evil.example:443#good.example",
    "good.example:443@evil.example", "good.example\u3002evil.example", "good.example:99999",
    "evil.example\uff0fgood.example",
    "g\u043eod.example", "ｇood.example", "good.example\u00ad.evil.example", "[::1]",
    "2130706433", "0x7f.1", "good.example..", ".good.example", "good..example", "*.good.example",
    "good.example;evil.example", "good.example,evil.example", "evil.example/good.example",
    "good.example\u2028@evil.example", "xn--god-jla.example", "good.example\r\nLocation: x",
)  # fmt: skip
HOSTILE = [scheme + authority for scheme, authority in itertools.product(SCHEMES, AUTHORITIES)]


def read_by_others(location: str) -> set[tuple[str, str]]:
    """Scheme and host as urllib (RFC 3986), httpx (RFC 3986 and IDNA) and ada (WHATWG) see them."""
    plain, other, browser = urlsplit(location), httpx.URL(location), ada_url.URL(location)
    return {
        (plain.scheme, plain.hostname or ""),
        (other.scheme, other.host),
        (browser.protocol.rstrip(":"), browser.hostname),
    }


def check(target: str) -> bool:
    """Whether a target is let through; if so, three parsers must agree that it is listed."""
    try:
        location = checked_target(target, CLIENT, lambda host: host == "px.good.example")
    except TargetRefused:
        return False
    assert location.isascii()
    assert location.isprintable()
    assert not set(location) & set(' \\"<>')
    assert len(read_by_others(location)) == 1
    assert read_by_others(location) <= {("https", host) for host in LISTED}
    assert checked_target(location, CLIENT, lambda _: False) == location
    return True


def test_hostile_targets_stay_within_the_list() -> None:
    assert len(HOSTILE) > 100
    through = [target for target in HOSTILE if check(target)]
    assert through == [
        f"{scheme}good.example{rest}"
        for scheme in ("https://", "HtTpS://")
        for rest in ("#@evil.example", "?@evil.example")
    ]


@pytest.mark.parametrize("target", ["https://good.example/a", "https://www.good.example"])
def test_good_targets_come_through(target: str) -> None:
    assert check(target)


MUTATIONS = st.one_of(
    st.sampled_from(["\\", "@", "/", "//", ":", "#", "?", "%", ".", "\t", "\r\n", "\x00", "%00",
                     "%2f", "%5c", "%40", "%0d%0a", "\u3002", "\uff0e", "\u00ad", "\u200b", "[",
                     "]", "evil.example", ".evil.example", "@evil.example", " ", "\ud800",
                     "ß", "K"]),
    st.characters(),
)  # fmt: skip


@given(st.sampled_from([*HOSTILE, "https://good.example/sale?a=1#now"]), st.lists(
    st.tuples(st.integers(0, 40), MUTATIONS), max_size=4))  # fmt: skip
@example("https://good.example", [(8, "x@")])
def test_no_mutation_leaves_the_list(target: str, changes: list[tuple[int, str]]) -> None:
    for place, text in changes:
        target = target[:place] + text + target[place:]
    check(target)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(Settings(home=tmp_path_factory.mktemp("targets"))) as made:
        yield made


def test_not_even_a_signature_lets_a_hostile_target_through(office: Desk) -> None:
    """Over the handler: no Location outside the list, no header that was not meant."""
    for target in HOSTILE[:200]:
        answer = office.get(office.link(target=target))
        assert {name for name, _ in answer.headers} <= {
            "content-type", "cache-control", "content-security-policy", "referrer-policy",
            "x-content-type-options", "location", "set-cookie", "content-length",
        }  # fmt: skip
        assert all(value.isprintable() and value.isascii() for _, value in answer.headers)
        location = header(answer, "location")
        if location is not None:
            assert read_by_others(location) == {("https", "good.example")}
        unsigned = office.get(
            f"/bakery/click?client=acme&contact=1&message=m&u={quote(target)}&sig=x"
        )
        assert (unsigned.status, header(unsigned, "location")) == (400, None)
