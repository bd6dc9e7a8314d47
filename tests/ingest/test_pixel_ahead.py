"""Work done ahead comes in order, and fails where it would have failed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ingest.pixel_logs.ahead import ahead


@pytest.mark.parametrize("count", [1, 3])
def test_items_keep_their_order(count: int) -> None:
    assert list(ahead(iter(range(10)), count)) == list(range(10))


def test_no_more_than_asked_for_is_made_ahead() -> None:
    made = []

    def items() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            yield number

    found = ahead(items(), 2)
    assert next(found) == 0
    found.close()
    assert made in ([0, 1], [0, 1, 2])


def test_a_failure_comes_after_what_went_well() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError

    found = ahead(items())
    assert next(found) == 1
    with pytest.raises(OSError):  # noqa: PT011
        next(found)
