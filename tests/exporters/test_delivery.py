"""Deliveries: each change exactly once, whatever happens between the nights."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from exporters.delivery import deliver_all
from exporters.destinations import LocalFolder
from exporters.stored import redeliver
from matchbook import deliveries
from matchbook.errors import DestinationError, SnapshotUnavailable
from matchbook.failpoints import FAILPOINTS
from matchbook.registry import Registry
from matchbook.settings import Settings
from tests.conftest import NOW
from tests.exporters.nights import (
    REGISTRY,
    applied,
    as_of,
    at_night,
    deliver,
    files,
    folder,
    held,
    publish_pairs,
    register,
    rows,
    suppress,
    told,
)
from tests.night_process import run_killed_at, tree
from tests.sizes import a_few_now

ONE, TWO, THREE = ("c1", "r1"), ("c2", "r2"), ("c3", "r3")

GOLDEN = Path(__file__).parent / "golden"


def night(settings: Settings, load_seq: int, seen: dict[tuple[str, str], int]) -> Settings:
    """Publish and deliver one night; the settings of that night."""
    tonight = at_night(settings, load_seq)
    publish_pairs(tonight, load_seq, seen)
    deliver(tonight)
    return tonight


def actions(path: Path) -> dict[tuple[str, str], str]:
    return {(r["partner_cookie_id"], r["crm_record_id"]): r["action"] for r in rows(path)}


def test_a_night_is_byte_for_byte_the_golden_file(settings: Settings) -> None:
    night(settings, 1, {ONE: 1, TWO: 1, ("=c;4", 'r"4,x'): 1})
    night(settings, 2, {ONE: 2, THREE: 2, ("=c;4", 'r"4,x'): 1})
    second = files(settings)[1]
    assert second.name == "matches_20261122_20261122T031000Z-2.csv"
    for written in [*files(settings), second.with_name(f"{second.name}.manifest.json")]:
        assert written.read_bytes() == (GOLDEN / written.name).read_bytes()


def test_add_seen_and_remove(settings: Settings) -> None:
    night(settings, 1, {ONE: 1, TWO: 1})
    night(settings, 2, {ONE: 2, THREE: 1})
    assert actions(files(settings)[1]) == {ONE: "seen", TWO: "remove", THREE: "add"}
    night(settings, 3, {ONE: 2, THREE: 1})
    assert actions(files(settings)[2]) == {}
    assert held(settings) == applied(settings) == {ONE, THREE}


def test_holdings_say_since_when(settings: Settings) -> None:
    first, second, fourth = (as_of(night).replace(tzinfo=None) for night in (1, 2, 4))
    night(settings, 1, {ONE: 1, TWO: 1})
    night(settings, 2, {ONE: 2, TWO: 1, THREE: 2})
    assert told(settings) == {ONE: (first, second), TWO: (first, first), THREE: (second, second)}
    night(settings, 3, {ONE: 2, THREE: 2})
    night(settings, 4, {ONE: 2, THREE: 2, TWO: 1})
    assert told(settings)[TWO] == (fourth, fourth), "what comes back begins anew"


def test_old_holdings_go_and_the_partners_audiences_stay(settings: Settings) -> None:
    night(settings, 1, {ONE: 1})
    [first] = (path for path in settings.holdings.rglob("*.parquet"))
    audience = first.parent / "audiences" / "a1" / "1.parquet"
    audience.parent.mkdir(parents=True)
    audience.write_bytes(b"who")
    night(settings, 2, {TWO: 2})
    night(settings, 3, {THREE: 3})
    assert sorted(path.is_dir() for path in first.parent.iterdir()) == [False, False, True]
    assert audience.is_file()
    assert not first.exists()


def test_a_missed_night_is_covered_by_the_next(settings: Settings) -> None:
    night(settings, 1, {ONE: 1})
    publish_pairs(settings, 2, {ONE: 2, TWO: 2})
    night(settings, 3, {ONE: 2, TWO: 2})
    assert actions(files(settings)[1]) == {ONE: "seen", TWO: "add"}
    manifest = json.loads(Path(f"{files(settings)[1]}.manifest.json").read_text())
    assert manifest["loads"] == {"after": 1, "up_to": 3}


def test_the_same_build_again_writes_nothing(settings: Settings) -> None:
    tonight = night(settings, 1, {ONE: 1})
    before = tree(settings.delivered) | tree(settings.holdings)
    suppress(settings, "record", ["r1"])
    again = deliver(tonight)
    assert (again.is_new, again.rows_added) == (False, 1)
    assert tree(settings.delivered) | tree(settings.holdings) == before


@pytest.mark.parametrize(("subject_type", "subject"), [("visitor", "v-c1"), ("record", "r1")])
def test_a_suppression_after_the_build_still_counts(
    settings: Settings, subject_type: str, subject: str
) -> None:
    night(settings, 1, {ONE: 1})
    publish_pairs(settings, 2, {ONE: 2, TWO: 2})
    suppress(settings, subject_type, [subject])
    deliver(at_night(settings, 2))
    assert actions(files(settings)[1]) == {ONE: "remove", TWO: "add"}
    night(settings, 3, {ONE: 3, TWO: 2})
    assert actions(files(settings)[2]) == {}


def test_only_suppressions_of_the_client_or_of_everyone_count(settings: Settings) -> None:
    suppress(settings, "visitor", ["v-c1"], client_id="fly")
    suppress(settings, "visitor", ["v-c2"], client_id=None)
    suppress(settings, "cep_contact", ["v-c3"])
    night(settings, 1, {ONE: 1, TWO: 1, THREE: 1})
    assert held(settings) == {ONE, THREE}


def test_the_manifest_tells_the_truth(settings: Settings) -> None:
    night(settings, 1, {ONE: 1, TWO: 1})
    (path,) = files(settings)
    manifest = json.loads(Path(f"{path}.manifest.json").read_text())
    assert manifest["sha256"] == sha256(path.read_bytes()).hexdigest()
    assert manifest["bytes"] == path.stat().st_size
    assert manifest["rows"] == {"add": 2, "seen": 0, "remove": 0}


def test_the_ledger_tells_what_was_delivered(settings: Settings) -> None:
    night(settings, 1, {ONE: 1, TWO: 1})
    night(settings, 2, {ONE: 2})
    first, second = deliveries.confirmed(settings)
    assert first.account == {"matched_pairs": 2, "unsure_pairs": 0}
    assert second.account == {"matched_pairs": 1, "unsure_pairs": 0}
    assert (second.from_load_seq, second.load_seq) == (1, 2)
    assert (second.rows_added, second.rows_seen, second.rows_removed) == (0, 1, 1)
    assert deliveries.last_confirmed(settings, "casa", "piano") == second
    (holding,) = deliveries.held(settings)
    assert (holding.version, holding.pairs) == (2, 1)


def test_before_the_first_publication(settings: Settings) -> None:
    with pytest.raises(SnapshotUnavailable, match="No file was written"):
        deliver_all(settings, registry=REGISTRY)


def test_a_partner_that_is_not_registered_gets_nothing(settings: Settings) -> None:
    publish_pairs(settings, 1, {ONE: 1})
    assert deliver_all(settings, registry=Registry()) == []
    assert not settings.delivered.exists()


def test_a_past_night_is_sent_again_as_it_was(settings: Settings, tmp_path: Path) -> None:
    first = night(settings, 1, {ONE: 1})
    night(settings, 2, {TWO: 2})
    elsewhere = LocalFolder(tmp_path / "elsewhere")
    before = tree(folder(settings))
    target = {"client_id": "casa", "partner_id": "piano", "day": NOW.date()}
    (again,) = redeliver(first, **target, destination=elsewhere)
    assert redeliver(first, **target) == [again]
    assert again.load_seq == 1
    sent = tree(elsewhere.folder)
    assert sent.items() <= before.items()
    assert len(sent) == 2
    assert tree(folder(settings)) == before
    assert held(settings) == {TWO}


def test_a_night_that_is_not_stored_cannot_be_sent_again(settings: Settings) -> None:
    night(settings, 1, {ONE: 1})
    for day in (NOW.date() - timedelta(days=1), NOW.date() + timedelta(days=1)):
        with pytest.raises(DestinationError, match="not stored"):
            redeliver(settings, client_id="casa", partner_id="piano", day=day)


@pytest.mark.parametrize("suffix", ["", ".manifest.json"])
def test_a_night_stored_in_part_is_not_sent_again(settings: Settings, suffix: str) -> None:
    night(settings, 1, {ONE: 1})
    Path(f"{files(settings)[0]}{suffix}").unlink()
    with pytest.raises(DestinationError, match="Nothing was sent"):
        redeliver(settings, client_id="casa", partner_id="piano", day=NOW.date())


def test_stored_bytes_go_after_thirty_days_and_the_ledger_stays(settings: Settings) -> None:
    night(settings, 1, {ONE: 1})
    night(settings, 31, {ONE: 31})
    assert len(files(settings)) == 2
    night(settings, 32, {ONE: 32})
    assert [path.name[8:16] for path in files(settings)] == ["20261221", "20261222"]
    assert len(deliveries.confirmed(settings)) == 3


@pytest.fixture(scope="module")
def second_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one delivered night and a second one that waits."""
    settings = Settings(home=tmp_path_factory.mktemp("second_night"), now=NOW)
    register(settings)
    night(settings, 1, {ONE: 1, TWO: 1})
    publish_pairs(settings, 2, {ONE: 2, THREE: 2})
    return settings.home


DELIVER_FAILPOINTS = [f for f in FAILPOINTS if f.startswith("deliver.")]


@pytest.fixture(scope="module", params=a_few_now(DELIVER_FAILPOINTS, *DELIVER_FAILPOINTS[1:3]))
def killed(
    request: pytest.FixtureRequest, second_night: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The home after the second delivery was killed, at each failpoint in turn."""
    home = tmp_path_factory.mktemp("killed") / "home"
    settings = at_night(Settings(home=Path(shutil.copytree(second_night, home))), 2)
    run_killed_at(settings, "deliver", request.param)
    return home


@pytest.fixture(scope="module")
def undisturbed(second_night: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    settings = at_night(Settings(home=Path(shutil.copytree(second_night, home))), 2)
    deliver(settings)
    return settings


def test_a_kill_and_a_rerun_end_like_an_undisturbed_run(
    settings: Settings, killed: Path, undisturbed: Settings
) -> None:
    shutil.copytree(killed, settings.home, dirs_exist_ok=True)
    deliver(at_night(settings, 2))
    for name in ("delivered", "holdings"):
        assert tree(settings.home / name) == tree(undisturbed.home / name)
    assert deliveries.confirmed(settings) == deliveries.confirmed(undisturbed)
    assert applied(settings) == held(settings) == {ONE, THREE}


def test_a_kill_and_a_newer_build_lose_and_double_nothing(settings: Settings, killed: Path) -> None:
    shutil.copytree(killed, settings.home, dirs_exist_ok=True)
    third = night(settings, 3, {TWO: 3, THREE: 2})
    assert applied(third) == held(third) == {TWO, THREE}
    assert not [*folder(third).glob("*.part"), *third.holdings.rglob("*.part")]
    assert len(list(folder(third).glob("*.csv"))) == len(files(third))
    assert deliveries.unsettled(third, "casa", "piano") == []
