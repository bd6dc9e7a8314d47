"""Audiences over several nights: who enters, stays and leaves, and what is said of failures."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from matchbook import jobs
from matchbook.audiences import of
from matchbook.failpoints import AUDIENCE_FAILPOINTS
from matchbook.kept_audiences import lists, members, refreshes, sizes, store, wishes
from matchbook.kept_audiences.refreshes import Refresh
from matchbook.kept_audiences.refreshing import refresh, refresh_all
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
from tests.sizes import a_few_now


@pytest.fixture
def shop(settings: Settings) -> Settings:
    return make_client(settings)


def save(settings: Settings, definition: object) -> str:
    return store.create(settings, SHOP, definition, by="test").audience_id  # type: ignore[arg-type]


def newest(settings: Settings, audience_id: str) -> Refresh:
    return refreshes.newest(settings, SHOP)[audience_id]


def people_in(settings: Settings, audience_id: str) -> list[int]:
    found = newest(settings, audience_id)
    rows = members.read(settings, SHOP, audience_id, found.file_name)
    return members.keys(rows).tolist()


def changes(settings: Settings, audience_id: str) -> tuple[int | None, ...]:
    found = newest(settings, audience_id)
    return found.people, found.entered, found.stayed, found.left


def test_every_night_says_who_came_and_who_went(shop: Settings) -> None:
    audience = save(shop, in_segment("loyal"))
    night = publish_night(shop, 0, [*crowd(range(1, 5), "loyal"), *crowd([9], "new")])
    refresh_all(night)
    assert changes(shop, audience) == (4, 4, 0, 0)
    night = publish_night(shop, 1, [*crowd(range(3, 10), "loyal"), Person(1)])
    refresh_all(night)
    assert people_in(shop, audience) == [3, 4, 5, 6, 7, 8, 9]
    assert changes(shop, audience) == (7, 5, 2, 2)
    assert refresh_all(night) == []


def test_whoever_opted_out_is_in_no_audience_not_even_kept(shop: Settings) -> None:
    audience = save(shop, in_segment("loyal", leave=busy(100)))
    refresh_all(publish_night(shop, 0, crowd([1, 2], "loyal")))
    refresh_all(publish_night(shop, 1, [*crowd([1], "loyal", is_suppressed=True), Person(2, "r2")]))
    assert people_in(shop, audience) == [2]


def test_with_a_leave_box_people_stay_until_it_holds(shop: Settings) -> None:
    audience = save(shop, in_segment("loyal", leave=busy(100)))
    refresh_all(publish_night(shop, 0, crowd([1, 2, 3], "loyal")))
    refresh_all(publish_night(shop, 1, [*crowd([1], "old"), *crowd([2], "old", hits=100)]))
    assert people_in(shop, audience) == [1]
    refresh_all(publish_night(shop, 2, crowd([1, 2], "old")))
    assert people_in(shop, audience) == [1]


def test_a_kept_browser_that_is_matched_stays_as_the_person_it_belongs_to(shop: Settings) -> None:
    audience = save(shop, of(name="Busy", enter=busy(50), leave=busy(1_000)))
    refresh_all(publish_night(shop, 0, [Person(7, hits=60)]))
    refresh_all(publish_night(shop, 1, [Person(700, "ana", browser=7)]))
    assert people_in(shop, audience) == [700]
    assert changes(shop, audience) == (1, 0, 1, 0)


def test_time_runs_out_and_comes_back_only_after_a_pause(shop: Settings) -> None:
    audience = save(shop, in_segment("loyal", expires_after_days=2))
    segments = ["loyal", "loyal", "loyal", "loyal", "new", "loyal"]
    seen = []
    for number, segment in enumerate(segments):
        refresh_all(publish_night(shop, number, crowd([1], segment)))
        seen.append(people_in(shop, audience))
    assert seen == [[1], [1], [], [], [], [1]]


def test_an_expiry_alone_keeps_people_for_its_days(shop: Settings) -> None:
    audience = save(shop, in_segment("loyal", expires_after_days=2))
    seen = []
    for number, segment in enumerate(["loyal", "old", "old"]):
        refresh_all(publish_night(shop, number, crowd([1], segment)))
        seen.append(people_in(shop, audience))
    assert seen == [[1], [1], []]


def test_changed_conditions_start_anew_and_a_changed_name_does_not(shop: Settings) -> None:
    definition = in_segment("loyal", leave=busy(100))
    audience = save(shop, definition)
    refresh_all(publish_night(shop, 0, crowd([1, 2], "loyal")))
    night = publish_night(shop, 1, [*crowd([1], "old"), *crowd([2], "loyal")])
    renamed = definition.model_copy(update={"name": "Dear customers"})
    store.save(shop, SHOP, audience, renamed, by="test")
    refresh_all(night)
    assert people_in(shop, audience) == [1, 2]
    narrower = renamed.model_copy(update={"look_back_days": 7})
    store.save(shop, SHOP, audience, narrower, by="test")
    refresh_all(night)
    assert people_in(shop, audience) == [2]
    assert (newest(shop, audience).version, newest(shop, audience).left) == (3, 1)


def test_a_holdout_is_in_the_audience_and_stays_the_same(shop: Settings) -> None:
    audience = save(shop, in_segment("loyal", holdout_percent=20))
    held = []
    for night in range(2):
        refresh_all(publish_night(shop, night, crowd(range(1, 401), "loyal")))
        found = newest(shop, audience)
        rows = members.read(shop, SHOP, audience, found.file_name)
        held.append(rows.filter(rows["is_held_out"])["member_key"].to_pylist())
    assert held[0] == held[1]
    assert 50 < len(held[0]) < 110
    assert newest(shop, audience).people == 400


def test_a_new_upload_replaces_the_list(shop: Settings, tmp_path: Path) -> None:
    on_list = {"kind": "on_list", "list": "guests"}
    audience = save(shop, of(name="Guests", enter=on_list))
    night = publish_night(shop, 0, crowd(range(1, 6), "loyal"))
    upload(night, tmp_path, "r1", "r2", "r2", "unknown")
    refresh_all(night)
    assert people_in(shop, audience) == [1, 2]
    upload(night, tmp_path, "r5")
    refresh(night, SHOP, only=[audience])
    assert people_in(shop, audience) == [5]
    assert [one.records for one in lists.all_of(shop, SHOP)] == [1]


def test_an_upload_alone_makes_a_refresh_due(shop: Settings, tmp_path: Path) -> None:
    """Of those that use the list, and of those that refer to them; of no other."""
    guests = save(shop, of(name="Guests", enter={"kind": "on_list", "list": "guests"}))
    refers = save(shop, of(name="Refers", enter={"kind": "in_audience", "audience": guests}))
    save(shop, in_segment("loyal"))
    night = publish_night(shop, 0, crowd(range(1, 6), "loyal"))
    upload(night, tmp_path, "r1")
    refresh_all(night)
    upload(night, tmp_path, "r1")
    assert refresh(night, SHOP) == [], "the same records are the same list"
    upload(night, tmp_path, "r2", "r3")
    assert sizes.one(night, SHOP, guests).standing == "stale"
    assert [one.audience_id for one in refresh(night, SHOP)] == [guests, refers]
    assert people_in(shop, refers) == [2, 3]
    assert sizes.one(night, SHOP, guests).standing == "up_to_date"
    assert wishes.refresh_users_of(night, SHOP, "guests") == (guests,)
    assert wishes.refresh_users_of(night, SHOP, "nobodys") == ()
    assert [job.arguments for job in jobs.all_of(night)] == [{"audience_ids": [guests]}]


def upload(settings: Settings, folder: Path, *records: str) -> None:
    file = folder / "guests.csv"
    file.write_text("\n".join(["crm_record_id", *records, ""]))
    lists.replace(settings, SHOP, "guests", file, name="Guests", by="test")


def test_whoever_refers_to_a_changed_audience_is_refreshed_after_it(shop: Settings) -> None:
    inner = save(shop, in_segment("loyal", leave=busy(100)))
    outer = save(shop, of(name="Outer", enter={"kind": "in_audience", "audience": inner}))
    night = publish_night(shop, 0, [*crowd([1, 2], "loyal"), *crowd([3], "new")])
    refresh_all(night)
    assert people_in(shop, outer) == [1, 2]
    changed = in_segment("new", leave=busy(100))
    store.save(shop, SHOP, inner, changed, by="test")
    done = refresh(night, SHOP)
    assert [one.audience_id for one in done] == [inner, outer]
    assert people_in(shop, outer) == [3]


def test_two_audiences_that_differ_by_a_few_read_the_same(shop: Settings) -> None:
    """UI10. Else the one person in only one of them could be told by subtraction."""
    first = save(shop, in_segment("loyal", "1"))
    second = save(shop, of(name="2", enter={"kind": "is", "what": "matched"}))
    other = save(shop, of(name="3", enter=busy(1)))
    people = [*crowd(range(1, 71), "loyal"), *crowd([99], "new")]
    refresh_all(publish_night(shop, 0, [*people, *(Person(k) for k in range(1_000, 1_200))]))
    assert [newest(shop, a).shown_as for a in (first, second, other)] == [None, first, None]


def test_a_broken_audience_says_so_and_stops_no_other(
    shop: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = save(shop, in_segment("loyal"))
    refers = save(shop, of(name="Refers", enter={"kind": "in_audience", "audience": broken}))
    well = save(shop, in_segment("new"))
    refresh_all(publish_night(shop, 0, crowd([1], "loyal")))
    night = publish_night(shop, 1, crowd([1, 2], "loyal"))
    folder = shop.audiences / SHOP / broken
    (file,) = folder.glob("*.parquet")
    file.chmod(0o600)
    file.write_bytes(b"no parquet")
    done = {one.audience_id: one for one in refresh_all(night)}
    assert (done[broken].state, done[well].state) == ("failed", "done")
    assert done[broken].reason is not None
    assert done[refers].reason == "An audience it refers to could not be refreshed."
    last = refreshes.newest(shop, SHOP, done=True)[broken]
    assert (last.people, last.as_of.day) == (1, 17)


def test_only_files_of_the_last_refreshes_are_kept(shop: Settings) -> None:
    audience = save(shop, in_segment("loyal"))
    for night in range(5):
        refresh_all(publish_night(shop, night, crowd(range(night + 1), "loyal")))
    assert len(list((shop.audiences / SHOP / audience).glob("*.parquet"))) == 3
    known = refreshes.of_audience(shop, SHOP, audience)
    assert [one.people for one in known] == [1, 2, 3, 4, 5]


RUN = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from matchbook.kept_audiences.refreshing import refresh_all
from matchbook.settings import Settings
refresh_all(Settings(home=Path(sys.argv[1]), now=datetime(2026, 11, 17, 3, 10, tzinfo=UTC)))
"""


@pytest.mark.parametrize("place", a_few_now(AUDIENCE_FAILPOINTS, "audiences.one_done"))
def test_a_killed_refresh_is_completed_by_the_next(shop: Settings, place: str) -> None:
    audiences = [save(shop, in_segment(s)) for s in ("loyal", "new")]
    night = publish_night(shop, 0, [*crowd([1, 2], "loyal"), *crowd([3], "new")])
    environ = {**os.environ, "MATCHBOOK_FAILPOINT": place}
    command = [sys.executable, "-c", RUN, str(shop.home)]
    killed = subprocess.run(command, env=environ, capture_output=True, timeout=60)
    assert killed.returncode == -9, killed.stderr
    refresh_all(night)
    assert [people_in(shop, a) for a in audiences] == [[1, 2], [3]]
    states = [r.state for a in audiences for r in refreshes.of_audience(shop, SHOP, a)]
    assert sorted(set(states)) == (["done", "failed"] if place.endswith("written") else ["done"])
    assert refresh_all(night) == []
