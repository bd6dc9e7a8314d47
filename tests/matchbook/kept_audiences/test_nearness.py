"""P39: no pair of told sizes says anything of a few people, directly or by difference."""

from __future__ import annotations

import random
from itertools import combinations

from matchbook.audiences import of
from matchbook.disclosure import SHOWN_FROM
from matchbook.kept_audiences import members, refreshes, sizes, store
from matchbook.kept_audiences.refreshing import refresh_all
from matchbook.settings import Settings
from tests.matchbook.kept_audiences.nights import SHOP, Person, make_client, publish_night

PEOPLE, AUDIENCES = 600, 24


def test_sizes_of_many_alike_audiences_solve_nothing(settings: Settings) -> None:
    make_client(settings)
    chance = random.Random(39)
    for number in range(AUDIENCES):
        # The same salt: each is inside every larger one, as when somebody narrows step by step.
        share = {"kind": "in_share", "salt": "s", "percent": chance.uniform(1, 100)}
        store.create(settings, SHOP, of(name=f"{number:02}", enter=share), by="test")
    keys = [chance.getrandbits(60) for _ in range(PEOPLE)]  # hashes, as real ones are
    people = [Person(key, contact=number) for number, key in enumerate(keys)]
    refresh_all(publish_night(settings, 0, people))
    told = {one.audience.audience_id: one for one in sizes.overview(settings, SHOP)}
    own = {name: _members(settings, name) for name in told}
    checked = 0
    for one, other in combinations(told, 2):
        few = len(own[one] ^ own[other])
        if 0 < few < SHOWN_FROM and None not in (told[one].people, told[other].people):
            checked += 1
            assert told[one].shown_as or told[other].shown_as
    assert checked > 10
    assert {one.people for one in told.values() if len(own[one.audience.audience_id]) < 50} <= {
        None
    }


def _members(settings: Settings, audience_id: str) -> set[int]:
    found = refreshes.newest(settings, SHOP)[audience_id]
    rows = members.read(settings, SHOP, audience_id, found.file_name)
    return set(members.keys(rows).tolist())
