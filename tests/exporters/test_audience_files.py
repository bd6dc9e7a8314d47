"""Audiences at partners: files of the partner's own cookie ids, each change once."""

from __future__ import annotations

from pathlib import Path

import pytest

from matchbook import partner_channels, suppressions
from matchbook.errors import ConfigError
from matchbook.pushes import (
    asking,
    confirming,
    forgetting,
    leaving,
    partner_files,
    partner_forgetting,
    targets,
)
from matchbook.settings import Settings
from tests.exporters.audience_shop import (
    TEALIUM,
    ask,
    cookie,
    held,
    make,
    pushed,
    rows,
    with_cookies,
)
from tests.exporters.cep.pushing import LOYAL, next_night, person
from tests.exporters.cep.worker import forked_worker_dies
from tests.matchbook.kept_audiences.nights import SHOP


@pytest.fixture
def received(tmp_path: Path) -> Path:
    folder = tmp_path / "received"
    folder.mkdir()
    return folder


@pytest.fixture
def shop(tmp_path: Path, received: Path) -> Settings:
    return make(tmp_path / "home", received.as_uri())


def test_a_file_of_the_partners_own_ids(shop: Settings, received: Path) -> None:
    done = pushed(shop, ask(shop))
    assert (done.state, done.reason) == ("done", None)
    assert rows(received) == [[f"cookie-{n:03}", "Loyal", "add"] for n in range(120)]
    target = targets.find(shop, SHOP, LOYAL, TEALIUM)
    assert target is not None
    assert target.held == 120


def test_the_next_night_sends_the_difference(shop: Settings, received: Path) -> None:
    pushed(shop, ask(shop, follows=True))
    night = next_night(shop, [person(n) for n in range(2, 121)])
    with_cookies(night)
    suppressions.add(night, subject_type="visitor", subject_id="v9", client_id=SHOP)
    suppressions.add(night, subject_type="record", subject_id="r10")
    (asked,) = asking.follow_all(night)
    pushed(night, asked)
    changes = [(row[0], row[2]) for row in rows(received)[120:]]
    gone = [(f"cookie-{n:03}", "remove") for n in (0, 1, 9, 10)]
    assert changes == [*gone, ("cookie-120", "add")]


def test_under_100_nothing_is_sent(tmp_path: Path, shop: Settings, received: Path) -> None:
    night = next_night(shop, [person(n) for n in range(99)])
    with_cookies(night)
    assert pushed(night, ask(night)).reason_code == "size<k"
    assert rows(received) == []


def test_who_opts_out_leaves_an_audience_that_follows_nothing(
    shop: Settings, received: Path
) -> None:
    pushed(shop, ask(shop))
    assert leaving.ask_to_leave(shop) == []
    suppressions.add(shop, subject_type="record", subject_id="r3")
    (asked,) = leaving.ask_to_leave(shop)
    assert pushed(shop, asked).state == "done"
    assert rows(received)[120:] == [[cookie(3), "Loyal", "remove"]]
    assert leaving.ask_to_leave(shop) == []


def test_a_folder_that_is_away_is_said(shop: Settings, received: Path) -> None:
    received.rmdir()
    push = pushed(shop, ask(shop))
    assert push.state == "stuck"
    assert "The place of the channel's address is not there." in (push.reason or "")
    received.mkdir()
    asking.retry(shop, push)
    assert pushed(shop, push).state == "done"
    assert len(rows(received)) == 120


def test_many_wait_for_a_second_person(shop: Settings, received: Path) -> None:
    confirming.set_limit(shop, SHOP, 119, by="test")
    push = pushed(shop, ask(shop))
    assert (push.state, rows(received)) == ("unconfirmed", [])
    confirming.confirm(shop, push, by="somebody else")
    assert pushed(shop, push).state == "done"
    assert len(rows(received)) == 120


def test_stopped_and_emptied(shop: Settings, received: Path) -> None:
    pushed(shop, ask(shop))
    target = targets.find(shop, SHOP, LOYAL, TEALIUM)
    assert target is not None
    empty = asking.stop(shop, target, empties=True, by="test")
    assert empty is not None
    assert pushed(shop, empty).state == "done"
    assert [row[2] for row in rows(received)] == ["add"] * 120 + ["remove"] * 120
    assert held(shop) == set()


def test_a_partner_that_is_paused_is_no_destination(shop: Settings) -> None:
    assert asking.destinations(shop, SHOP) == [TEALIUM]
    partner_channels.pause(shop, SHOP, TEALIUM, by="test")
    with pytest.raises(ConfigError):
        ask(shop)


def test_too_few_are_left_and_who_may_not_be_known_there_leaves(
    shop: Settings, received: Path
) -> None:
    pushed(shop, ask(shop))
    night = next_night(shop, [person(n) for n in range(60)])
    with_cookies(night)
    suppressions.add(night, subject_type="record", subject_id="r7")
    done = pushed(night, ask(night, key="again"))
    assert (done.state, done.reason_code) == ("refused", "size<k")
    assert rows(received)[120:] == [[cookie(7), "Loyal", "remove"]]
    assert held(night) == {cookie(n) for n in range(120)} - {cookie(7)}


def test_a_cancelled_one_that_never_left_changes_nothing(shop: Settings, received: Path) -> None:
    push = ask(shop)
    asking.cancel(shop, push)
    assert pushed(shop, push).state == "cancelled"
    assert (rows(received), held(shop)) == ([], set())


def test_erased_cookies_are_in_no_holding_and_no_stored_file(
    shop: Settings, received: Path
) -> None:
    gone = {cookie(3), cookie(4)}
    pushed(shop, ask(shop))
    assert partner_forgetting.holders(shop, SHOP, gone) == [TEALIUM]
    assert forgetting.count(shop, SHOP, {1}) == 0  # groups in CEP are others
    assert partner_forgetting.count(shop, SHOP, gone) == 2
    assert partner_forgetting.forget(shop, SHOP, gone) == 2
    assert partner_forgetting.holders(shop, SHOP, gone) == []
    assert held(shop) == {cookie(n) for n in range(120)} - gone

    night = next_night(shop, [person(n) for n in range(5, 125)])
    with_cookies(night)
    push = ask(night, key="again")
    assert forked_worker_dies(night, "audience_file.sent")
    gone = {cookie(122)}
    assert partner_forgetting.count(night, SHOP, gone) == 1
    assert partner_forgetting.forget(night, SHOP, gone) == 1
    assert [path.name for path in partner_files.folder(night, push).iterdir()] == [
        "changes.parquet"
    ]
    for path in received.glob(f"*-{push.push_id}-*"):
        path.unlink()  # its partner took it
    suppressions.add(night, subject_type="record", subject_id="r122")
    assert pushed(night, push).state == "done"
    assert partner_forgetting.count(night, SHOP, gone) == 0
    assert [row[2] for row in rows(received)[120:] if row[2] == "add"] == ["add"] * 4
