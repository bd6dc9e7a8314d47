"""Databases stay open between questions, and no longer than wanted."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import duckdb
import pytest

from matchbook.errors import TookTooLong
from matchbook.kept_open import KeptOpen
from matchbook.reading import Limits, time_limit
from matchbook.warehouse import open_memory

LONG = "select count(*) from range(100_000_000) a, range(100_000) b where a.range % 7 = b.range % 7"


class Opened:
    """Counts the databases that were opened."""

    def __init__(self) -> None:
        self.connections: list[duckdb.DuckDBPyConnection] = []

    def __call__(self) -> duckdb.DuckDBPyConnection:
        self.connections.append(open_memory())
        return self.connections[-1]

    def closed(self) -> list[bool]:
        return [not _answers(one) for one in self.connections]


@pytest.fixture
def opened() -> Opened:
    return Opened()


@pytest.fixture
def kept() -> Iterator[KeptOpen]:
    made = KeptOpen(most=2, idle_seconds=60)
    yield made
    made.close()


def test_one_database_serves_many_questions(kept: KeptOpen, opened: Opened) -> None:
    with kept.cursor("a", opened) as first:
        first.execute("create temp table mine as select 1")
        with kept.cursor("a", opened) as second, pytest.raises(duckdb.CatalogException):
            second.execute("from mine")
    with kept.cursor("a", opened) as later, pytest.raises(duckdb.CatalogException):
        later.execute("from mine")
    assert len(opened.connections) == 1


def test_the_one_used_longest_ago_makes_room(kept: KeptOpen, opened: Opened) -> None:
    for key in ("a", "b", "a", "c"):
        with kept.cursor(key, opened):
            pass
    assert opened.closed() == [False, True, False]


def test_one_in_use_is_never_closed(kept: KeptOpen, opened: Opened) -> None:
    with kept.cursor("a", opened) as held:
        for key in ("b", "c", "d"):
            with kept.cursor(key, opened):
                pass
        kept.close()
        assert held.execute("select 1").fetchall() == [(1,)]
    assert opened.closed() == [False, True, True, True]


def test_what_nobody_uses_is_closed_after_a_while(opened: Opened) -> None:
    kept = KeptOpen(most=2, idle_seconds=0.05)
    with kept.cursor("a", opened), kept.cursor("b", opened):
        time.sleep(0.1)  # longer than that in use
        assert opened.closed() == [False, False]
    gone_by = time.monotonic() + 10
    while not all(opened.closed()) and time.monotonic() < gone_by:
        time.sleep(0.02)
    assert opened.closed() == [True, True]


def test_a_database_that_does_not_open_is_asked_for_again(kept: KeptOpen, opened: Opened) -> None:
    def broken() -> duckdb.DuckDBPyConnection:
        raise duckdb.IOException("gone")

    with pytest.raises(duckdb.IOException), kept.cursor("a", broken):
        pass
    with kept.cursor("a", opened) as connection:
        assert connection.execute("select 1").fetchall() == [(1,)]


def test_stopping_one_question_leaves_the_others(kept: KeptOpen, opened: Opened) -> None:
    answers: list[list[tuple[int, ...]]] = []

    def ask() -> None:
        with kept.cursor("a", opened) as other:
            for _ in range(200):
                answers.append(other.execute("select count(*) from range(10_000)").fetchall())

    beside = threading.Thread(target=ask)
    with kept.cursor("a", opened) as connection:
        beside.start()
        with pytest.raises(TookTooLong), time_limit(connection, Limits(seconds=0.05)):
            connection.execute(LONG)
    beside.join()
    assert answers == [[(10_000,)]] * 200


def _answers(connection: duckdb.DuckDBPyConnection) -> bool:
    try:
        connection.execute("select 1")
    except duckdb.ConnectionException:
        return False
    return True
