"""Picking up from a folder: what is whole is landed once and leaves; nothing else is touched."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from ingest.storage import fetch
from ingest.storage import noted as rows
from ingest.storage.place import Place
from matchbook import registry
from matchbook.failpoints import STORAGE_FAILPOINTS
from matchbook.settings import Settings
from tests.onboarding import (
    DROP,
    FIRST,
    SECOND,
    THIRD,
    at,
    contacts,
    ledger,
    left,
    onboard,
    put,
    register,
)


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    folder = tmp_path / "drop"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(tmp_path: Path, drop: Path) -> Settings:
    settings = Settings(home=tmp_path / "home")
    register(settings, at(drop.as_uri()))
    return settings


def archiving(settings: Settings, drop: Path) -> None:
    register(settings, at(drop.as_uri(), after="archive"))


def test_whole_files_land_by_time_and_leave(settings: Settings, drop: Path) -> None:
    put(drop, SECOND, contacts("b", "c"))
    put(drop, FIRST, contacts("a"), done=False, age=400)
    put(drop, "onboard/audience=news/opt-out/20261122_030000.csv", b"crm_record_id\na\n")
    done = onboard(settings)
    assert done.polls[0].copied == done.polls[0].removed
    assert done.reasons == {}
    assert [name for name, *_ in ledger(settings)] == [
        "20261120_020000.csv", "20261121_020000.csv", "20261122_030000.csv",
    ]  # fmt: skip
    assert left(drop) == left(settings.inbox) == []
    again = onboard(settings)
    assert (again.loads, again.polls[0].removed) == ([], [])


def test_a_growing_file_waits_until_two_looks_agree(settings: Settings, drop: Path) -> None:
    path = put(drop, FIRST, contacts("a"), done=False)
    put(drop, SECOND + ".part", b"half", done=False)
    put(drop, THIRD + ".tmp", b"half", done=False)
    first = onboard(settings)
    assert (first.polls[0].waiting, first.reasons) == ([FIRST], {})
    path.write_bytes(contacts("a", "b"))
    make_older(settings, 31)
    assert onboard(settings).polls[0].waiting == [FIRST]
    make_older(settings, 31)
    assert onboard(settings).polls[0].copied == [FIRST]
    assert ledger(settings) == [("20261120_020000.csv", 2, 0)]
    assert left(drop) == [SECOND + ".part", THIRD + ".tmp"]


def make_older(settings: Settings, seconds: float) -> None:
    """As if what is noted had been noted so much earlier."""
    for file in rows.noted(settings):
        rows.note(settings, file, seen_at=file.seen_at - timedelta(seconds=seconds))


def test_a_file_that_changes_while_it_is_copied_is_not_taken(
    settings: Settings, drop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(drop, FIRST, contacts("a"))
    read = Place._read

    def reading(self: Place, remote: object) -> bytes:
        block = read(self, remote)
        path.write_bytes(contacts("a", "b"))
        return block

    with monkeypatch.context() as patched:
        patched.setattr(Place, "_read", reading)
        assert onboard(settings).reasons == {FIRST: "changed"}
    assert left(settings.inbox) == []
    assert onboard(settings).reasons == {}
    assert ledger(settings) == [("20261120_020000.csv", 2, 0)]


def test_a_bad_file_does_not_hold_up_the_others(settings: Settings, drop: Path) -> None:
    put(drop, f"{DROP}/20261120_010000.csv.gz", b"\x1f\x8bdamaged")
    put(drop, FIRST, b"crm_record_id,email\nr1,jo.doe@mail.example\n")
    put(drop, SECOND, contacts("a"))
    (drop / SECOND).with_name(THIRD.split("/")[-1]).write_bytes(contacts("b"))
    put(drop, THIRD + ".manifest.json", b'{"bytes": 3}', done=False)
    done = onboard(settings)
    assert done.reasons == {THIRD: "manifest_mismatch"}
    assert ledger(settings) == [("20261121_020000.csv", 1, 0)]
    assert left(drop) == [THIRD, THIRD + ".manifest.json"]
    assert len(list(settings.refused.glob("*.reason.json"))) == 2
    everything = [p.read_bytes() for p in settings.home.rglob("*") if p.is_file()]
    assert not any(b"jo.doe" in content for content in everything)


def test_one_place_that_is_not_there_does_not_stop_the_next(
    settings: Settings, drop: Path, tmp_path: Path
) -> None:
    register(settings, at((tmp_path / "none").as_uri(), "gone"), at(drop.as_uri()))
    put(drop, FIRST, contacts("a"))
    gone, there = onboard(settings).polls
    assert (gone.is_reached, gone.problems[0].reason) == (False, "not_found")
    told = gone.problems[0]
    assert all((told.happened, told.kept, told.todo))
    assert there.removed == [FIRST]


def test_the_archive_keeps_every_version_of_a_name(settings: Settings, drop: Path) -> None:
    archiving(settings, drop)
    for names in (("a",), ("a", "b"), ("a",)):
        put(drop, FIRST, contacts(*names))
        assert onboard(settings).reasons == {}
    kept = left(drop)
    assert len(kept) == 2
    assert all(name.startswith("archive/audience=news/opt-in/20261120_020000-") for name in kept)
    # The same name with the same bytes as before had landed already.
    assert [row[1:] for row in ledger(settings)] == [(1, 0), (2, 0)]


def test_raw_personal_data_is_deleted_and_not_archived(settings: Settings, drop: Path) -> None:
    archiving(settings, drop)
    put(drop, FIRST, b"crm_record_id,email\nr1,jo.doe@mail.example\n")
    put(drop, SECOND + ".gz", b"\x1f\x8bdamaged")
    onboard(settings)
    (kept,) = left(drop)
    assert kept.startswith("archive/audience=news/opt-in/20261121_020000-")
    assert kept.endswith(".csv.gz")


def test_the_same_content_under_a_new_name_is_a_duplicate(settings: Settings, drop: Path) -> None:
    put(drop, FIRST, contacts("a", "b"))
    onboard(settings)
    put(drop, SECOND, contacts("a", "b"))
    assert onboard(settings).polls[0].removed == [SECOND]
    assert [row[1:] for row in ledger(settings)] == [(2, 0), (0, 2)]


def test_a_newer_version_is_not_deleted_with_the_landed_one(settings: Settings, drop: Path) -> None:
    put(drop, FIRST, contacts("a"))
    fetch(settings, registry.current(settings))
    put(drop, FIRST, contacts("a", "b"))
    assert onboard(settings).polls[0].removed == [FIRST]
    assert left(drop) == [FIRST, FIRST + ".done"]
    assert onboard(settings).polls[0].removed == [FIRST]
    assert [row[1:] for row in ledger(settings)] == [(1, 0), (2, 0)]


def test_only_the_clients_own_lists_and_conventional_names(settings: Settings, drop: Path) -> None:
    put(drop, "onboard/audience=theirs/opt-in/20261120_020000.csv", contacts("a"))
    put(drop, "onboard/audience=news/add/20261120_020000.csv", contacts("a"))
    put(drop, f"{DROP}/notes \x1b[31m.txt", b"x")
    put(drop, f"{DROP}/sub/20261120_020000.csv", contacts("a"))
    before = left(drop)
    done = onboard(settings)
    assert sorted(done.reasons.values()) == ["file_name", "file_name", "unknown_list",
                                             "unknown_mode"]  # fmt: skip
    assert not any("\x1b" in path for path in done.reasons)
    assert (done.loads, left(drop), left(settings.inbox)) == ([], before, [])


def test_links_are_not_followed(settings: Settings, drop: Path, tmp_path: Path) -> None:
    outside = put(tmp_path / "outside", "20261120_020000.csv", contacts("a"))
    (drop / DROP).mkdir(parents=True)
    (drop / FIRST).symlink_to(outside)
    (drop / "onboard/audience=news/replace").symlink_to(outside.parent)
    assert set(onboard(settings).reasons.values()) <= {"file_name", "rights"}
    assert ledger(settings) == []
    assert outside.exists()


def test_a_paused_location_is_left_alone(settings: Settings, drop: Path) -> None:
    register(settings, at(drop.as_uri(), paused=True))
    put(drop, FIRST, contacts("a"))
    assert onboard(settings).polls == []
    assert left(drop) == [FIRST, FIRST + ".done"]


def test_our_own_home_is_no_storage(settings: Settings, tmp_path: Path) -> None:
    settings.inbox.mkdir(parents=True)
    register(settings, at(settings.inbox.as_uri()))
    assert onboard(settings).polls[0].is_reached is False


def test_a_full_disk_is_told_and_takes_nothing(
    settings: Settings, drop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(drop, FIRST, contacts("a"))
    monkeypatch.setattr("ingest.storage.copying.SPARE_BYTES", 1 << 60)
    (poll,) = onboard(settings).polls
    assert "disk is full" in poll.problems[0].happened
    assert left(drop) == [FIRST, FIRST + ".done"]


KILLED = """
import sys
from pathlib import Path
from matchbook.settings import Settings
from tests.onboarding import onboard
onboard(Settings(home=Path(sys.argv[1])))
"""


QUICK = {("storage.in_inbox", "delete"), ("storage.outcome_noted", "archive")}
"""Before landing, and between landing and archiving; the others are proofs."""


@pytest.mark.parametrize(
    ("place", "after"),
    [
        pytest.param(place, after, marks=[] if (place, after) in QUICK else pytest.mark.proof)
        for place in STORAGE_FAILPOINTS
        for after in ("delete", "archive")
    ],
)
def test_a_killed_round_is_completed_by_the_next(
    settings: Settings, drop: Path, place: str, after: str
) -> None:
    register(settings, at(drop.as_uri(), after=after))
    put(drop, FIRST, contacts("a"))
    put(drop, SECOND, contacts("b", "c"))
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(settings.home)],
        env={**os.environ, "MATCHBOOK_FAILPOINT": place},
        check=False,
    )
    assert done.returncode == -9
    onboard(settings)
    assert [row[1:] for row in ledger(settings)] == [(1, 0), (2, 0)]
    assert left(settings.inbox) == []
    assert len(left(drop)) == (2 if after == "archive" else 0)
    assert rows.noted(settings) == []
