"""Whole log files: every line ends as exactly one thing, whatever becomes of the file."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ingest.landing import recover
from ingest.pixel_logs import land_pixel_log
from matchbook.errors import ConfigError
from matchbook.keys import load_keys
from matchbook.settings import Settings
from matchbook.warehouse import open_warehouse
from tests import msweb
from tests.pixel_desk import HASH, Desk, json_line, landed_elsewhere
from tests.pixel_lines import (
    REGISTRY,
    combined,
    cookie,
    garbage,
    many_lines,
    sync,
    visitor,
)
from tests.sizes import a_few_now


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    with open_warehouse(settings) as connection:
        yield Desk(connection, settings)


@pytest.mark.parametrize("value", ["jo@mail.example", "+31612345678", "0612345678", "31612345678"])
def test_personal_ids_leave_no_excerpt(desk: Desk, value: str) -> None:
    assert desk.outcome(desk.ours(sync(value, partner="selligent"))) == (
        "quarantined", "personal_data",
    )  # fmt: skip
    assert desk.rows("select excerpt from raw.quarantine") == [(None,)]


def test_FL12_a_landed_file_changes_nothing(desk: Desk) -> None:
    lines = (desk.ours(sync()), "garbage", desk.ours("/other"))
    desk.land(*lines)
    again = desk.land(*lines, name="other name.log")
    assert (again.duplicate, again.lines) == (3, 3)
    packed = gzip.compress("".join(line + "\n" for line in lines).encode())
    assert desk.land_bytes(packed, name="a.log.gz").duplicate == 3
    assert desk.rows("select count(*) from raw.hits") == [(1,)]


def test_P13_a_grown_file_lands_its_new_lines_only(desk: Desk) -> None:
    first = (desk.ours(sync()) + "\n").encode()
    desk.land_bytes(first)
    grown = first * 2 + b'203.0.113.9 - - [20/Nov/2026:10:05:03 +0000] "GET /'
    assert desk.land_bytes(grown).duplicate == 1
    result = desk.land_bytes(grown + b' HTTP/1.1" 200 1 "-" "-"\n')
    assert (result.duplicate, result.not_ours) == (2, 1)
    assert desk.rows("select count(*) from raw.hits") == [(2,)]


def test_FL18_FL23_bad_lines_leave_their_neighbours_alone(desk: Desk) -> None:
    good = desk.ours(sync())
    result = desk.land(
        good, "x" * 3_000_000, good, "a\rb", good, "\udcff", good, "nul\0", good, "nothing", good
    )
    assert result.accepted == 6
    assert result.quarantined_by_reason == {
        "bad_encoding": 1, "control_char": 2, "too_long": 1, "unparseable": 1,
    }  # fmt: skip
    places = desk.rows("select line_number, byte_offset from raw.quarantine order by 1")
    assert places[0] == (2, len(good) + 1)


def test_excerpts_are_masked_and_short(desk: Desk) -> None:
    secret = f"jo.doe@mail.example 0612345678 {HASH} 203.0.113.77 {desk.cookie} "
    desk.land(secret + "é" * 300, name="é.log")
    ((excerpt,),) = desk.rows("select excerpt from raw.quarantine")
    assert len(excerpt.encode()) <= 200
    for part in ("jo.doe", "mail.example", "0612345678", HASH[:8], "203.0.113.77", visitor(1)):
        assert part not in excerpt


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("a\nb.log", id="FL24-newline"),
        pytest.param("x" * 250, id="FL24-long"),
        pytest.param("*.csv", id="FL25-glob"),
        pytest.param("a;b.log", id="FL25-semicolon"),
        pytest.param("$(id).log", id="FL25-shell"),
        pytest.param("a\udcff'.log", id="not-utf8"),
    ],
)
def test_names_are_metadata_only(desk: Desk, name: str) -> None:
    desk.land(desk.ours(sync()), name=name)
    ((stored,),) = desk.rows("select file_name from raw.loads")
    assert len(stored) <= 255
    assert stored.isprintable()


def test_FL24_a_name_from_elsewhere_stays_metadata(desk: Desk) -> None:
    path = desk.settings.home / "a.log"
    path.write_text(desk.ours(sync()))
    land_pixel_log(
        desk.connection, desk.settings, path, registry=REGISTRY, keys=desk.keys,
        inbox_name="../" * 100 + "tmp/x.log",
    )  # fmt: skip
    ((stored,),) = desk.rows("select file_name from raw.loads")
    assert len(stored) == 255


def test_FL26_a_small_disk_is_said_before_anything_is_loaded(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 10})
    with monkeypatch.context() as patch:
        patch.setattr("ingest.pixel_logs.load.shutil.disk_usage", lambda _: usage)
        with pytest.raises(ConfigError, match="Free some space"):
            desk.land(desk.ours(sync()))
    assert desk.rows("from raw.loads") == []
    assert desk.land(desk.ours(sync())).accepted == 1


def test_FL26_a_full_disk_half_way_lands_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("ingest.landing._write_ledger_entry", full)
        with pytest.raises(ConfigError, match="disk"):
            desk.land(desk.ours(sync()))
    recover(desk.connection, desk.settings)
    assert desk.rows("from raw.loads") == desk.rows("from raw.hits limit 0")
    assert desk.land(desk.ours(sync())).accepted == 1
    assert desk.rows("select count(*) from raw.hits") == [(1,)]


def test_FL27_a_foreign_log_reaches_nobody(desk: Desk) -> None:
    result = desk.land(*[desk.ours(sync(site="foreign"))] * 5)
    assert result.quarantined_by_reason == {"unknown_site": 5}
    assert desk.rows("select distinct client_id from raw.line_outcomes") == [(None,)]


@pytest.mark.parametrize(
    ("where", "host"),
    [
        ("", "PX.acme.example"),
        ("https://px.acme.example:8443", None),
        ("http://px.acme.example", "other.example"),
    ],
)
def test_the_collectors_host_names_the_client(desk: Desk, where: str, host: str | None) -> None:
    line = desk.ours(where + sync(site=None) + "&gdpr=0")
    assert desk.hit(line, "client_id, consent_basis", host=host) == ("acme", "gdpr_not_applicable")


def test_a_contact_beyond_all_numbers_is_one_bad_line(desk: Desk) -> None:
    url = f"/bakery/click?client=acme&contact={'9' * 19}&message=m&u=http%3A%2F%2Fa.nl&sig=x"
    assert desk.outcome(desk.ours(url + "&gdpr=0")) == ("quarantined", "bad_signature")


def test_an_empty_file_is_a_load_of_no_lines(desk: Desk) -> None:
    assert desk.land_bytes(b"").lines == 0


LINES = st.one_of(
    st.text(max_size=80), st.just(combined(sync())), st.just(combined("/other")),
    st.binary(max_size=40).map(lambda b: b.decode("utf-8", "surrogateescape")),
    st.builds(lambda q: combined("/bakery/page?" + q), st.text(max_size=40)),
    st.builds(lambda v: json_line(uri=v), st.text(max_size=40)),
)  # fmt: skip


@hypothesis_settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINES, max_size=40))
def test_conservation_law(desk: Desk, lines: list[str]) -> None:
    content = "\n".join(lines).encode("utf-8", "surrogatepass")
    wanted = sum(line.removesuffix(b"\r") != b"" for line in content.split(b"\n"))
    assert desk.land_bytes(content).lines == wanted


def test_P10_bad_lines_cost_no_good_line(desk: Desk) -> None:
    lines = list(many_lines(desk.keys, 3_000, ours=0.5, bad=0.1))
    result = desk.land(*lines)
    bad = 3_000 - result.accepted - result.not_ours
    random_ = random.Random(1)
    assert garbage(random_)
    assert result.quarantined == bad
    assert 200 < bad < 400


def test_FL19_one_endless_line_is_one_bad_line(desk: Desk) -> None:
    result = desk.land_bytes(b"x" * 40_000_000)
    assert result.quarantined_by_reason == {"too_long": 1}


@pytest.mark.proof
def test_FL19_two_gigabytes_without_a_newline(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "long.log"
    with path.open("wb") as file:
        for _ in range(2048):
            file.write(b"x" * 1024 * 1024)
    done = landed_elsewhere(settings, path)
    lines, _, quarantined, peak = map(int, done.stdout.split())
    print(f"\n2 GB line: peak memory {peak} MiB")
    assert (lines, quarantined) == (1, 1)
    assert peak < 256


@pytest.mark.proof
@pytest.mark.timed
def test_P10_ten_million_lines(settings: Settings, tmp_path: Path) -> None:
    import time

    path = tmp_path / "large.log"
    keys = load_keys(settings.keys)
    part = "".join(line + "\n" for line in many_lines(keys, 100_000, ours=0.05))
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        for _ in range(100):
            file.write(part)
    started = time.perf_counter()
    done = landed_elsewhere(settings, path)
    seconds = time.perf_counter() - started
    lines, _, quarantined, peak = map(int, done.stdout.split())
    print(f"\n10 M lines: {seconds:.0f} s (target 120), peak memory {peak} MiB")
    assert lines == 10_000_000
    assert 80_000 < quarantined < 120_000
    assert peak < 1024


@pytest.mark.parametrize(
    "place",
    a_few_now(
        ["landing.lake_written", "landing.before_commit", "landing.after_commit"],
        "landing.lake_written",
    ),
)
def test_P14_a_killed_load_is_all_or_nothing(settings: Settings, place: str) -> None:
    path = settings.home / "a.log"
    keys = load_keys(settings.keys)
    path.write_text(f"{combined(sync(), cookie=cookie(keys))}\ngarbage\n")
    done = landed_elsewhere(settings, path, MATCHBOOK_FAILPOINT=place)
    assert done.returncode == -9
    with open_warehouse(settings) as connection:
        recover(connection, settings)
        for table, count in (("loads", 1), ("hits", 1), ("quarantine", 1)):
            assert connection.execute(f"select count(*) from raw.{table}").fetchall() == [(count,)]
        again = land_pixel_log(connection, settings, path, registry=REGISTRY, keys=keys)
        assert again.duplicate == 2


def test_the_public_apache_log(settings: Settings, public_data: Path) -> None:
    then = replace(settings, now=datetime(2015, 5, 21, tzinfo=UTC))
    path = public_data / "w01_elastic_apache" / "apache_logs.log"
    with open_warehouse(then) as connection:
        result = land_pixel_log(
            connection, then, path, registry=REGISTRY, keys=load_keys(then.keys)
        )
        assert (result.lines, result.not_ours) == (10_000, 9_999)
        assert result.quarantined_by_reason == {"unparseable": 1}
        days = connection.execute("select distinct hit_date from raw.line_outcomes").fetchall()
        assert len(days) == 5


def test_the_public_msweb_week(settings: Settings, public_data: Path, tmp_path: Path) -> None:
    then = replace(settings, now=msweb.NOW)
    keys = load_keys(then.keys)
    path = tmp_path / "msweb.log"
    path.write_text("".join(line + "\n" for line in msweb.log_lines(public_data, keys)))
    with open_warehouse(then) as connection:
        result = land_pixel_log(connection, then, path, registry=msweb.REGISTRY, keys=keys)
        assert result.accepted == result.lines == 98_654 + 32_711
        query = "select count(distinct visitor_id), count(distinct section) from raw.hits"
        ((visitors, areas),) = connection.execute(query).fetchall()
        assert visitors == 32_711
        assert 280 < areas <= 294
