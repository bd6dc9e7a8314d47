"""A client × partner over a channel, night after night: everything once, whatever happens."""

from __future__ import annotations

import csv
import io
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from exporters.stored import redeliver
from matchbook import partner_channels, state
from matchbook.errors import ConfigError
from matchbook.settings import Settings
from tests.conftest import NOW
from tests.exporters.channels import (
    data_files,
    deliver_at,
    ledger,
    night,
    open_channel,
    secret,
    stored,
    taken,
    there,
)
from tests.exporters.nights import publish_pairs, suppress
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
        if waits and moment.replace(tzinfo=None) < waits and minute % 60:
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
