"""Pushing to CEP: what is added and removed, what each person's outcome is, what never happens."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from matchbook import suppressions
from matchbook.errors import ConfigError
from matchbook.pushes import (
    accounts,
    asking,
    confirming,
    forgetting,
    leaving,
    outbox,
    targets,
)
from matchbook.settings import Settings
from tests.cep_server import StandIn, running
from tests.cep_server.store import FIRST_CONTACT
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
from tests.matchbook.kept_audiences.nights import SHOP, Person


def test_a_push_clones_the_default_group_and_fills_it(shop: Settings, cep: StandIn) -> None:
    done = work(shop, ask(shop))
    assert (done.state, done.reason) == ("done", None)
    group = group_of(shop, cep)
    assert set(group.members) == contacts(range(30))
    assert (group.name, group.cloned_from) == ("Loyal", cep.default_group)
    assert group.attributes == {"matchbook_audience": f"{SHOP}/{LOYAL}"}
    assert group.email.endswith("@mail.example.com")
    assert len(cep.asked("membership/create")) == 30
    assert outbox.counts(shop, done) == {("add", "confirmed", "added"): 30}


def test_nobody_is_subscribed_or_unsubscribed(shop: Settings, cep: StandIn) -> None:
    work(shop, ask(shop))
    methods = {asked.method for asked in cep.asked()}
    assert {name for name in methods if "ubscribe" in name or name.startswith("user/")} == set()


def test_the_next_night_sends_only_what_changed(shop: Settings, cep: StandIn) -> None:
    work(shop, ask(shop, follows=True))
    cep.world.journal.clear()
    night = next_night(shop, [person(n) for n in range(5, 33)])
    (asked,) = asking.follow_all(night)
    done = work(night, asked)
    assert outbox.counts(night, done) == {
        ("add", "confirmed", "added"): 3,
        ("remove", "confirmed", "removed"): 5,
    }
    assert set(group_of(night, cep).members) == contacts(range(5, 33))
    assert len(cep.asked("membership/create")) == 3
    assert asking.follow_all(night) == []


def test_a_push_that_waits_is_asked_for_once(shop: Settings, cep: StandIn) -> None:
    ask(shop, follows=True)
    night = next_night(shop, [person(n) for n in range(5, 33)])
    assert asking.follow_all(night) == []
    work(night, outbox.of_client(night, SHOP)[-1])
    assert set(group_of(night, cep).members) == contacts(range(5, 33))


def test_a_second_click_is_the_same_push(shop: Settings, cep: StandIn) -> None:
    first = ask(shop, key="one")
    assert ask(shop, key="one").push_id == first.push_id
    assert ask(shop, key="two").push_id == first.push_id
    work(shop, first)
    assert ask(shop, key="one").state == "done"
    assert len(cloned(cep)) == 1


def test_clicks_at_the_same_moment_are_one_push(shop: Settings, cep: StandIn) -> None:
    together = Barrier(8)

    def click(_: int) -> int:
        together.wait()
        return ask(shop).push_id

    with ThreadPoolExecutor(8) as clicks:
        assert len(set(clicks.map(click, range(8)))) == 1
    assert len(targets.of_client(shop, SHOP)) == 1


def test_many_wait_for_a_second_person(shop: Settings, cep: StandIn) -> None:
    confirming.set_limit(shop, SHOP, 29, by="test")
    push = work(shop, ask(shop, follows=True))
    assert (push.state, (push.funnel or {})["add"]) == ("unconfirmed", 30)
    assert work(shop, ask(shop, key="again", follows=True)).push_id == push.push_id
    assert cep.asked("group/clone") == []
    with pytest.raises(ConfigError, match="cannot confirm it"):
        confirming.confirm(shop, push, by="Test ")
    confirming.confirm(shop, push, by="somebody else")
    assert work(shop, push).state == "done"
    assert len(group_of(shop, cep).members) == 30
    night = next_night(shop, [person(n) for n in range(5, 33)])
    (asked,) = asking.follow_all(night)
    assert work(night, asked).state == "done"


def test_a_push_that_nobody_confirms_can_be_cancelled(shop: Settings, cep: StandIn) -> None:
    confirming.set_limit(shop, SHOP, 0, by="test")
    push = work(shop, ask(shop))
    asking.cancel(shop, push)
    assert outbox.get(shop, push.push_id).state == "cancelled"
    confirming.set_limit(shop, SHOP, None, by="test")
    assert work(shop, ask(shop, key="again")).state == "done"


def test_each_person_has_an_outcome_with_its_reason(shop: Settings, cep: StandIn) -> None:
    group_entry = cep.store.contacts[FIRST_CONTACT + 3].email or ""
    del cep.store.contacts[FIRST_CONTACT + 2]
    cep.store.blacklist.append(group_entry)
    done = work(shop, ask(shop))
    assert outbox.counts(shop, done) == {
        ("add", "confirmed", "added"): 28,
        ("add", "rejected", "not_in_cep"): 1,
        ("add", "rejected", "blacklisted"): 1,
    }
    cep.world.journal.clear()
    night = next_night(shop, [person(n) for n in range(30)])
    work(night, ask(night, key="again"))
    assert cep.asked("membership/create") == []


def test_already_a_member_is_a_success(shop: Settings, cep: StandIn) -> None:
    cep.control(script=["ok", "drop"], script_for="membership/create")
    done = work(shop, ask(shop))
    assert done.state == "done"
    group = group_of(shop, cep)
    group.members |= {FIRST_CONTACT + 40: "by hand"}
    night = next_night(shop, [person(n) for n in (*range(30), 40)])
    done = work(night, ask(night, key="again"))
    assert outbox.counts(night, done) == {("add", "confirmed", "already_member"): 1}


def test_holdouts_and_opted_out_people_are_not_sent(tmp_path: Path, cep: StandIn) -> None:
    people = [person(n, is_suppressed=n == 7) for n in range(40)]
    settings = make_shop(tmp_path / "other", people)
    activate(settings, cep)
    suppressions.add(settings, subject_type="cep_contact", subject_id=str(FIRST_CONTACT + 1))
    suppressions.add(settings, subject_type="record", subject_id="r2", client_id=SHOP)
    done = work(settings, ask(settings))
    assert set(group_of(settings, cep).members) == contacts({*range(40)} - {1, 2, 7})
    assert done.funnel is not None
    assert done.funnel["allowed"] == 37


def test_who_opts_out_later_leaves_with_the_next_push(shop: Settings, cep: StandIn) -> None:
    work(shop, ask(shop))
    suppressions.add(shop, subject_type="cep_contact", subject_id=str(FIRST_CONTACT + 1))
    work(shop, ask(shop, key="again"))
    assert set(group_of(shop, cep).members) == contacts({*range(30)} - {1})


def test_who_opts_out_leaves_groups_that_follow_nothing(shop: Settings, cep: StandIn) -> None:
    work(shop, ask(shop))
    assert leaving.ask_to_leave(shop) == []
    suppressions.add(shop, subject_type="record", subject_id="r3")
    suppressions.add(shop, subject_type="cep_contact", subject_id=str(FIRST_CONTACT + 4))
    (asked,) = leaving.ask_to_leave(shop)
    assert leaving.ask_to_leave(shop) == []
    done = work(shop, asked)
    assert outbox.counts(shop, done) == {("remove", "confirmed", "removed"): 2}
    assert set(group_of(shop, cep).members) == contacts({*range(30)} - {3, 4})
    assert leaving.ask_to_leave(shop) == []


def test_under_25_nobody_is_added_and_who_opted_out_leaves(shop: Settings, cep: StandIn) -> None:
    work(shop, ask(shop))
    suppressions.add(shop, subject_type="cep_contact", subject_id=str(FIRST_CONTACT + 1))
    night = next_night(shop, [person(n) for n in (*range(20), 50)])
    done = work(night, ask(night, key="again"))
    assert (done.state, done.reason_code) == ("refused", "size<k")
    assert set(group_of(night, cep).members) == contacts({*range(30)} - {1})


def test_a_small_audience_makes_no_group(tmp_path: Path, cep: StandIn) -> None:
    settings = make_shop(tmp_path / "small", [person(n) for n in range(24)])
    activate(settings, cep)
    done = work(settings, ask(settings))
    assert (done.state, cloned(cep)) == ("refused", [])


def test_stop_leaves_the_group_or_empties_it(shop: Settings, cep: StandIn) -> None:
    work(shop, ask(shop, follows=True))
    target = targets.find(shop, SHOP, LOYAL)
    assert target is not None
    assert asking.stop(shop, target, empties=False, by="test") is None
    assert (len(group_of(shop, cep).members), asking.follow_all(shop)) == (30, [])
    emptied = asking.stop(shop, target, empties=True, by="test")
    assert emptied is not None
    assert work(shop, emptied).state == "done"
    assert group_of(shop, cep).members == {}
    assert len(cloned(cep)) == 1


def test_begun_again_it_goes_on_with_its_own_group(shop: Settings, cep: StandIn) -> None:
    work(shop, ask(shop))
    target = targets.find(shop, SHOP, LOYAL)
    assert target is not None
    emptied = asking.stop(shop, target, empties=True, by="test")
    assert emptied is not None
    work(shop, emptied)
    work(shop, ask(shop, key="again"))
    assert len(group_of(shop, cep).members) == 30
    assert len(cloned(cep)) == 1


def test_cancelled_in_the_middle_it_keeps_what_arrived(shop: Settings, cep: StandIn) -> None:
    push = ask(shop)
    cep.control(script=["ok"] * 10 + ["503"], script_for="membership/create")
    work(shop, push, hours=0.001)
    asking.cancel(shop, push)
    assert work(shop, push).state == "cancelled"
    assert len(group_of(shop, cep).members) == 10
    again = work(shop, ask(shop, key="again"))
    assert outbox.counts(shop, again) == {("add", "confirmed", "added"): 20}


def test_without_an_active_account_nothing_is_asked_for(shop: Settings, cep: StandIn) -> None:
    push = ask(shop)
    accounts.deactivate(shop, SHOP, by="test")
    assert work(shop, push).reason_code == "inactive"
    assert cep.asked("group/clone") == []


def test_a_browser_of_two_contacts_sends_both(tmp_path: Path, cep: StandIn) -> None:
    people = [person(n) for n in range(30)]
    people.append(Person(900, "r900", LOYAL, contact=FIRST_CONTACT + 5))
    settings = make_shop(tmp_path / "twice", people)
    activate(settings, cep)
    done = work(settings, ask(settings))
    assert outbox.counts(settings, done) == {("add", "confirmed", "added"): 30}


def test_erased_contacts_are_in_no_outcome_and_no_holding(shop: Settings, cep: StandIn) -> None:
    push = work(shop, ask(shop))
    gone = {FIRST_CONTACT, FIRST_CONTACT + 1}
    assert forgetting.still_holds(shop, SHOP, gone)
    assert forgetting.forget(shop, SHOP, contacts=gone) == 4
    assert forgetting.forget(shop, SHOP, contacts=gone) == 0
    assert not forgetting.still_holds(shop, SHOP, gone)
    assert len(outbox.intents(shop, push)) == 28


@pytest.mark.proof
def test_P28_one_bad_in_a_thousand_and_fifty_who_unsubscribed(tmp_path: Path) -> None:
    """P28: the others arrive, the bad one is named, nobody is subscribed again."""
    with running(contacts=1000) as server:
        people = [person(n) for n in range(1000)]
        settings = make_shop(tmp_path / "home", people)
        assert activate(settings, server) is None
        del server.store.contacts[FIRST_CONTACT + 500]
        first = work(settings, ask(settings))
        group = group_of(settings, server)
        for number in range(50):
            del group.members[FIRST_CONTACT + number]
        night = next_night(settings, people)
        done = work(night, ask(night, key="again"))
        print(outbox.counts(night, first), done.read_back, len(group.members), "members")
        assert outbox.counts(night, first)["add", "rejected", "not_in_cep"] == 1
        assert outbox.counts(night, first)["add", "confirmed", "added"] == 999
        assert set(group.members) == contacts({*range(50, 1000)} - {500})
