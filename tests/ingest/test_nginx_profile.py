"""The real nginx before the real collector: who answers what, and that nothing else differs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from matchbook.keys import load_keys
from matchbook.settings import Settings
from tests.collecting import Collecting, collecting
from tests.inbox_landing import landed
from tests.nginx import HOST, Nginx, nginx_before
from tests.nginx_calls import CASES, COOKIED, NGINX, REGISTRY
from tests.pixel_lines import cookie, sync, visitor

pytestmark = pytest.mark.needs("nginx")

SETTINGS = {"MATCHBOOK_COLLECTOR_HOSTS": HOST, "MATCHBOOK_TRUSTED_PROXIES": "127.0.0.1"}
BY_HEADER = "set_real_ip_from 127.0.0.1; real_ip_header X-Test-Address;"
"""Lets a test say which address nginx sees."""
HASH = "5e8848" + "9d" * 29


class Front:
    """nginx and the collector behind it."""

    def __init__(self, nginx: Nginx, collector: Collecting) -> None:
        self.nginx, self.collector = nginx, collector

    def sync(self, number: int, url: str = "", **headers: str):
        """A sync of a browser with our cookie."""
        sent = {"cookie": f"mbid={cookie(self.collector.keys, number)}"} | headers
        return self.nginx.get(url or sync(cookie_id(number)), headers=sent)


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    settings = Settings(home=tmp_path / "home")
    with (
        collecting(settings, REGISTRY, **SETTINGS) as collector,
        nginx_before(collector.port, tmp_path / "nginx", more=BY_HEADER) as nginx,
    ):
        yield Front(nginx, collector)


def cookie_id(number: int) -> str:
    return f"ecdff4d0-9175-40ac-a8bb-{number:012x}"


def test_only_who_answers_differs(tmp_path: Path) -> None:
    """The same calls, once through nginx over TLS and once without it, land as the same rows."""
    before, alone = Settings(home=tmp_path / "before"), Settings(home=tmp_path / "alone")
    keys = load_keys(before.keys)
    shutil.copytree(before.keys, alone.keys)
    with collecting(alone, REGISTRY, **SETTINGS) as collector:
        collector.client.headers["host"] = HOST
        alone_answers = {case.name: case.send(collector.get, keys) for case in CASES}
        collector.close()
    with (
        collecting(before, REGISTRY, **SETTINGS) as collector,
        nginx_before(collector.port, tmp_path / "nginx", tls=True) as nginx,
    ):
        answers = {case.name: case.send(nginx.get, keys) for case in CASES}
        by_nginx = nginx.close()
        nginx.hand_over_stopped(before.inbox / "pixels")
        collector.close()

    assert {line["uri"] for line in by_nginx} == {c.url for c in CASES if c.answered_by == NGINX}
    for case in CASES:
        assert seen(answers[case.name]) == seen(alone_answers[case.name]), case.name
    outcomes, hits = landed(before, REGISTRY, keys)
    alone_outcomes, alone_hits = landed(alone, REGISTRY, keys)
    assert outcomes == alone_outcomes
    assert named(hits) == named(alone_hits)
    assert sum(outcomes.values()) == sum(case.is_logged for case in CASES)
    assert {outcome for outcome, _ in outcomes} == {"accepted", "untracked", "quarantined"}


def seen(answer) -> tuple:
    """What a browser sees of an answer; a new visitor id is random."""
    names = ("content-type", "cache-control", "cross-origin-resource-policy",
             "x-content-type-options", "allow")  # fmt: skip
    cookie_set = re.sub(r"mbid=[^;]+", "mbid=…", answer.headers.get("set-cookie", ""))
    content = len(answer.content) if answer.content[:3] == b"GIF" else answer.content
    return answer.status_code, content, cookie_set, [answer.headers.get(n) for n in names]


def named(hits: list[dict]) -> list[dict]:
    """Hits with the visitors that are new called so."""
    known = {visitor(n) for n in range(COOKIED + 1)}
    fresh = [
        h | {"visitor_id": h["visitor_id"] if h["visitor_id"] in known else "new"} for h in hits
    ]
    return sorted(fresh, key=str)


ADDRESSES = {
    "203.0.113.9": "203.0.113.0/24",
    "2001:db8:1:2::3": "2001:db8:1::/48",
    "2001:db8:1::3": "2001:db8:1::/48",
    "2001:db8::3": "2001:db8::/48",
    "2001::3": "2001::/48",
    "::1": "::/48",
    "::ffff:203.0.114.9": "203.0.114.0/24",
}


def test_addresses_are_cut(front: Front) -> None:
    """In nginx's line and, passed on, in the collector's; the caller's own word counts nothing."""
    numbers = {cookie_id(number): prefix for number, prefix in enumerate(ADDRESSES.values())}
    for number, address in enumerate(ADDRESSES):
        told = {"x-test-address": address, "x-forwarded-for": "198.51.100.7"}
        front.sync(number, **told)
        front.sync(number, **told, **{"sec-gpc": "0"})
    by_nginx, by_collector = front.nginx.close(), front.collector.close()
    assert len(by_nginx) == len(by_collector) == len(ADDRESSES)
    assert ADDRESSES.keys().isdisjoint(line["remote_addr"] for line in by_nginx)
    front.nginx.hand_over_stopped(front.collector.settings.inbox / "pixels")
    _, hits = landed(front.collector.settings, REGISTRY, front.collector.keys)
    found = {(hit["partner_cookie_id"], hit["ip_prefix"]) for hit in hits}
    assert found == numbers.items()
    assert len(hits) == 2 * len(ADDRESSES)


def test_hashes_are_in_no_log_file(front: Front) -> None:
    """Neither while the collector answers nor when it is gone and nginx has errors to report."""
    calls = [
        f"/bakery/identify?site=shop&email={HASH}",
        f"/bakery/bake?publisher=dap_1&email={HASH}",
        sync() + f"&email={HASH}",
        sync(HASH + "@example.org"),
        f"/bakery/sync/dmpsyncendpoint/{HASH}?email={HASH}",
        f"/elsewhere?email={HASH}",
    ]
    for call in calls:
        front.sync(1, call, referer=f"https://shop.example/{HASH}")
        front.sync(1, referer=f"https://shop.example/{HASH}")
        assert front.nginx.get(call, content=b"." * 9_000).status_code in {404, 413}
    front.collector.process.kill()
    front.collector.process.wait()
    assert [front.sync(1, call).status_code for call in calls] == [502] * 5 + [404]
    assert front.sync(1).status_code == 200
    front.nginx.close()
    files = [path for path in front.nginx.folder.rglob("*") if path.is_file()]
    files += front.collector.settings.collector.iterdir()
    assert [path.name for path in files if HASH.encode() in path.read_bytes()] == []
    passed = (front.nginx.folder / "log" / "nginx-passed.log").read_text()
    assert '"path":"/bakery/identify","status":502,"collector":"502"' in passed
