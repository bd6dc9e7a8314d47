"""Edges of each condition, told as little stories; docs/audiences.md says the same in words."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlglot import parse_one

from matchbook.audiences import World, compile_audience, compile_box, explain, funnel, members, of
from matchbook.audiences.answers import estimate
from matchbook.audiences.intervals import wilson
from matchbook.audiences.local_time import offsets
from matchbook.audiences.sampling import in_share
from tests.matchbook.audiences.worlds import AS_OF, TIME_ZONE, Browser, Hit, Person, Stage, connect

WORLD = World(AS_OF, TIME_ZONE)
NOON = datetime(2026, 11, 10, 12)


def stage(*hits: Hit, people: tuple[Person, ...] = (Person(1),), owner: int = 1) -> Stage:
    """Hits of one person, whichever browsers they name."""
    keys = sorted({hit.visitor_key for hit in hits})
    return Stage(people, tuple(Browser(key, owner) for key in keys), hits)


def view(at: datetime, browser: int = 10, **more: str) -> Hit:
    return Hit(browser, at, "page_view", **more)


def did(at_least: int = 1, **more: Any) -> dict[str, Any]:
    return {"kind": "did", "action": {"what": "visited"}, "at_least": at_least, **more}


def is_in(acted: Stage, enter: dict[str, Any], **more: Any) -> bool:
    with closing(connect(acted)) as connection:
        return bool(members(of(name="x", enter=enter, **more), WORLD, connection))


def test_two_browsers_of_one_person_are_added_up() -> None:
    acted = stage(view(NOON, 10), view(NOON, 11))
    assert is_in(acted, did(at_least=2))
    assert not is_in(acted, did(at_least=2), count_each_browser=True)


def test_equal_calls_are_counted_each() -> None:
    assert is_in(stage(view(NOON), view(NOON)), did(at_least=2))


def test_a_day_on_two_browsers_is_one_day() -> None:
    acted = stage(view(NOON, 10), view(NOON, 11))
    assert not is_in(acted, did(at_least=2, counted="days"))
    assert is_in(stage(view(NOON), view(NOON - timedelta(days=1))), did(2, counted="days"))


@pytest.mark.parametrize("days", [62, 63, 64, 126, 200, 400])
def test_days_of_a_long_look_back_are_counted_each(days: int) -> None:
    ages = [0, 1, 61, 62, 63, 64, 125, 126, 127, 199, 200, 201, 399, 400]
    acted = stage(*(view(AS_OF - timedelta(days=age), 10 + age % 2) for age in [*ages, *ages]))
    inside = sum(age <= days for age in ages)
    assert is_in(acted, did(at_least=inside, counted="days", days=days))
    assert not is_in(acted, did(at_least=inside + 1, counted="days", days=days))


def test_has_not_asks_all_browsers() -> None:
    acted = stage(view(NOON, 10, section="shop"), Hit(11, NOON, "sync"))
    shop = {"kind": "did", "action": {"what": "visited", "section": {"value": "shop"}}}
    assert not is_in(acted, {"kind": "not", "of": shop})
    assert is_in(acted, {"kind": "not", "of": shop}, count_each_browser=True)


@pytest.mark.parametrize(
    ("hit_at", "inside"),
    [
        (datetime(2026, 11, 11, 0, 0), True),
        (datetime(2026, 11, 10, 23, 59, 59), False),
        (datetime(2026, 11, 18, 23, 59), True),
        (datetime(2026, 11, 19, 0, 0), False),
    ],
)
def test_a_look_back_is_whole_utc_days_and_the_day_of_the_build(
    hit_at: datetime, inside: bool
) -> None:
    assert is_in(stage(view(hit_at)), did(days=7)) is inside


@pytest.mark.parametrize(
    ("apart", "inside"), [(0, False), (1, True), (7200, True), (7201, False), (-1, False)]
)
def test_a_sequence_is_strictly_later_and_at_most_so_late(apart: int, inside: bool) -> None:
    click = Hit(11, NOON + timedelta(seconds=apart), "click")
    sequence = {
        "kind": "sequence",
        "first": {"what": "visited"},
        "then": {"what": "clicked"},
        "within_hours": 2,
    }
    assert is_in(stage(view(NOON), click), sequence) is inside


def test_a_sequence_finds_the_newest_first_thing() -> None:
    early, late = view(NOON - timedelta(days=3)), view(NOON)
    sequence = {
        "kind": "sequence",
        "first": {"what": "visited"},
        "then": {"what": "clicked"},
        "within_hours": 1,
    }
    assert is_in(stage(early, late, Hit(10, NOON + timedelta(minutes=5), "click")), sequence)


@pytest.mark.parametrize(
    ("hit_at", "inside"),
    [
        # Summer time ended in Amsterdam on 25 October at 01:00 UTC.
        (datetime(2026, 10, 24, 19, 59, 59), False),
        (datetime(2026, 10, 24, 20, 0), True),
        (datetime(2026, 10, 25, 3, 59), True),
        (datetime(2026, 10, 31, 20, 59), False),
        (datetime(2026, 10, 31, 21, 0), True),
        (datetime(2026, 10, 30, 22, 0), False),
    ],
)
def test_hours_over_midnight_on_the_clients_clock(hit_at: datetime, inside: bool) -> None:
    weekend_nights = {"weekdays": [5, 6], "from_hour": 22, "to_hour": 5}
    assert is_in(stage(view(hit_at)), did(days=30, when=weekend_nights)) is inside


def test_offsets_change_at_the_second_they_do() -> None:
    begin, end = datetime(2026, 3, 1), datetime(2026, 11, 1)
    assert offsets(TIME_ZONE, begin, end) == [
        (begin, 3600),
        (datetime(2026, 3, 29, 1), 7200),
        (datetime(2026, 10, 25, 1), 3600),
    ]


def test_opted_out_people_are_in_no_audience() -> None:
    acted = stage(view(NOON), people=(Person(1, is_suppressed=True),))
    assert not is_in(acted, did())
    assert not is_in(acted, {"kind": "not", "of": did()})


def test_what_is_not_known_does_not_hold_and_its_opposite_does() -> None:
    uploaded = {"kind": "since", "what": "uploaded", "days": 30}
    assert not is_in(stage(view(NOON)), uploaded)
    assert is_in(stage(view(NOON)), {"kind": "not", "of": uploaded})


def test_another_audience_keeps_its_own_look_back_and_counting() -> None:
    acted = stage(view(NOON, 10), view(NOON, 11))
    enter = {"kind": "in_audience", "audience": "other"}
    outer = {
        "long": of(name="x", enter=enter, look_back_days=90),
        "each": of(name="x", enter=enter, count_each_browser=True),
    }
    inner = {
        "short": of(name="y", enter=did(), look_back_days=7),
        "together": of(name="y", enter=did(at_least=2)),
        "apart": of(name="y", enter=did(at_least=2), count_each_browser=True),
    }
    with closing(connect(acted)) as connection:
        found = {
            (o, i): members(outer[o], World(AS_OF, resolve={"other": inner[i]}.get), connection)
            for o in outer
            for i in inner
        }
    assert {pair for pair, people in found.items() if people} == {
        ("long", "together"),
        ("each", "together"),
    }


def test_boxes_apart_and_together() -> None:
    acted = stage(view(NOON), Hit(10, NOON, "click"))
    clicked = {"kind": "did", "action": {"what": "clicked"}}
    definition = of(name="x", enter=did(), leave=clicked)
    with closing(connect(acted)) as connection:
        assert compile_audience(definition, WORLD).rows(connection) == []
        assert compile_box(definition, "enter", WORLD).rows(connection) == [(1,)]
        assert compile_box(definition, "leave", WORLD).rows(connection) == [(1,)]
        never = of(name="x", enter=did())
        assert compile_box(never, "leave", WORLD).rows(connection) == []


def test_the_funnel_shows_which_condition_costs_the_people() -> None:
    people = tuple(Person(key) for key in (1, 2, 3))
    browsers = tuple(Browser(key * 10, key) for key in (1, 2, 3))
    hits = (view(NOON, 10, section="shop"), view(NOON, 20), Hit(30, NOON, "click"))
    shop = {"kind": "did", "action": {"what": "visited", "section": {"value": "shop"}}}
    definition = of(
        name="x",
        enter={"kind": "all", "of": [did(), shop]},
        leave={"kind": "did", "action": {"what": "read"}},
    )
    with closing(connect(Stage(people, browsers, hits))) as connection:
        steps = funnel(definition, WORLD, connection)
    assert [(s.place, s.alone, s.left) for s in steps] == [
        ("people", 3, 3),
        ("enter.0", 2, 2),
        ("enter.1", 1, 1),
        ("leave", 3, 1),
    ]


def test_why_somebody_is_not_in_it() -> None:
    acted = stage(view(NOON))
    clicked = {"kind": "did", "action": {"what": "clicked"}}
    definition = of(name="x", enter={"kind": "all", "of": [did(), {"kind": "not", "of": clicked}]})
    with closing(connect(acted)) as connection:
        known = explain(definition, 1, WORLD, connection)
        stranger = explain(definition, 2, WORLD, connection)
    assert known.qualifies
    assert [(h.place, h.holds) for h in known.conditions] == [
        ("enter.0", True),
        ("enter.1.0", False),
    ]
    assert (stranger.qualifies, stranger.conditions) == (None, ())


def test_an_estimate_of_a_share_has_the_truth_in_its_interval() -> None:
    step = 2**60 // 20_000
    people = tuple(Person(key * step + 7) for key in range(20_000))
    share = {"kind": "in_share", "percent": 30, "salt": "a"}
    definition = of(name="x", enter=share)
    with closing(connect(Stage(people, (), ()))) as connection:
        guess = estimate(definition, WORLD, connection)
        exact = len(members(definition, WORLD, connection))
    assert exact == sum(in_share(p.member_key, "a", 30) for p in people)
    assert abs(exact - 6_000) < 200
    assert guess.low <= exact <= guess.high
    assert guess.low <= guess.people <= guess.high


def test_wilson_is_the_published_example() -> None:
    # 10 of 100: Brown, Cai and DasGupta (2001) and every textbook since.
    assert [round(end, 4) for end in wilson(10, 100)] == [0.0552, 0.1744]
    assert wilson(0, 0) == (0.0, 1.0)


def test_the_same_tree_is_sql_for_spark() -> None:
    definition = of(
        name="x", enter=did(when={"weekdays": [1]}), leave={"kind": "is", "what": "matched"}
    )
    query = compile_audience(definition, WORLD)
    assert parse_one(query.shown("spark").replace(":", ""), dialect="spark")
