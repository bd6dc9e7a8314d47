"""What is worked out once for many equal rows comes out as if each had been looked at."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.pixel_logs.distinct import asked, asked_once, distinct, spread
from ingest.pixel_logs.periods import Periods
from matchbook.warehouse import open_memory

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "", None]),
        st.sampled_from([True, False]),
        st.sampled_from([True, None]),
        st.integers(0, 3),
    )
)
TYPES = (pa.string(), pa.bool_(), pa.bool_(), pa.int64())


@given(ROWS)
def test_equal_rows_share_a_number(rows: list[tuple]) -> None:
    columns = [pa.array([row[n] for row in rows], kind) for n, kind in enumerate(TYPES)]
    found = distinct(columns)
    assert len(found.codes) == len(rows)
    assert len(found.firsts) == len(set(rows))
    for number, first in enumerate(found.firsts.tolist()):
        places = np.flatnonzero(found.codes == number).tolist()
        assert places == [n for n, row in enumerate(rows) if row == rows[first]]
        assert places[0] == first


def test_many_columns_do_not_overflow() -> None:
    columns = [pa.array(range(1000)) for _ in range(12)]
    assert len(distinct(columns).firsts) == 1000


@pytest.mark.parametrize("how", [asked, asked_once])
@pytest.mark.parametrize("texts", [[], ["b", None, "a", "b"]], ids=["none", "some"])
def test_answers_stand_beside_their_questions(how, texts: list[str | None]) -> None:
    with open_memory() as connection:
        given_ = {"x": pa.array(texts, pa.string())}
        found = how(connection, given_, "select place, x || '!' as y from given")
    assert found["y"].to_pylist() == [None if x is None else x + "!" for x in texts]


def test_some_rows_are_spread_over_all() -> None:
    found = spread({"x": pa.array(["a", "b"])}, np.array([1, 3]), 4)
    assert found["x"].to_pylist() == [None, "a", None, "b"]


NOW = datetime(2026, 11, 21, 3, 10)
OLDEST, LATEST, DECLARED = NOW - timedelta(days=400), NOW, datetime(2026, 11, 20, 12)
MOMENTS = st.datetimes(NOW - timedelta(days=402), NOW + timedelta(days=2))
NEAR = st.builds(
    lambda moment, n: moment + timedelta(microseconds=n),
    st.sampled_from([OLDEST, LATEST, DECLARED]),
    st.integers(-2, 2),
)


@given(st.lists(st.one_of(st.none(), MOMENTS, NEAR)))
def test_a_periods_beginning_is_judged_like_its_moments(moments: list[datetime | None]) -> None:
    periods = Periods([DECLARED], oldest=OLDEST, latest=LATEST)
    found = periods.begins(pa.array(moments, pa.timestamp("us"))).to_pylist()
    assert [judged(moment) for moment in found] == [judged(moment) for moment in moments]


def judged(at: datetime | None) -> tuple | None:
    return at and (at < OLDEST, at > LATEST, at >= DECLARED, at.date())
