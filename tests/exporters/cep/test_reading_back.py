"""What people changed in CEP is found by reading back, and never undone (section 5.4, group 6)."""

from __future__ import annotations

from datetime import timedelta

from exporters.pushes import drain
from matchbook.clock import Clock
from matchbook.pushes import asking, held, outbox, targets
from matchbook.settings import Settings
from tests.cep_server import StandIn
from tests.cep_server.store import FIRST_CONTACT
from tests.exporters.cep.pushing import LOYAL, ask, contacts, group_of, next_night, person, work
from tests.matchbook.kept_audiences.nights import SHOP


def test_who_left_by_themselves_is_never_added_again(shop: Settings, cep: StandIn) -> None:
    """They unsubscribed; the audience still has them."""
    work(shop, ask(shop, follows=True))
    group = group_of(shop, cep)
    for number in range(30):
        del group.members[FIRST_CONTACT + number]
        group.opted_out.append(FIRST_CONTACT + number)
    night = shop
    for at in (1, 2):
        night = next_night(night, [person(n) for n in range(30)], at)
        for push in asking.follow_all(night):
            done = work(night, push)
            assert done.read_back is not None
    assert group.members == {}
    standing = held.read(night, targets.find(night, SHOP, LOYAL))["standing"].to_pylist()
    assert standing == ["left"] * 30


def test_reading_back_goes_on_where_another_task_interrupted_it(
    shop: Settings, cep: StandIn
) -> None:
    """A worker that looks for other jobs every few calls comes to an end all the same."""
    work(shop, ask(shop))
    group = group_of(shop, cep)
    for number in range(3):
        del group.members[FIRST_CONTACT + number]
    cep.world.journal.clear()
    push = ask(shop, key="again")
    clock = Clock(shop.now)
    slices = 0
    while outbox.get(shop, push.push_id).state in outbox.OPEN:
        assert clock.fixed is not None
        drain(shop, clock=clock, until=clock.fixed + timedelta(seconds=0.5))
        slices += 1
        assert slices < 20, "it begins anew each time"
    done = outbox.get(shop, push.push_id)
    assert slices > 1
    assert (done.state, done.read_back) == ("done", {"read": 30, "gone": 3, "removed_again": 0})
    assert len(cep.asked("membership/get")) == 30


def test_a_removal_that_finds_nobody_is_done_and_bars(shop: Settings, cep: StandIn) -> None:
    work(shop, ask(shop))
    del group_of(shop, cep).members[FIRST_CONTACT + 29]
    night = next_night(shop, [person(n) for n in range(29)])
    done = work(night, ask(night, key="a"))
    assert outbox.counts(night, done) == {("remove", "confirmed", "left"): 1}
    back = next_night(night, [person(n) for n in range(30)], 2)
    work(back, ask(back, key="b"))
    assert FIRST_CONTACT + 29 not in group_of(back, cep).members


def test_who_is_still_there_after_a_removal_is_removed_again(shop: Settings, cep: StandIn) -> None:
    work(shop, ask(shop))
    night = next_night(shop, [person(n) for n in range(28)])
    cep.faults.options["forgets_removals"] = 1
    done = work(night, ask(night, key="a"))
    assert done.read_back == {"read": 30, "gone": 0, "removed_again": 1}
    assert set(group_of(night, cep).members) == contacts(range(28))
