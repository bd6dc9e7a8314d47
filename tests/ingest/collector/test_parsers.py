"""P6: whatever a call holds, its parsers raise nothing, take no time and keep nothing."""

from __future__ import annotations

import gc
import random
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import _lru_cache_wrapper
from pathlib import Path

import pytest

from ingest.collector.app import ROUTES, App
from matchbook.settings import Settings
from tests.consent_cases import AT
from tests.mailing import GOOD, Desk, desk
from tests.pixel_lines import AGENTS, cookie, sync
from tests.tc_strings import ALLOW, tc_string

SMALL, STATED = 3_000, 200_000
LONGEST = 1.0
"""Seconds of computing for one input."""
PIECES = (
    "", "%", "%%", "%00", "%ff", "%C3%A9", "%2540", "&", "&&", "=", "==", ";", "\n", "\r", "\t",
    " ", "\x00", "\x7f", "\u00e9", "\u2028", "\ufffd", "@", ".", "..", "//", "\\", "#", "?", "[",
    "${X}", "$$", "%%X%%", "<x>", "a" * 300, "1" * 400, "%25" * 200, "-" * 100, "\u0661", "mbid=",
    "mb_optout=1", "gdpr=1", "gdpr_consent=", "&site=", "1, 1", "prefetch", ":", "::1", "[::1", "~",
)  # fmt: skip
HASH = "ab" * 32


@dataclass
class Scope:
    """A request as the server hands it over."""

    method: str
    path: str
    query_string: str
    headers: dict[str, str]
    proto: str = "http"
    client: str = "192.0.2.7:1"
    authority: str | None = field(default=None)


def test_p6_mutated_calls(tmp_path: Path) -> None:
    slowest, _ = mutated(tmp_path, SMALL)
    assert slowest < LONGEST


@pytest.mark.proof
@pytest.mark.timed
def test_p6_at_its_stated_size(tmp_path: Path) -> None:
    tracemalloc.start()
    slowest, grown = mutated(tmp_path, STATED)
    tracemalloc.stop()
    print(
        f"\nP6: {STATED:,} mutated calls: 0 raised, the slowest took {slowest * 1e3:.1f} ms, "
        f"memory grew by {grown / 2**20:.1f} MiB over the second half"
    )
    assert slowest < LONGEST
    assert grown < 2**20


def mutated(home: Path, count: int) -> tuple[float, int]:
    """Answer mutated calls; seconds of the slowest, bytes of growth over the second half."""
    chance = random.Random(6)
    slowest, at_half = 0.0, 0
    with desk(Settings(home=home, now=AT)) as office:
        app, seeds = App(office.collector), list(good_calls(office))
        for number in range(count):
            call = changed(chance.choice(seeds), chance)
            begun = time.thread_time()
            answer = app.answer(call, call.path)
            slowest = max(slowest, time.thread_time() - begun)
            assert answer.status < 500, (call.path, answer.body)
            if number % 64 == 0:
                assert office.collector.log.write_out()
            if number == count // 2:
                at_half = kept_beside_caches()
        return slowest, kept_beside_caches() - at_half


def kept_beside_caches() -> int:
    """Bytes in use, once the caches, which have their bounds, are empty; 0 if nobody traces."""
    if not tracemalloc.is_tracing():
        return 0
    for found in gc.get_objects():
        if isinstance(found, _lru_cache_wrapper):
            found.cache_clear()
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def good_calls(office: Desk) -> Iterator[Scope]:
    """One of each kind."""
    ours = cookie(office.collector.keys)
    headers = {"host": "px.acme.example", "cookie": f"_ga=1; mbid={ours}; mb_out.acme.piano=1"}
    urls = [
        sync(), sync() + f"&gdpr=1&gdpr_consent={ALLOW}",
        sync() + f"&gdpr=1&gdpr_consent={tc_string(as_ranges=True, vendors=range(1, 40))}",
        f"/bakery/page?site=shop&u={GOOD}", "/bakery/event?site=shop&name=cart",
        f"/bakery/identify?site=shop&email={HASH}&phone={HASH}",
        f"/bakery/bake?publisher=dap_1&email={HASH}",
        office.link() + "&consent=1", office.link("read"), "/bakery/optout?lang=nl",
        "/.well-known/gpc.json?x=1", "/bakery/pixel.js?site=shop",
        "/bakery/land?site=shop&t=" + "gAAAAAB" * 20,
        "/bakery/sync/out?site=shop&partner=piano",
        "/bakery/sync/return?site=shop&partner=piano&ts=1790000000&sig=" + "A" * 22 + "&userid=x",
    ]  # fmt: skip
    assert {url.partition("?")[0] for url in urls} == ROUTES.keys()
    for number, url in enumerate(urls):
        path, _, query = url.partition("?")
        more = {"user-agent": AGENTS[number % 3], "referer": GOOD, "accept-language": "nl;q=0.9,en"}
        yield Scope("GET", path, query, headers | more)


def changed(seed: Scope, chance: random.Random) -> Scope:
    """The call with a few places of its query and headers overwritten, doubled or cut."""
    headers = dict(seed.headers)
    for _ in range(chance.choice((0, 0, 1, 2))):
        name = chance.choice([*headers, "sec-gpc", "purpose", "x-forwarded-for", "if-none-match"])
        headers[name] = spoilt(headers.get(name, "1"), chance)
    query = seed.query_string
    for _ in range(chance.choice((0, 1, 1, 2, 6))):
        query = spoilt(query, chance)
    method = chance.choice(("GET", "GET", "GET", "HEAD", "POST"))
    return Scope(method, seed.path, query, headers)


def spoilt(text: str, chance: random.Random) -> str:
    """One change."""
    start = chance.randint(0, len(text))
    end = chance.choice((start, min(len(text), start + chance.randint(0, 12))))
    piece = chance.choice((*PIECES, text[: chance.randint(0, 60)], chr(chance.randrange(1, 0x2FF))))
    return text[:start] + piece + text[end:]
