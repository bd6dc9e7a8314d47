"""A client × partner over a channel, night after night: everything once, whatever happens."""

from __future__ import annotations

import csv
import io
import multiprocessing
import random
import shutil
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from exporters.delivery import deliver_all
from exporters.stored import redeliver
from matchbook import deliveries, partner_channels, registry, state
from matchbook.errors import Busy, ConfigError
from matchbook.failpoints import SENDING_FAILPOINTS
from matchbook.settings import Settings
from tests.conftest import NOW
from tests.exporters.channels import (
    deliver_at,
    is_final,
    ledger,
    night,
    open_channel,
    secret,
    stored,
    there,
)
from tests.exporters.nights import Pair, publish_pairs, suppress
from tests.night_process import run_killed_at
from tests.storage_servers import free_port

ONE, TWO, THREE = ("cx:a", "r1"), ("cx:b", "r2"), ("cx:c", "r3")
FIRST = NOW + timedelta(minutes=30)


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    folder = tmp_path / "drop"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(tmp_path: Path, drop: Path) -> Settings:
    """Piano, over a folder that is its own."""
    settings = Settings(home=tmp_path / "home", now=NOW)
    open_channel(settings, "piano", f"file://{drop}")
    return settings


def data_files(folder: Path) -> list[str]:
    return [name for name in there(folder) if "_manifest_" not in name]


def taken(folder: Path) -> set[Pair]:
    """What a partner holds that began empty and applied its files in the order of their names;
    it complains of what it was told twice."""
    held: set[Pair] = set()
    for name in data_files(folder):
        for row in csv.DictReader(io.StringIO(there(folder)[name].decode(), newline="")):
            pair = (row["cx_id"], row["external_id"])
            assert (row["action"] == "add") == (pair not in held), "lost or doubled"
            held.discard(pair) if row["action"] == "remove" else held.add(pair)
    return held


def test_a_night_is_the_partners_file_and_then_its_manifest(settings: Settings, drop: Path) -> None:
    night(settings, 1, {ONE: 1, TWO: 1}, "piano")
    assert list(there(drop)) == [
        "exports/piano/match/20261121.csv",
        "exports/piano/match/_manifest_20261121T033000Z.json",
    ]
    (delivery,) = ledger(settings)
    assert (delivery.state, delivery.receipt, delivery.attempts) == ("confirmed", "channel", 1)
    assert delivery.due_at == datetime(2026, 11, 21, 3, 30)
    assert taken(drop) == {ONE, TWO}
    assert there(drop) == stored(settings, delivery)


def test_the_first_file_over_a_channel_has_everything(settings: Settings, drop: Path) -> None:
    """What lay in our own folder until then, the partner never had."""
    made = partner_channels.get(settings, "casa", "piano")
    with state.begin(settings) as connection:
        connection.execute(state.partner_channels.delete())
    night(settings, 1, {ONE: 1}, "piano")
    assert there(drop) == {}
    assert ledger(settings)[0].receipt == "stored"
    fields = {"address": made.address, "overrides": made.overrides}
    partner_channels.add(settings, "casa", "piano", fields, by="test")
    assert night(settings, 2, {ONE: 1, TWO: 2}, "piano") is None, "not active yet"
    partner_channels.activate(settings, "casa", "piano", by="test")
    night(settings, 3, {ONE: 1, TWO: 2}, "piano")
    assert taken(drop) == {ONE, TWO}


def test_paused_and_resumed(settings: Settings, drop: Path) -> None:
    night(settings, 1, {ONE: 1}, "piano")
    partner_channels.pause(settings, "casa", "piano", by="test")
    assert night(settings, 2, {TWO: 2}, "piano") is None
    partner_channels.activate(settings, "casa", "piano", by="test")
    night(settings, 3, {TWO: 2, THREE: 3}, "piano")
    assert taken(drop) == {TWO, THREE}
    assert len(data_files(drop)) == 2


def test_builds_do_not_make_deliveries_more_often(settings: Settings, drop: Path) -> None:
    for load_seq in range(1, 6):
        publish_pairs(settings, load_seq, {ONE: 1, (f"cx:{load_seq}", "r"): load_seq}, "piano")
        deliver_at(settings, FIRST + timedelta(hours=load_seq))
    assert len(data_files(drop)) == 1
    deliver_at(settings, FIRST + timedelta(days=1))
    assert taken(drop) == {ONE, ("cx:5", "r")}


def test_a_name_with_a_date_only_has_one_delivery_a_day(settings: Settings, drop: Path) -> None:
    with pytest.raises(ConfigError, match="a day has one delivery"):
        open_channel(settings, "piano", f"file://{drop}", cadence_hours=12)
    open_channel(settings, "tealium", f"file://{drop}", cadence_hours=1)


def test_a_partner_that_was_away_gets_everything_once(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", now=NOW)
    held = secret(settings, "pw", "a password")
    dead = f"sftp://mb@127.0.0.1:{free_port()}/in"
    key = "ssh-ed25519 " + "A" * 68
    open_channel(settings, "piano", dead, credentials=held, host_key=key,
                 overrides={"channels": ["sftp"]})  # fmt: skip
    for load_seq in (1, 2, 3):
        night(settings, load_seq, {ONE: load_seq, (f"cx:{load_seq}", "r"): load_seq}, "piano")
    assert [one.state for one in ledger(settings)] == ["rejected", "rejected", "planned"]
    assert "cannot be reached" in (ledger(settings)[-1].reason or "")
    drop = tmp_path / "back"
    drop.mkdir()
    open_channel(settings, "piano", f"file://{drop}")
    night(settings, 4, {ONE: 4, ("cx:3", "r"): 3}, "piano")
    assert taken(drop) == {ONE, ("cx:3", "r")}
    assert len(data_files(drop)) == 1
    last = ledger(settings)[-1]
    assert (last.state, last.from_load_seq, last.load_seq) == ("confirmed", 0, 4)


def test_the_ladder(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", now=NOW)
    held = secret(settings, "pw", "a password")
    key = "ssh-ed25519 " + "A" * 68
    open_channel(settings, "tealium", f"sftp://mb@127.0.0.1:{free_port()}/in", credentials=held,
                 host_key=key)  # fmt: skip
    publish_pairs(settings, 1, {ONE: 1}, "tealium")
    attempts = []
    for minute in range(12 * 60):
        moment = FIRST + timedelta(minutes=minute)
        before = ledger(settings)[-1].attempts if ledger(settings) else 0
        waits = ledger(settings) and ledger(settings)[-1].next_attempt_at
        if waits and moment.replace(tzinfo=None) < waits and minute % 10:
            continue  # only now and then shows that nothing is tried
        deliver_at(settings, moment)
        if ledger(settings)[-1].attempts != before:
            attempts.append(minute)
    assert attempts == [0, 1, 6, 21, 81, 261, 621]


@pytest.mark.parametrize("row", ["DL04"])
def test_no_rights_and_then_exactly_one_file(settings: Settings, drop: Path, row: str) -> None:
    shutil.rmtree(drop)
    publish_pairs(settings, 1, {ONE: 1}, "piano")
    told = deliver_at(settings, FIRST)
    assert told is not None
    assert (told.state, told.is_new) == ("rejected", False)
    assert "is not there" in (told.reason or "")
    deliver_at(settings, FIRST + timedelta(minutes=20))
    assert ledger(settings)[0].attempts == 1, "a person has to look first"
    drop.mkdir()
    deliver_at(settings, FIRST + timedelta(minutes=30), retry=True)
    assert len(data_files(drop)) == 1
    assert taken(drop) == {ONE}


def test_a_replay_sends_the_stored_bytes(settings: Settings, drop: Path) -> None:
    for load_seq in (1, 2):
        night(settings, load_seq, {ONE: load_seq}, "piano")
    before = there(drop)
    first = "exports/piano/match/20261121.csv"
    (drop / first).unlink()  # the partner has taken it away
    for _ in range(2):
        redeliver(settings, client_id="casa", partner_id="piano", day=NOW.date())
    assert there(drop) == before
    assert len(ledger(settings)) == 2


@pytest.mark.parametrize("row", ["DL10"])
def test_who_opted_out_is_told_to_each_partner_that_has_them(
    settings: Settings, drop: Path, row: str
) -> None:
    night(settings, 1, {ONE: 1, TWO: 1}, "piano")
    publish_pairs(settings, 2, {ONE: 2, TWO: 2}, "piano")
    suppress(settings, "record", ["r1"])
    deliver_at(settings, FIRST + timedelta(days=1))
    last = there(drop)[data_files(drop)[-1]].decode()
    rows = [(row["cx_id"], row["action"]) for row in csv.DictReader(io.StringIO(last))]
    assert rows == [("cx:a", "remove"), ("cx:b", "seen")]
    assert ledger(settings)[-1].rows_suppressed == 1
    assert taken(drop) == {TWO}


def test_an_opt_out_while_a_file_waits_takes_the_person_out(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", now=NOW)
    drop = tmp_path / "drop"
    drop.mkdir()
    open_channel(settings, "piano", f"file://{drop}")
    drop.rename(tmp_path / "away")
    publish_pairs(settings, 1, {ONE: 1, TWO: 1}, "piano")
    deliver_at(settings, FIRST)
    suppress(settings, "record", ["r1"])
    (tmp_path / "away").rename(drop)
    deliver_at(settings, FIRST + timedelta(hours=7))
    assert taken(drop) == {TWO}


def test_removals_where_the_partner_has_no_way(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", now=NOW)
    drop = tmp_path / "drop"
    drop.mkdir()
    open_channel(settings, "spotler", f"file://{drop}", active=False)
    with pytest.raises(ConfigError, match="the client has not confirmed this: The UserID"):
        partner_channels.activate(settings, "casa", "spotler", by="test")
    made = partner_channels.confirm(settings, "casa", "spotler", by="J. Jansen")
    assert (made.confirmed_by, made.confirmed_at) == ("J. Jansen", NOW.replace(tzinfo=None))
    partner_channels.activate(settings, "casa", "spotler", by="test")
    night(settings, 1, {("sqzl1", "r1"): 1, ("sqzl2", "r2"): 1}, "spotler")
    night(settings, 2, {("sqzl1", "r1"): 1}, "spotler")
    last = ledger(settings)[-1]
    assert (last.rows_removed, last.rows_not_removable) == (1, 1)
    text = there(drop)["match_20261122.csv"].decode()
    assert "r2" not in text


KILLED = [(place, load_seq) for place in SENDING_FAILPOINTS for load_seq in (2, 3)]


@pytest.mark.parametrize(("place", "then"), KILLED)
def test_killed_while_sending(settings: Settings, drop: Path, place: str, then: int) -> None:
    """And run again for the same build, or for the one of the night after."""
    night(settings, 1, {ONE: 1, TWO: 1}, "piano")
    publish_pairs(settings, 2, {ONE: 2, THREE: 2}, "piano")
    tomorrow = replace(settings, now=FIRST + timedelta(days=1))
    run_killed_at(tomorrow, "deliver", place)
    assert ledger(settings)[-1].state == "sent"
    standing = {name: text for name, text in there(drop).items() if is_final(name)}
    assert standing.items() <= (standing | stored(settings, ledger(settings)[-1])).items()
    if then == 3:
        publish_pairs(settings, 3, {ONE: 2, THREE: 2, TWO: 3}, "piano")
    deliver_at(settings, FIRST + timedelta(days=then - 1, minutes=1))
    expected = {ONE, THREE} | ({TWO} if then == 3 else set())
    assert taken(drop) == expected
    assert [one.state for one in ledger(settings)][0 :: then - 1][-1] == "confirmed"
    assert deliveries.unsettled(settings, "casa", "piano") == []
    assert all(is_final(name) for name in there(drop))


NIGHT = st.fixed_dictionaries(
    {
        "appear": st.sets(st.sampled_from([ONE, TWO, THREE])),
        "vanish": st.sets(st.sampled_from([ONE, TWO, THREE]), max_size=2),
        "clock_off": st.sampled_from([0, 0, 0, 26, -26]),
        "runs": st.integers(0, 2),
        "is_away": st.booleans(),
    }
)


def act_out(nights: list[dict[str, object]], home: Path) -> None:
    """P22: and then a night on which all is well."""
    drop, gone = home / "drop", home / "gone"
    drop.mkdir()
    settings = Settings(home=home / "home", now=NOW)
    open_channel(settings, "piano", f"file://{drop}")
    seen: dict[Pair, int] = {}
    good = {"appear": set(), "vanish": set(), "clock_off": 0, "runs": 1, "is_away": False}
    for number, one in enumerate([*nights, good, good, good], start=1):
        seen |= dict.fromkeys(one["appear"], number)
        for pair in one["vanish"]:
            seen.pop(pair, None)
        publish_pairs(settings, number, seen, "piano")
        moment = FIRST + timedelta(days=number - 1, hours=one["clock_off"])
        if one["is_away"]:
            drop.rename(gone)
        for run in range(one["runs"]):
            deliver_at(settings, moment + timedelta(minutes=run))
        if one["is_away"]:
            gone.rename(drop)
    assert taken(drop) == set(seen)
    assert deliveries.unsettled(settings, "casa", "piano") == []


@examples(max_examples=6)
@given(nights=st.lists(NIGHT, min_size=1, max_size=5))
def test_p22_whatever_the_clock_does(nights: list[dict[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as home:
        act_out(nights, Path(home))


@pytest.mark.proof
@examples(max_examples=150)
@given(nights=st.lists(NIGHT, min_size=1, max_size=12))
def test_p22_many_histories(nights: list[dict[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as home:
        act_out(nights, Path(home))


def _race(home: Path, moment: datetime, outcome: multiprocessing.Queue[str]) -> None:
    settings = Settings(home=home, now=moment)
    try:
        deliver_all(settings, registry=registry.current(settings))
        outcome.put("done")
    except Busy:
        outcome.put("busy")


def race(settings: Settings, drop: Path, number: int) -> None:
    """P23: two at once behave as one."""
    context = multiprocessing.get_context("fork")
    publish_pairs(settings, number, {ONE: number, (f"cx:{number}", "r"): number}, "piano")
    outcome: multiprocessing.Queue[str] = context.Queue()
    moment = FIRST + timedelta(days=number - 1)
    both = [context.Process(target=_race, args=(settings.home, moment, outcome)) for _ in "ab"]
    for process in both:
        process.start()
    told = sorted(outcome.get(timeout=120) for _ in both)
    for process in both:
        process.join()
    assert told in (["busy", "done"], ["done", "done"])
    assert len(data_files(drop)) == number


def test_p23_two_at_once(settings: Settings, drop: Path) -> None:
    race(settings, drop, 1)
    assert taken(drop) == {ONE, ("cx:1", "r")}


@pytest.mark.proof
def test_p23_fifty_races(settings: Settings, drop: Path) -> None:
    for number in range(1, 51):
        race(settings, drop, number)
    assert taken(drop) == {ONE, ("cx:50", "r")}
    print("\nP23: 50 races of two deliveries, 50 files, each pair once")


@pytest.mark.proof
def test_p21_killed_at_any_moment(settings: Settings, drop: Path) -> None:
    """SIGKILL after a random time, over and over, until the delivery is through."""
    dice, kills, context = random.Random(5), 0, multiprocessing.get_context("fork")
    seen: dict[Pair, int] = {}
    for number in range(1, 16):
        seen |= {(f"cx:{number}-{n:05}", f"r{n}"): number for n in range(4000)}
        publish_pairs(settings, number, seen, "piano")
        moment = FIRST + timedelta(days=number - 1)
        for _ in range(4):
            arguments = (settings.home, moment, context.Queue())
            process = context.Process(target=_race, args=arguments)
            process.start()
            process.join(dice.uniform(0.0, 1.5))
            if process.is_alive():
                process.kill()
                kills += 1
            process.join()
        deliver_at(settings, moment + timedelta(hours=7), retry=True)
        assert len(data_files(drop)) == number
        assert all(is_final(name) for name in there(drop))
    assert taken(drop) == set(seen)
    for delivery in ledger(settings):
        assert stored(settings, delivery).items() <= there(drop).items()
    print(
        f"\nP21: 15 nights, {kills} kills at random moments; files per night 1, lost 0, doubled 0"
    )
