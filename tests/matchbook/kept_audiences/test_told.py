"""P39 for groups that nobody saved: no two told sizes differ by a few people's doing."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from matchbook.audiences import Definition, funnel, members, of
from matchbook.audiences.shapes import least_difference, narrowed, shapes
from matchbook.disclosure import SHOWN_FROM
from matchbook.kept_audiences import sizes, store, told
from matchbook.kept_audiences.refreshing import refresh
from matchbook.kept_audiences.worlds import open_world
from matchbook.settings import Settings
from tests.matchbook.kept_audiences.nights import SHOP, Person, busy, make_client, publish_night

PEOPLE = 240
DRAWN = hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def at_least(hits: int, percent: float = 100.0, *, has: bool = True) -> Definition:
    """People by how much they called, of a random share; each draft is near many others."""
    share = {"kind": "in_share", "salt": "s", "percent": percent}
    asked = busy(hits) if has else {"kind": "not", "of": busy(hits)}
    return of(name="Draft", enter={"kind": "all", "of": [asked, share]})


DRAFTS = st.builds(
    at_least, st.integers(1, PEOPLE), st.floats(20, 100), has=st.booleans()
)  # fmt: skip


@pytest.fixture
def shop(settings: Settings) -> Settings:
    """Somebody called once, somebody twice, and so on: sizes of every kind."""
    make_client(settings)
    people = [Person(7919 * n, f"r{n}", contact=n, hits=n) for n in range(1, PEOPLE + 1)]
    return publish_night(settings, 0, people)


@DRAWN
@given(st.lists(DRAFTS, min_size=2, max_size=8))
def test_no_pair_of_drafts_tells_of_a_few(shop: Settings, drafts: list[Definition]) -> None:
    """Who is told of is who was asked about, or nearly; and no two that are told of are near."""
    with open_world(shop, SHOP) as opened:

        def people_of(definition: Definition) -> frozenset[int]:
            return frozenset(members(definition, opened.world, opened.connection))

        told_of = set()
        for draft in drafts:
            _, steps = told.spoken(shop, SHOP, opened, draft)
            for step, part in zip(steps, narrowed(draft), strict=True):
                own, said = people_of(part), people_of(step.definition)
                assert step.people == len(said)
                assert len(own ^ said) < SHOWN_FROM
                told_of |= {said} if len(said) >= SHOWN_FROM else set()
    for one, other in combinations(told_of, 2):
        assert len(one ^ other) >= SHOWN_FROM


def test_the_second_of_two_is_told_as_the_first_whatever_the_order(shop: Settings) -> None:
    for first, second in pairwise((180, 181, 179, 160)):
        with open_world(shop, SHOP) as opened:
            one = told.spoken(shop, SHOP, opened, of(name="1", enter=busy(first)))[1][-1]
            other = told.spoken(shop, SHOP, opened, of(name="2", enter=busy(second)))[1][-1]
        assert (one.people, other.people) == (61, 61), "the first that was asked about"


def test_an_audience_saved_after_a_draft_is_told_as_the_draft(shop: Settings) -> None:
    with open_world(shop, SHOP) as opened:
        told.spoken(shop, SHOP, opened, of(name="Draft", enter=busy(180)))
    made = store.create(shop, SHOP, of(name="Saved", enter=busy(182)), by="test")
    same = store.create(shop, SHOP, of(name="Same", enter=busy(180)), by="test")
    refresh(shop, SHOP)
    assert sizes.one(shop, SHOP, made.audience_id).people == 61
    assert sizes.one(shop, SHOP, same.audience_id).people == 61
    with open_world(shop, SHOP) as opened:
        near = told.spoken(shop, SHOP, opened, of(name="Draft 2", enter=busy(181)))[1][-1]
    assert (near.people, near.audience_id) == (61, same.audience_id)


def test_a_new_build_forgets_what_was_told(shop: Settings) -> None:
    with open_world(shop, SHOP) as opened:
        told.spoken(shop, SHOP, opened, of(name="1", enter=busy(180)))
    later = publish_night(shop, 1, [Person(7919 * n, hits=n) for n in range(1, PEOPLE + 1)])
    with open_world(later, SHOP) as opened:
        one = told.spoken(later, SHOP, opened, of(name="2", enter=busy(181)))[1][-1]
    assert one.people == 60


@DRAWN
@given(DRAFTS, DRAFTS)
def test_shapes_add_up_to_the_funnel_and_never_overstate(
    shop: Settings, one: Definition, other: Definition
) -> None:
    with open_world(shop, SHOP) as opened:
        found = shapes(one, opened.world, opened.connection)
        steps = funnel(one, opened.world, opened.connection)
        assert [sum(shape) for shape in found] == [step.left for step in steps]
        last = shapes(other, opened.world, opened.connection)[-1]
        keys = [set(members(d, opened.world, opened.connection)) for d in (one, other)]
    assert least_difference(found[-1], last) <= len(keys[0] ^ keys[1])
