"""Killed at any step of a push to a partner: each change once, and the books are right (P25)."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from matchbook.failpoints import AUDIENCE_FILE_FAILPOINTS
from matchbook.pushes import asking, outbox, partner_files
from matchbook.settings import Settings
from tests.exporters.audience_shop import (
    applied,
    ask,
    cookie,
    held,
    make,
    pushed,
    rows,
    with_cookies,
)
from tests.exporters.cep.pushing import later, next_night, person
from tests.exporters.cep.worker import forked_worker_dies
from tests.sizes import a_few_now

EVERYBODY = {cookie(n) for n in range(120)}


@pytest.fixture
def received(tmp_path: Path) -> Path:
    folder = tmp_path / "received"
    folder.mkdir()
    return folder


@pytest.fixture
def shop(tmp_path: Path, received: Path) -> Settings:
    """Three files a push, so that one of them can be there when the worker dies."""
    return make(tmp_path / "home", received.as_uri(), overrides={"max_rows": 50})


@pytest.mark.parametrize("failpoint", a_few_now(AUDIENCE_FILE_FAILPOINTS, "audience_file.sent"))
def test_P25_killed_it_goes_on(shop: Settings, received: Path, failpoint: str) -> None:
    push = ask(shop)
    assert forked_worker_dies(shop, failpoint), "the failpoint is never reached"
    assert pushed(later(shop, minutes=1), push).state == "done"
    assert len(rows(received)) == 120
    assert applied(received) == held(shop) == EVERYBODY
    assert not partner_files.folder(shop, push).exists()


@pytest.mark.parametrize(
    ("failpoint", "word"),
    [("audience_file.frozen", "failed"), ("audience_file.sent", "failed"),
     ("audience_file.sent", "cancelling"), ("audience_file.held_written", "failed")],
)  # fmt: skip
def test_given_up_in_the_middle_the_next_one_sets_it_right(
    shop: Settings, received: Path, failpoint: str, word: str
) -> None:
    """Some of its files may be there: who must not be in is taken out, who must be is told."""
    push = ask(shop)
    assert forked_worker_dies(shop, failpoint)
    outbox.note(shop, push, state=word)
    night = next_night(shop, [person(n) for n in range(10, 125)])
    with_cookies(night)
    again = ask(night, key="again")
    pushed(night, again)
    assert pushed(night, again).state == "done"
    assert outbox.get(night, push.push_id).state in ("replaced", "cancelled")
    assert applied(received) == held(night) == {cookie(n) for n in range(10, 125)}


def test_bytes_that_are_gone_are_told_anew(shop: Settings, received: Path) -> None:
    push = ask(shop)
    assert forked_worker_dies(shop, "audience_file.sent")
    for path in partner_files.folder(shop, push).glob("*.gz"):
        path.unlink()
    for path in received.iterdir():
        path.write_bytes(gzip.compress(b"", mtime=0))  # as one that came half
    assert pushed(later(shop, minutes=1), push).state == "stuck"
    for path in received.iterdir():
        path.unlink()
    asking.retry(shop, push)
    assert pushed(later(shop, minutes=2), push).state == "done"
    assert applied(received) == held(shop) == EVERYBODY
