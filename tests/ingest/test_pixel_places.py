"""The account of a log says of every call that names a place which site and partner it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse
from tests.pixel_desk import Desk
from tests.pixel_lines import SNOWPLOW_ID, sync

PLACED = (
    "select site_id, partner_id, outcome, reason, sum(lines)::int from raw.line_outcomes "
    "where load_seq = {} group by all order by all"
)


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    with open_warehouse(settings) as connection:
        yield Desk(connection, settings)


@pytest.fixture
def lines(desk: Desk) -> list[str]:
    return [
        desk.ours(sync(SNOWPLOW_ID)),
        desk.ours(sync(SNOWPLOW_ID) + "&gdpr=1"),
        desk.ours(sync(SNOWPLOW_ID), cookie=None),
        desk.ours(sync("${ID}")),
        desk.ours(sync(SNOWPLOW_ID, site="nobody")),
    ]


def test_each_outcome_has_its_place(desk: Desk, lines: list[str]) -> None:
    seq = desk.land(*lines).load_seq
    found = {row[2:4]: row[:2] for row in desk.rows(PLACED.format(seq))}
    place = ("shop", "snowplow")
    assert found == {
        ("accepted", None): place,
        ("untracked", "no_consent"): place,
        ("untracked", "no_cookie"): place,
        ("quarantined", "unexpanded_macro"): place,
        ("quarantined", "unknown_site"): (None, "snowplow"),
    }


def test_a_file_that_comes_again_is_repeated_where_it_was(desk: Desk, lines: list[str]) -> None:
    desk.land(*lines)
    seq = desk.land(*lines, name="again.log").load_seq
    found = desk.rows(PLACED.format(seq))
    assert ("shop", "snowplow", "duplicate", "same_file", 4) in found
    assert {row[2] for row in found} == {"duplicate"}
