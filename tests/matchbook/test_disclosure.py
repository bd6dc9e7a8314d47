"""What is said of groups of people: never of few, never exactly, never by a difference."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchbook import disclosure
from matchbook.disclosure import LEAST_AT_PARTNER, LEAST_IN_CEP, SHOWN_FROM

SIZES = st.integers(0, 30_000_000)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "<50"), (1, "<50"), (49, "<50"), (50, "50"), (73, "73"), (99, "99"), (100, "100"),
        (104, "100"), (105, "110"), (149, "150"), (994, "990"), (995, "1,000"), (1_249, "1,200"),
        (12_500, "13,000"), (1_049_999, "1,000,000"),
    ],
)  # fmt: skip
def test_sizes_have_two_digits(count: int, text: str) -> None:
    assert disclosure.written(disclosure.rounded(count)) == text


@given(SIZES)
def test_a_size_is_near_what_it_says(count: int) -> None:
    said = disclosure.rounded(count)
    if count < SHOWN_FROM:
        assert said is None
    else:
        assert said is not None
        assert abs(said - count) <= count * 0.05
        assert len(str(said).rstrip("0")) <= 2


@given(SIZES, SIZES)
def test_a_larger_group_is_never_said_to_be_smaller(one: int, other: int) -> None:
    few, many = sorted((one, other))
    assert (disclosure.rounded(few) or 0) <= (disclosure.rounded(many) or 0)


@pytest.mark.parametrize("narrowed", [[60, 59, 58, 57], [140, 120, 95, 91]])
def test_narrowing_step_by_step_isolates_nobody(narrowed: list[int]) -> None:
    """UI11. Whoever adds one condition after the other never sees a step of a few people."""
    shown = [count or 0 for count in disclosure.nested(narrowed)]
    assert len(set(shown)) <= 2


@given(st.lists(st.integers(0, 100_000), min_size=2, max_size=12))
def test_groups_inside_each_other_show_no_small_rest(counts: list[int]) -> None:
    """P39. What is shown is equal or far apart, and nothing below 50 is shown."""
    shown = disclosure.nested(sorted(counts, reverse=True))
    said = [count for count in shown if count is not None]
    assert len(said) == sum(count >= SHOWN_FROM for count in counts)
    rests = [before - after for before, after in pairwise(said)]
    assert all(rest == 0 or rest >= SHOWN_FROM - 10 for rest in rests)


@given(st.integers(SHOWN_FROM, 3_000), st.integers(0, 3_500))
def test_a_part_beside_its_whole_tells_of_no_small_rest(whole: int, count: int) -> None:
    """P39. As people beside those reachable; one person may have two contacts."""
    shown, beside = disclosure.part(whole, count), disclosure.rounded(whole)
    if 0 < whole - count < SHOWN_FROM <= count:
        assert shown == beside
    else:
        assert shown == disclosure.rounded(count)


def test_what_all_but_a_few_share_reads_as_all() -> None:
    assert disclosure.overlap(300, 299) == disclosure.rounded(300)
    assert disclosure.overlap(300, 200) == 200
    assert disclosure.overlap(300, 3) is None


@pytest.mark.parametrize(
    ("destination", "least"), [("cep", LEAST_IN_CEP), ("partner", LEAST_AT_PARTNER)]
)
def test_small_groups_go_nowhere(destination: disclosure.Destination, least: int) -> None:
    assert disclosure.refusal(destination, least - 1) == "size<k"
    assert disclosure.refusal(destination, least) is None


@pytest.mark.parametrize("difference", [0, 1, 24, 25, 99, 100], ids=lambda n: f"UI10-{n}")
def test_of_two_nearly_equal_groups_the_second_stays(difference: int) -> None:
    """Two lists that differ by one person are a list of one person."""
    for destination, least in (("cep", LEAST_IN_CEP), ("partner", LEAST_AT_PARTNER)):
        found = disclosure.refusal(destination, 500, nearest_difference=difference)  # type: ignore[arg-type]
        assert found == ("difference<k" if 0 < difference < least else None)


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((11_000, 904, 863), [11_000, 860, 860]),
        ((900, 420, 100), [900, 420, 100]),
        ((130, 90, 30), [90, 90, None]),
        ((70,), [70]),
        ((), []),
    ],
)
def test_a_size_said_elsewhere_too_stays(counts: tuple[int, ...], shown: list[int | None]) -> None:
    assert disclosure.nested_from_last(counts) == shown
