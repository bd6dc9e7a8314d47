"""What pages ask of audiences: reach with reasons, values, overlaps and profiles."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from matchbook.audiences import of, size
from matchbook.kept_audiences import overlap, reach, sizes, store
from matchbook.kept_audiences.refreshing import refresh_all
from matchbook.kept_audiences.values import attribute_values, attributes, values
from matchbook.kept_audiences.worlds import Opened, open_world
from matchbook.settings import Settings
from tests.matchbook.kept_audiences.nights import (
    SHOP,
    Person,
    busy,
    crowd,
    in_segment,
    make_client,
    publish_night,
)

PEOPLE = [
    *(Person(key, f"r{key}", "loyal", contact=key % 60, cookie=key % 70) for key in range(1, 101)),
    *crowd(range(101, 181), "loyal"),
    *crowd(range(200, 230), "new"),
    Person(999, "gone", "loyal", contact=999, cookie=999, is_suppressed=True),
]


@pytest.fixture
def shop(settings: Settings) -> Settings:
    return publish_night(make_client(settings), 0, PEOPLE)


@pytest.fixture
def opened(shop: Settings) -> Iterator[Opened]:
    with open_world(shop, SHOP) as found:
        yield found


def test_reach_counts_the_destinations_own_ids_and_gives_the_rest_a_reason(opened: Opened) -> None:
    reach.choose(opened, in_segment("loyal"))
    found = {one.destination: one for one in reach.reach(opened)}
    assert list(found) == ["mapp_cep", "tealium", "piano"]
    assert (found["mapp_cep"].ids, found["mapp_cep"].people) == (60, 100)
    assert (found["tealium"].ids, found["tealium"].people) == (70, 100)
    assert found["mapp_cep"].others == (("no_contact", 80),)
    assert found["piano"].others == (("no_cookie", 180),)
    assert {one.people + sum(n for _, n in one.others) for one in found.values()} == {180}


def test_live_stored_and_destination_say_the_same_of_cep(shop: Settings, opened: Opened) -> None:
    """Law 7 begins here: the number on the page is that of the list which is pushed."""
    loyal = in_segment("loyal")
    store.create(shop, SHOP, loyal, by="test")
    (stored,) = refresh_all(shop)
    reach.choose(opened, loyal)
    live = size(loyal, opened.world, opened.connection)
    assert (live.people, live.reachable) == (stored.people, stored.reachable) == (180, 60)
    assert reach.reach(opened)[0].ids == 60


def test_what_is_told_of_reach_is_rounded(opened: Opened) -> None:
    reach.choose(opened, in_segment("new"))
    (cep, *_) = reach.told(reach.reach(opened))
    assert (cep.ids, cep.people, cep.others) == (None, None, (("no_contact", None),))


def test_all_but_a_few_reached_reads_as_all(settings: Settings) -> None:
    """73 people of whom 70 can be reached would else tell that three cannot."""
    make_client(settings)
    store.create(settings, SHOP, in_segment("loyal"), by="test")
    reached = [Person(key, f"r{key}", "loyal", contact=key) for key in range(1, 71)]
    night = publish_night(settings, 0, [*reached, *crowd(range(71, 74), "loyal")])
    refresh_all(night)
    (told,) = sizes.overview(night, SHOP)
    assert (told.people, told.reachable) == (73, 73)
    with open_world(night, SHOP) as opened:
        reach.choose(opened, in_segment("loyal"))
        assert reach.told(reach.reach(opened))[0].people == 73


def test_values_come_with_people_and_never_a_few(opened: Opened) -> None:
    assert [(v.value, v.people) for v in values(opened, "section", "SAL")] == [("sale", 210)]
    assert [v.people for v in values(opened, "partner")] == [100]
    assert values(opened, "event") == []
    assert values(opened, "section", "%") == []
    assert [(a.name, a.type, a.people) for a in attributes(opened)] == [("segment", "text", 210)]
    found = attribute_values(opened, "segment")
    assert [(v.value, v.people) for v in found] == [("loyal", 180), ("new", None)]


def test_profiles_are_groups_not_people(opened: Opened) -> None:
    reach.choose(opened, in_segment("loyal"))
    found = overlap.profiles(opened)
    assert [(one.is_cep_reachable, one.last_seen, one.people) for one in found] == [
        (True, "last_7_days", 100),
        (False, "last_7_days", 80),
    ]
    reach.choose(opened, in_segment("new"))
    assert overlap.profiles(opened) == []


def test_overlaps_and_sizes_are_told_so_that_nobody_can_subtract(shop: Settings) -> None:
    for definition in (
        in_segment("loyal", "1"),
        in_segment("new", "2"),
        of(name="3", enter=busy(1)),
    ):
        store.create(shop, SHOP, definition, by="test")
    refresh_all(shop)
    told = {one.audience.audience_id: one for one in sizes.overview(shop, SHOP)}
    assert [(one.people, one.shown_as) for one in told.values()] == [
        (180, None),
        (None, None),
        (180, "1"),
    ]
    found = {(o.audience_id, o.other_id): o for o in overlap.overlaps(shop, SHOP)}
    assert found["1", "3"].people == 180
    assert (found["1", "2"].people, found["1", "2"].share) == (None, None)
    assert [point.people for point in sizes.trend(shop, SHOP, "3")] == [180]
