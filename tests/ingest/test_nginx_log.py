"""The real nginx by itself: what it answers, its hit log, and what becomes of that."""

from __future__ import annotations

import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from matchbook.keys import load_keys
from matchbook.settings import Settings
from tests.collecting import free_port
from tests.inbox_landing import Outcomes, landed
from tests.nginx import EXAMPLES, Nginx, nginx_before, until
from tests.pixel_lines import REGISTRY, cookie, sync, visitor

pytestmark = pytest.mark.needs("nginx")


class Alone:
    """nginx before a collector that is not there."""

    def __init__(self, nginx: Nginx, settings: Settings) -> None:
        self.nginx, self.settings = nginx, settings
        self.keys = load_keys(settings.keys)
        self.inbox = settings.inbox / "pixels"
        self.inbox.mkdir(parents=True)

    def sync(self, number: int, **headers: str) -> httpx.Response:
        """A sync of a browser with our cookie."""
        sent = {"cookie": f"mbid={cookie(self.keys, number)}"} | headers
        return self.nginx.get(sync(cookie_id(number)), headers=sent)

    def is_answered(self, number: int) -> bool:
        """Whether such a call has an answer, its connection not having died with a worker."""
        try:
            return self.sync(number).status_code == 200
        except httpx.TransportError:
            return False

    def landed(self) -> tuple[Outcomes, list[dict[str, Any]]]:
        """What ingest makes of the inbox."""
        return landed(self.settings, REGISTRY, self.keys)


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Alone]:
    with nginx_before(free_port(), tmp_path / "nginx") as nginx:
        yield Alone(nginx, Settings(home=tmp_path / "home"))


def cookie_id(number: int) -> str:
    return f"ecdff4d0-9175-40ac-a8bb-{number:012x}"


def test_a_forged_cookie_is_no_visitor(alone: Alone) -> None:
    forged = f"mbid=1.{visitor(7)}.{'A' * 22}"
    assert "set-cookie" not in alone.sync(1, cookie=forged).headers
    alone.nginx.close()
    alone.nginx.hand_over_stopped(alone.inbox)
    outcomes, hits = alone.landed()
    assert (outcomes, hits) == (Counter({("untracked", "no_cookie"): 1}), [])


def test_what_nginx_answers(alone: Alone) -> None:
    answer = alone.sync(1, referer="https://shop.example/jan@example.org?email=jan@example.org")
    assert (answer.status_code, len(answer.content), answer.content[:6]) == (200, 43, b"GIF89a")
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    assert (
        alone.sync(1, **{"if-modified-since": answer.headers["last-modified"]}).status_code == 200
    )
    (line, _) = alone.nginx.close()
    assert line["cookie"] == cookie(alone.keys, 1)
    assert line["referrer"] == "https://shop.example/"


def test_other_hosts_are_misdirected(alone: Alone) -> None:
    assert alone.sync(1, host="evil.example").status_code == 421
    assert alone.nginx.close() == []


def test_the_log_is_handed_over_under_load(alone: Alone) -> None:
    """Each answered call is in exactly one line of exactly one file in the inbox."""
    inbox = alone.inbox
    stop = threading.Event()

    def load(worker: int) -> int:
        number = 0
        while not stop.is_set():
            number += 1
            assert alone.sync(worker * 100_000 + number).status_code == 200
        return number

    with ThreadPoolExecutor(3) as pool:
        workers = [pool.submit(load, worker) for worker in (1, 2)]
        for _ in range(2):
            until(lambda: alone.nginx.log.exists() and alone.nginx.log.stat().st_size)
            alone.nginx.hand_over(inbox)
        stop.set()
    sent = sum(worker.result() for worker in workers)
    alone.nginx.close()
    alone.nginx.hand_over_stopped(inbox)
    assert len(list(inbox.iterdir())) == 3
    outcomes, hits = alone.landed()
    assert outcomes == Counter({("accepted", None): sent})
    assert len({hit["partner_cookie_id"] for hit in hits}) == sent


def test_a_hand_over_cut_short_is_finished(alone: Alone) -> None:
    inbox = alone.inbox
    alone.sync(1)
    until(lambda: alone.nginx.log.stat().st_size)
    alone.nginx.log.rename(f"{alone.nginx.log}.cut-{os.uname().nodename}-1")
    alone.sync(2)
    alone.nginx.hand_over(inbox)
    alone.sync(3)
    until(lambda: alone.nginx.log.exists() and alone.nginx.log.stat().st_size)
    (inbox / "left").mkdir()
    alone.nginx.hand_over(inbox / "left")
    (path,) = (inbox / "left").iterdir()
    path.rename(inbox / f"{path.name}.part")
    alone.nginx.hand_over(inbox)
    _, hits = alone.landed()
    assert {hit["partner_cookie_id"] for hit in hits} == {cookie_id(n) for n in (1, 2, 3)}


def test_a_reload_loses_nothing(alone: Alone) -> None:
    """Lines that an old worker still held are written when it ends."""
    assert alone.sync(1).status_code == 200
    old = alone.nginx.workers()
    alone.nginx.process.send_signal(signal.SIGHUP)
    alone.nginx.client.close()
    until(lambda: not set(old) & set(alone.nginx.workers()))
    assert alone.nginx.lines()[-1]["uri"] == sync(cookie_id(1))


def test_killed_workers_lose_a_second_at_most(alone: Alone) -> None:
    """What was answered more than a second before the kill is in the log."""
    for number in range(1, 21):
        alone.sync(number)
    until(lambda: len(alone.nginx.lines()) == 20)
    for number in range(21, 41):
        alone.sync(number)
    for pid in alone.nginx.workers():
        os.kill(pid, signal.SIGKILL)
    until(lambda: alone.is_answered(41))
    kept = Counter(line["uri"] for line in alone.nginx.close())
    assert {sync(cookie_id(n)) for n in (*range(1, 21), 41)} <= kept.keys()
    assert {kept[sync(cookie_id(n))] for n in range(1, 41)} <= {0, 1}


def test_the_profile_issues_nothing() -> None:
    text = (EXAMPLES / "nginx-collector.conf").read_text()
    assert not re.search(
        r"^\s*(userid|add_header\s+Set-Cookie)", text, re.MULTILINE | re.IGNORECASE
    )
