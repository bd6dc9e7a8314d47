"""What can go wrong between us and CEP, and what becomes of the push (bad_inputs: api/cep)."""

from __future__ import annotations

import re
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from exporters.pushes import drain
from matchbook.clock import Clock
from matchbook.pushes import accounts, asking, outbox, targets
from matchbook.pushes.outbox import Push
from matchbook.settings import Settings
from tests.cep_server import StandIn
from tests.cep_server.store import FIRST_CONTACT, Group
from tests.exporters.cep.pushing import (
    LOYAL,
    activate,
    ask,
    cloned,
    contacts,
    group_of,
    make_shop,
    next_night,
    person,
    work,
)
from tests.matchbook.kept_audiences.nights import FIRST, SHOP
from tests.sizes import a_few_now
from tests.web_server import redirect, serving


def begun(shop: Settings, cep: StandIn, *script: str, method: str = "membership/create") -> Push:
    """A push whose calls meet these faults, after its worker's first attempt."""
    cep.control(script=list(script), script_for=method)
    push = ask(shop)
    drain(shop, clock=Clock(shop.now))
    return outbox.get(shop, push.push_id)


def waits(push: Push) -> timedelta:
    """From the (standing) clock of the first attempt to the next one."""
    assert push.next_attempt_at is not None
    return push.next_attempt_at - FIRST.replace(tzinfo=None)


def all_arrived(shop: Settings, cep: StandIn) -> bool:
    return set(group_of(shop, cep).members) == contacts(range(30)) and len(cloned(cep)) == 1


@pytest.mark.parametrize(
    ("told", "least", "most"),
    [
        ("120", 120, 130),
        (format_datetime(FIRST + timedelta(seconds=200), usegmt=True), 190, 210),
        ("-1", 30, 33.5),
        ("", 30, 33.5),
        ("soon", 30, 33.5),
        ("86400", 900, 910),
    ],
    ids=lambda value: f"AC01 {value}",
)
def test_P26_a_429_is_obeyed(
    shop: Settings, cep: StandIn, told: str, least: float, most: float
) -> None:
    cep.control(retry_after=told)
    push = begun(shop, cep, *["ok"] * 5, "429")
    assert timedelta(seconds=least) <= waits(push) <= timedelta(seconds=most + 10)
    asked = len(cep.asked())
    clock = Clock(FIRST + waits(push) - timedelta(seconds=1))
    drain(shop, clock=clock)
    assert len(cep.asked()) == asked
    assert work(shop, push).state == "done"
    assert all_arrived(shop, cep)
    assert len(cep.asked("membership/create")) == 31


def test_a_limit_rests_the_whole_account(shop: Settings, cep: StandIn) -> None:
    """The ladder: 30 seconds, a quarter of an hour, then it stops and says so."""
    push = begun(shop, cep, *["throttle"] * 3)
    assert timedelta(seconds=30) <= waits(push) < timedelta(seconds=40)
    other = outbox.ask(shop, SHOP, "other", "mapp_cep", key="other", by="test")
    drain(shop, clock=Clock(shop.now))
    assert outbox.get(shop, other.push_id).state == "waiting"
    outbox.note(shop, other, state="cancelled")
    ended = work(shop, push)
    assert (ended.state, ended.reason) == (
        "failed", "CEP takes no more calls for now. It was tried 3 times.",
    )  # fmt: skip
    assert group_of(shop, cep).members == {}
    asking.retry(shop, ended)
    assert work(shop, push).state == "done"
    assert all_arrived(shop, cep)


def test_AC03_500_forever(shop: Settings, cep: StandIn) -> None:
    push = begun(shop, cep, *["500"] * 300)
    failed = work(shop, push)
    assert failed.state == "failed"
    assert len(cep.asked("membership/create")) == 3
    left = [i.state for i in outbox.intents(shop, failed)]
    assert (left.count("planned"), left.count("unknown")) == (29, 1)
    cep.control(script=[])
    night = next_night(shop, [person(n) for n in range(30)])
    assert work(night, ask(night, key="tomorrow")).state == "done"
    assert all_arrived(night, cep)
    assert outbox.get(shop, push.push_id).state == "replaced"


@pytest.mark.parametrize(
    "fault", ["commit_then_drop", "commit_then_reset"], ids=lambda f: f"AC04 {f}"
)
@pytest.mark.parametrize("method", ["membership/create", "group/clone", "group/setAttributes"])
def test_connection_lost_after_the_call(
    shop: Settings, cep: StandIn, fault: str, method: str
) -> None:
    push = begun(shop, cep, fault, method=method)
    assert work(shop, push).state == "done"
    assert all_arrived(shop, cep)
    applied = [a for a in cep.asked(method) if a.is_applied]
    assert len(applied) == (30 if method == "membership/create" else 1)


@pytest.mark.parametrize(
    "fault", ["commit_then_cut", "commit_then_html", "html", "ok_with_error", "commit_then_500"],
    ids=lambda f: f"AC05 {f}",
)  # fmt: skip
@pytest.mark.parametrize("method", a_few_now(["membership/create", "group/clone"], "group/clone"))
def test_an_answer_that_is_none(shop: Settings, cep: StandIn, fault: str, method: str) -> None:
    push = begun(shop, cep, fault, method=method)
    assert push.reason == "CEP gave no clear answer."
    if method == "membership/create":
        assert [i.state for i in outbox.intents(shop, push, "unknown")] == ["unknown"]
    assert work(shop, push).state == "done"
    assert all_arrived(shop, cep)


@pytest.mark.parametrize("status", ["401", "403", "417"], ids=lambda s: f"AC08 {s}")
def test_P27_a_changed_password_is_tried_once(shop: Settings, cep: StandIn, status: str) -> None:
    user = cep.store.users[cep.user]
    user.password, user.is_expired = ("other", False) if status != "417" else (user.password, True)
    first, second = ask(shop), outbox.ask(shop, SHOP, "other", "mapp_cep", key="o", by="test")
    if status == "401":
        cep.control(script=["401"] * 9)
        user.password = cep.password
    for _ in range(3):
        drain(shop, clock=Clock(shop.now))
    assert len(cep.asked()) == 1
    stuck = outbox.get(shop, first.push_id)
    assert stuck.state == outbox.get(shop, second.push_id).state == "stuck"
    assert stuck.reason == accounts.active(shop, SHOP).problem
    cep.control(script=[])
    outbox.note(shop, second, state="cancelled")
    user.password, user.is_expired = "new [one]+", False
    assert activate(shop, cep, password="new [one]+") is None
    assert work(shop, first).state == "done"
    assert all_arrived(shop, cep)


def test_AC09_a_group_deleted_by_hand_is_not_made_again(shop: Settings, cep: StandIn) -> None:
    work(shop, ask(shop))
    group = group_of(shop, cep)
    del cep.store.groups[group.id]
    night = next_night(shop, [person(n) for n in range(35)])
    push = work(night, ask(night, key="again"))
    assert (push.state, push.reason_code) == ("stuck", "no_group")
    assert cloned(cep) == []
    cep.store.groups[group.id] = group
    asking.retry(night, push)
    assert work(night, push).state == "done"
    assert set(group.members) == contacts(range(35))


def test_an_archived_group_is_said(shop: Settings, cep: StandIn) -> None:
    work(shop, ask(shop))
    group_of(shop, cep).status = "archived"
    night = next_night(shop, [person(n) for n in range(35)])
    assert work(night, ask(night, key="again")).reason_code == "no_group"


def test_AC11_only_what_failed_is_tried_again(shop: Settings, cep: StandIn) -> None:
    script = ["ok", "500", *["ok"] * 5, "drop", *["ok"] * 5, "throttle"]
    push = begun(shop, cep, *script)
    assert work(shop, push).state == "done"
    assert all_arrived(shop, cep)
    assert len(cep.asked("membership/create")) == 33
    assert len(cep.asked("membership/get")) == 2


def test_AC12_a_redirect_gets_no_password(shop: Settings, cep: StandIn) -> None:
    with serving(redirect("/")) as other:
        push = begun(shop, cep, f"redirect {other.url()}")
        assert (push.state, push.reason_code) == ("stuck", "redirect")
        assert other.asked == []


def test_P28_one_bad_person_holds_up_nobody(shop: Settings, cep: StandIn) -> None:
    """CEP never gives a clear answer for one of them."""
    push = begun(shop, cep, *["ok"] * 4, "500", *["ok"] * 25, "500", "500", "500")
    done = work(shop, push)
    assert done.state == "done"
    assert outbox.counts(shop, done) == {
        ("add", "confirmed", "added"): 29,
        ("add", "rejected", "no_answer"): 1,
    }
    again = work(shop, ask(shop, key="again"))
    assert outbox.counts(shop, again) == {("add", "confirmed", "added"): 1}


def test_a_name_that_is_taken_is_asked_for_again(shop: Settings, cep: StandIn) -> None:
    cep.store.groups[7] = Group(7, "Loyal", "theirs@mail.example.com")
    push = work(shop, ask(shop))
    assert (push.state, push.reason_code) == ("stuck", "name_taken")
    target = targets.find(shop, SHOP, LOYAL)
    assert target is not None
    asking.rename(shop, target, "Loyal customers")
    asking.retry(shop, push)
    assert work(shop, push).state == "done"
    assert group_of(shop, cep).name == "Loyal customers"


def test_a_lost_clone_of_an_old_cep_is_asked_for(shop: Settings, cep: StandIn) -> None:
    """No way to look for it there: a person reads its number, and nothing is cloned twice."""
    cep.control(versions=[6], script=["commit_then_drop"], script_for="group/clone")
    push = work(shop, ask(shop))
    assert (push.state, push.reason_code) == ("stuck", "lost_group")
    (group,) = cloned(cep)
    target = targets.find(shop, SHOP, LOYAL)
    assert target is not None
    asking.adopt(shop, target, str(group.id))
    asking.retry(shop, push)
    assert work(shop, push).state == "done"
    assert all_arrived(shop, cep)


def test_a_lock_is_waited_for(shop: Settings, cep: StandIn) -> None:
    work(shop, ask(shop))
    cep.control(lock_group=group_of(shop, cep).id)
    night = next_night(shop, [person(n) for n in range(33)])
    push = ask(night, key="again")
    drain(night, clock=Clock(night.now))
    now = outbox.get(night, push.push_id)
    assert now.reason == "The group is locked in CEP: an import or a sendout is running."
    cep.control(unlock_group=group_of(shop, cep).id)
    assert work(night, push).state == "done"


def test_nothing_of_the_password_is_said_or_kept(shop: Settings, cep: StandIn) -> None:
    cep.control(script=["403"])
    push = work(shop, ask(shop))
    database = (shop.home / "state.sqlite").read_bytes()
    wal = shop.home / "state.sqlite-wal"
    database += wal.read_bytes() if wal.exists() else b""
    kept = b"".join(p.read_bytes() for p in (shop.keys / "cep").iterdir())
    for place in (database, kept, repr(push).encode()):
        assert cep.password.encode() not in place
    modes = {oct(p.stat().st_mode & 0o777) for p in (shop.keys / "cep").iterdir()}
    assert modes == {"0o600"}


def test_odd_but_legal_answers_are_understood(tmp_path: Path, cep: StandIn) -> None:
    settings = make_shop(tmp_path / "odd")
    cep.control(extra_fields=True, string_booleans=True, html_errors=True)
    assert activate(settings, cep) is None
    assert work(settings, ask(settings, name="Loyal + “näïve” [ü]")).state == "done"
    assert group_of(settings, cep).name == "Loyal + “näïve” [ü]"
    assert len(group_of(settings, cep).members) == 30


def test_ids_beyond_32_bits(shop: Settings, cep: StandIn) -> None:
    assert FIRST_CONTACT > 2**34
    work(shop, ask(shop))
    assert all(
        re.fullmatch(r"\d{11}", a.parameters["userId"]) for a in cep.asked("membership/create")
    )
