"""gzip and zip: the commands find them whole, and the same delta is the same bytes."""

from __future__ import annotations

import gzip
import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from exporters.formats import render
from matchbook.errors import ConfigError
from matchbook.partners import load_partners
from matchbook.warehouse import open_memory
from tests.exporters.formats.pairs import MOMENT, PAIRS, profile, rendered

NINE = [partner.partner_id for partner in load_partners()]


@pytest.mark.parametrize("partner_id", NINE)
def test_the_same_delta_is_the_same_bytes(partner_id: str, tmp_path: Path) -> None:
    form = profile(partner_id)
    once = rendered(form, tmp_path / "once")
    again = rendered(form, tmp_path / "again", reversed(PAIRS))
    assert [(f.name, f.sha256, f.bytes) for f in once] == [
        (f.name, f.sha256, f.bytes) for f in again
    ]
    for file in once:
        assert file.path == tmp_path / "once" / file.name
        assert hashlib.sha256(file.path.read_bytes()).hexdigest() == file.sha256
        assert file.path.stat().st_size == file.bytes


@pytest.mark.parametrize("partner_id", NINE)
def test_nothing_else_is_left_in_the_folder(partner_id: str, tmp_path: Path) -> None:
    files = rendered(profile(partner_id), tmp_path)
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == {f.path for f in files}


def test_gzip_finds_the_file_whole_and_without_a_time_or_name_in_it(tmp_path: Path) -> None:
    (file,) = rendered(profile("tealium"), tmp_path)
    subprocess.run(["gzip", "--test", file.path], check=True)
    head = file.path.read_bytes()[:10]
    assert head[:3] == b"\x1f\x8b\x08"
    assert head[3:8] == bytes(5), "no name, no time"


@pytest.mark.needs("unzip")
def test_a_zip_that_may_become_large_says_so_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (small,) = rendered(profile("selligent"), tmp_path / "small")
    monkeypatch.setattr("exporters.formats.rendering.LARGE_ROWS", 3)
    (large,) = rendered(profile("selligent"), tmp_path / "large")
    subprocess.run(["unzip", "-t", "-q", large.path], check=True)
    needed = [file.path.read_bytes()[4:6] for file in (small, large)]
    assert needed == [(20).to_bytes(2, "little"), (45).to_bytes(2, "little")]


@pytest.mark.needs("unzip")
def test_a_zip_has_one_member_named_as_the_file(tmp_path: Path) -> None:
    (file,) = rendered(profile("selligent"), tmp_path)
    subprocess.run(["unzip", "-t", "-q", file.path], check=True)
    assert file.name == "MATCH_20261122_031005.csv.zip"
    with zipfile.ZipFile(file.path) as archive:
        (member,) = archive.infolist()
    assert member.filename == "MATCH_20261122_031005.csv"
    assert member.date_time == (2026, 11, 22, 3, 10, 4), "zip keeps two seconds"


def test_a_zip_in_folders_keeps_them_out_of_the_archive(tmp_path: Path) -> None:
    (file,) = rendered(profile("piano", compression="zip"), tmp_path)
    assert file.name == "exports/piano/match/20261122.csv.zip"
    assert zipfile.ZipFile(file.path).namelist() == ["20261122.csv"]


def test_every_format_of_lines_can_be_packed(tmp_path: Path) -> None:
    (removals, matches) = rendered(profile("mediarithmics", compression="gzip"), tmp_path)
    assert removals.name.endswith(".ndjson.gz")
    assert gzip.decompress(matches.path.read_bytes()).count(b"\n") == matches.rows


def test_a_failure_in_the_middle_leaves_no_file(tmp_path: Path) -> None:
    with open_memory() as connection:
        connection.execute(
            "create temp view delta as select 'c' || i as partner_cookie_id, "
            "case when i = 9 then error('broken') else 'r' || i end as crm_record_id, "
            "'add' as action, null::varchar as last_seen_at from range(10) as t(i)"
        ).fetchall()
        with pytest.raises(Exception, match="broken"):
            render(connection, profile=profile("tealium"), moment=MOMENT, folder=tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_the_client_has_not_set_is_asked_for_before_a_byte(tmp_path: Path) -> None:
    form = next(p.delivery for p in load_partners() if p.partner_id == "mediarithmics")
    with pytest.raises(ConfigError, match="datamart, compartment"):
        rendered(form, tmp_path)
    assert list(tmp_path.iterdir()) == []
